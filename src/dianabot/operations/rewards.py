"""Rewards are given in the transaction of their cause, once per cause and member."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from dianabot.kernel.ids import MemberId
from dianabot.operations import store
from dianabot.operations.unit import Unit
from dianabot.vocabulary import gifts
from dianabot.vocabulary.reason import Reason
from dianabot.vocabulary.reward import Reward, dump

Giver: TypeAlias = Callable[[Unit, MemberId, Any, str], Awaitable[None]]
"""Gives one gift of its kind to a locked member, for that cause."""

REASONS = {"decision": Reason.STORY, "fragment": Reason.STORY, "combination": Reason.HINT, "level": Reason.LEVEL}
"""Why besitos move, by the kind of deed that earned them."""


async def _besitos(unit: Unit, member: MemberId, gift: gifts.Besitos, cause: str) -> None:
    reason = REASONS[cause.partition(":")[0]]
    await unit.wallet.grant(member, gift.number, reason=reason, reference=cause)


async def _xp(unit: Unit, member: MemberId, gift: gifts.Xp, cause: str) -> None:
    await unit.levels.add_xp(member, gift.number, cause=cause)


async def _vip_days(unit: Unit, member: MemberId, gift: gifts.VipDays, cause: str) -> None:
    await unit.subscriptions.extend(member, gift.number, cause=cause)


async def _items(unit: Unit, member: MemberId, gift: gifts.Items, cause: str) -> None:
    for key, number in gift.quantities:
        await unit.mochila.add(member, key, number, cause=cause)


async def _hints(unit: Unit, member: MemberId, gift: gifts.Hints, cause: str) -> None:
    await unit.hints.give(member, gift.keys, cause=cause)


async def _unlock(unit: Unit, member: MemberId, gift: gifts.UnlockFragments, _: str) -> None:
    await unit.fragments.unlock(member, gift.keys)


async def _variables(unit: Unit, member: MemberId, gift: gifts.SetVariables, _: str) -> None:
    await unit.fragments.change_variables(member, gift.changes)


GIVERS: Mapping[str, Giver] = {
    gifts.Besitos.key: _besitos,
    gifts.Xp.key: _xp,
    gifts.VipDays.key: _vip_days,
    gifts.Items.key: _items,
    gifts.Hints.key: _hints,
    gifts.UnlockFragments.key: _unlock,
    gifts.SetVariables.key: _variables,
}
"""By the reward's key: each slice that can give something adds its own."""


async def grant(
    unit: Unit, member: MemberId, reward: Reward, cause: str, *, givers: Mapping[str, Giver] = GIVERS
) -> bool:
    """Give all of it, or nothing when this cause has rewarded her before. `cause` names one deed: `decision:812`.

    An empty reward leaves no trace, so that it may still be filled before the deed is repeated.
    """
    if not reward:
        return True
    if not await store.claim_reward(unit.tx, member, cause, dump(reward)):
        return False
    for gift in reward.gifts:
        await givers[gift.key](unit, member, gift, cause)
    return True
