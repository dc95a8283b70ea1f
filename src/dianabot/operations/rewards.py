"""Rewards are given in the transaction of their cause, once per cause and member."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from dianabot.kernel.ids import MemberId
from dianabot.operations import store
from dianabot.operations.unit import Unit
from dianabot.vocabulary.gift import Gift
from dianabot.vocabulary.gifts import Besitos, Hints, Items, SetVariables, UnlockFragments, VipDays, Xp
from dianabot.vocabulary.reason import Reason
from dianabot.vocabulary.reward import Reward, dump

Giver: TypeAlias = Callable[[Unit, MemberId, Any, str], Awaitable[Gift | None]]
"""Gives one gift of its kind to a locked member, for that cause; what came of it: she may have (some of) it already."""

REASONS: Mapping[str, Reason] = {"level": Reason.LEVEL, "combination": Reason.HINT}
"""Why besitos move, by the kind of deed; all others are the story's."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What earns a reward; `cause` names it: `decision:hall.open`, `fragment:hall`, `combination:map`, `level:3`."""

    cause: str
    reward: Reward


async def _besitos(unit: Unit, member: MemberId, gift: Besitos, cause: str) -> Besitos | None:
    reason = REASONS.get(cause.partition(":")[0], Reason.STORY)
    granted = await unit.wallet.grant(member, gift.number, reason=reason, reference=cause)
    return Besitos(granted.amount) if granted.amount else None


async def _xp(unit: Unit, member: MemberId, gift: Xp, cause: str) -> Xp:
    await unit.levels.add_xp(member, gift.number, cause=cause)
    return gift


async def _vip_days(unit: Unit, member: MemberId, gift: VipDays, cause: str) -> VipDays:
    await unit.subscriptions.extend(member, gift.number, cause=cause)
    return gift


async def _items(unit: Unit, member: MemberId, gift: Items, cause: str) -> Items | None:
    added = [(key, await unit.mochila.add(member, key, quantity, cause=cause)) for key, quantity in gift.quantities]
    came = tuple((key, quantity) for key, quantity in added if quantity)
    return Items(came) if came else None


async def _hints(unit: Unit, member: MemberId, gift: Hints, cause: str) -> Hints | None:
    new = await unit.hints.give(member, gift.keys, cause=cause)
    return Hints(tuple(new)) if new else None


async def _unlock(unit: Unit, member: MemberId, gift: UnlockFragments, _: str) -> UnlockFragments | None:
    new = await unit.fragments.unlock(member, gift.keys)
    return UnlockFragments(tuple(new)) if new else None


async def _variables(unit: Unit, member: MemberId, gift: SetVariables, _: str) -> SetVariables:
    await unit.fragments.change_variables(member, gift.changes)
    return gift


GIVERS: Mapping[str, Giver] = {
    Besitos.key: _besitos,
    Xp.key: _xp,
    VipDays.key: _vip_days,
    Items.key: _items,
    Hints.key: _hints,
    UnlockFragments.key: _unlock,
    SetVariables.key: _variables,
}
"""By the reward's key: each slice that can give something has its own."""


async def grant(
    unit: Unit, member: MemberId, reward: Reward, cause: str, *, givers: Mapping[str, Giver] = GIVERS
) -> bool:
    """Give all of it, or nothing when this cause has rewarded her before."""
    new = await claim(unit, member, [Deed(cause, reward)])
    await give(unit, member, new, givers=givers)
    return bool(new) or not reward


async def claim(unit: Unit, member: MemberId, deeds: Iterable[Deed]) -> list[Deed]:
    """Those that have not rewarded her before; from now on they have.

    An empty reward leaves no trace, so that it may still be filled before the deed is repeated.
    """
    rewarding = [deed for deed in deeds if deed.reward]
    if not rewarding:
        return []
    new = await store.claim_rewards(unit.tx, member, {deed.cause: dump(deed.reward) for deed in rewarding})
    return [deed for deed in rewarding if deed.cause in new]


async def give(unit: Unit, member: MemberId, deeds: Sequence[Deed], *, givers: Mapping[str, Giver] = GIVERS) -> Reward:
    """Hand over what was claimed; all that came, as one. The kinds know nothing of each other and share round trips."""
    kinds = sorted({gift.key for deed in deeds for gift in deed.reward.gifts})

    async def hand_over(kind: str) -> list[Gift | None]:
        return [
            await givers[kind](unit, member, gift, deed.cause)
            for deed in deeds
            for gift in deed.reward.gifts
            if gift.key == kind
        ]

    handed = await unit.tx.together(*(hand_over(kind) for kind in kinds))
    return sum((Reward((gift,)) for gifts in handed for gift in gifts if gift is not None), Reward())
