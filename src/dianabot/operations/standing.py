"""Where a member stands, gathered from the slices that the question names (the UserStateManager of plans)."""

from collections.abc import Awaitable, Callable, Iterable

from dianabot.kernel.ids import MemberId
from dianabot.operations.unit import Unit
from dianabot.vocabulary.standing import PERSON, Standing

KINDS: dict[str, Callable[[Unit, MemberId], Awaitable[object]]] = {
    PERSON: lambda unit, member: unit.members.person(member),
}
"""Each slice's part."""


async def standing(unit: Unit, member: MemberId, kinds: Iterable[str]) -> Standing:
    """Only the kinds named, all as of this transaction."""
    return Standing(unit.tx.at, {kind: await KINDS[kind](unit, member) for kind in sorted(kinds)})
