"""Rewards are given in the transaction of their cause, once per cause and member."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from dianabot.kernel.ids import MemberId
from dianabot.operations import store
from dianabot.operations.unit import Unit
from dianabot.vocabulary.reward import Reward, dump

Giver: TypeAlias = Callable[[Unit, MemberId, Any, str], Awaitable[None]]
"""Gives one gift of its kind to a locked member, for that cause."""

GIVERS: Mapping[str, Giver] = {}
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
