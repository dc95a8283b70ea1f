"""Whether a member meets a requirement, inside the transaction that acts on it, and if not how she can."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

from dianabot.kernel.errors import Refusal
from dianabot.kernel.events import MemberFact
from dianabot.kernel.ids import MemberId
from dianabot.operations import store
from dianabot.operations.standing import standing
from dianabot.operations.unit import Unit
from dianabot.vocabulary.conditions import (
    From,
    Languages,
    MinBesitos,
    MinLevel,
    RequiredDecisions,
    RequiredFragments,
    RequiredHints,
    RequiredItems,
    Until,
    VipRequired,
)
from dianabot.vocabulary.missing import ONE_OF, THINGS, Missing, Way, missing
from dianabot.vocabulary.requirement import Requirement, kinds_named


class RequirementsFailed(MemberFact):
    """She tried what she does not meet yet; `missing` names the kinds of things."""

    event_type: ClassVar[str] = "coordinator.requirements_failed"
    missing: tuple[str, ...]


class RequirementsNotMet(Refusal):
    """Everything that is missing, each as `Missing.to_json`, with the ways to get it."""

    missing: list[dict[str, Any]]

    @property
    def lacking(self) -> list[Missing]:
        return [Missing.from_json(each) for each in self.missing]


WayTo = Callable[[Unit, MemberId, Missing], Awaitable[tuple[Way, ...]]]


async def _settings(_: Unit, __: MemberId, ___: Missing) -> tuple[Way, ...]:
    return (Way("settings", "language"),)


async def _wait(_: Unit, __: MemberId, lacking: Missing) -> tuple[Way, ...]:
    return (Way("wait", str(lacking.need)),)


async def _join(_: Unit, __: MemberId, ___: Missing) -> tuple[Way, ...]:
    return (Way("vip", "offer"),)


async def _read(_: Unit, __: MemberId, ___: Missing) -> tuple[Way, ...]:
    return (Way("story", "read"),)


async def _go_there(_: Unit, __: MemberId, lacks: Missing) -> tuple[Way, ...]:
    """A decision is taken in its fragment."""
    return (Way("fragment", (lacks.which or "").partition(".")[0]),)


async def _find(unit: Unit, _: MemberId, lacks: Missing) -> tuple[Way, ...]:
    """Wherever the world, as it is published, gives it."""
    places = await store.where_found(unit.tx, THINGS[lacks.what], lacks.which or "")
    return tuple(Way(place.kind, place.key) for place in places)


WAYS: dict[str, WayTo] = {
    Languages.key: _settings,
    From.key: _wait,
    VipRequired.key: _join,
    MinLevel.key: _read,
    MinBesitos.key: _read,
    RequiredItems.key: _find,
    RequiredHints.key: _find,
    RequiredFragments.key: _go_there,
    RequiredDecisions.key: _go_there,
}
"""The ways to get what is missing, by the requirement's key. A moment that has passed has none."""

OPPOSITE_WAYS: dict[str, WayTo] = {Languages.key: _settings, Until.key: _wait}
"""The same for what must not be met."""


async def lacking(unit: Unit, member: MemberId, requirement: Requirement) -> list[Missing]:
    """Everything that is missing, with ways; empty exactly when it holds."""
    stands = await standing(unit, member, kinds_named(requirement))
    return [await with_ways(unit, member, each) for each in missing(requirement, stands)]


async def require(unit: Unit, member: MemberId, requirement: Requirement) -> None:
    """Refuse, and let the fact stand, unless she meets it."""
    refuse(member, await lacking(unit, member, requirement))


def refuse(member: MemberId, lacks: Sequence[Missing]) -> None:
    """With everything that she lacks, if there is anything."""
    if lacks:
        what = tuple(sorted({each.what for each in lacks}))
        refusal = RequirementsNotMet([each.to_json() for each in lacks])
        raise refusal.announcing(RequirementsFailed(member=member, missing=what))


async def with_ways(unit: Unit, member: MemberId, lacks: Missing) -> Missing:
    """The same, and how she can get it."""
    if lacks.what == ONE_OF:
        options = [[await with_ways(unit, member, each) for each in option] for option in lacks.options]
        return lacks.with_options(options)
    way_to = (OPPOSITE_WAYS if lacks.opposite else WAYS).get(lacks.what)
    return lacks if way_to is None else lacks.with_ways(*await way_to(unit, member, lacks))
