"""Where a member stands, gathered from the slices that the question names (the UserStateManager of plans)."""

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from dianabot.kernel.ids import MemberId
from dianabot.operations.unit import Unit
from dianabot.vocabulary.standing import (
    CLUB,
    DECISIONS,
    FRAGMENTS,
    HINTS,
    ITEMS,
    LEVEL,
    PERSON,
    PURSE,
    VARIABLES,
    Standing,
)

KINDS: dict[str, Callable[[Unit, MemberId], Coroutine[Any, Any, object]]] = {
    PERSON: lambda unit, member: unit.members.person(member),
    CLUB: lambda unit, member: unit.subscriptions.club(member),
    PURSE: lambda unit, member: unit.wallet.besitos(member),
    LEVEL: lambda unit, member: unit.levels.level(member),
    ITEMS: lambda unit, member: unit.mochila.quantities(member),
    FRAGMENTS: lambda unit, member: unit.fragments.completed(member),
    DECISIONS: lambda unit, member: unit.fragments.decisions(member),
    VARIABLES: lambda unit, member: unit.fragments.variables(member),
    HINTS: lambda unit, member: unit.hints.keys(member),
}
"""Each slice's part."""


async def standing(unit: Unit, member: MemberId, kinds: Iterable[str]) -> Standing:
    """Only the kinds named, all as of this transaction, asked for in one round trip."""
    wanted = sorted(kinds)
    if not wanted:
        return Standing(unit.tx.at)
    parts = await unit.tx.together(*(KINDS[kind](unit, member) for kind in wanted))
    return Standing(unit.tx.at, dict(zip(wanted, parts, strict=True)))
