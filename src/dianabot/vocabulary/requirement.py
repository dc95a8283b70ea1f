"""The composite requirement (*requisito compuesto*): a closed document of conditions, all of which must hold.

A key that no condition speaks for is refused when the document is read, so that no fan ever meets one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from dianabot.vocabulary.condition import Condition, Ref
from dianabot.vocabulary.conditions import CONDITIONS, From, Known, Until
from dianabot.vocabulary.document import Place

DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Requirement:
    """What must hold: each condition, every part of `every`, one of `either`, and not `never`."""

    conditions: tuple[Condition, ...] = ()
    every: "tuple[Requirement, ...]" = ()
    either: "tuple[Requirement, ...]" = ()
    never: "Requirement | None" = None

    @property
    def nested(self) -> "tuple[Requirement, ...]":
        return (*self.every, *self.either, *(() if self.never is None else (self.never,)))


NOTHING: Final = Requirement()


def parse(document: object, *, at: str = "", known: Known = CONDITIONS) -> Requirement:
    """Read it whole or refuse with `WrongDocument`; `at` is where it stands in a larger document."""
    if document == {}:
        return NOTHING
    place = Place(at)
    requirement = _read(document, place, known, depth=1)
    place.refuse_if_wrong("requirement")
    return requirement


def dump(requirement: Requirement) -> dict[str, Any]:
    written: dict[str, Any] = {condition.key: condition.write() for condition in requirement.conditions}
    if requirement.every:
        written["all"] = [dump(part) for part in requirement.every]
    if requirement.either:
        written["any"] = [dump(part) for part in requirement.either]
    if requirement.never is not None:
        written["not"] = dump(requirement.never)
    return written


def kinds_named(requirement: Requirement) -> frozenset[str]:
    """The kinds of standing that must be loaded to judge it."""
    own = (condition.kinds for condition in requirement.conditions)
    return frozenset().union(*own, *(kinds_named(part) for part in requirement.nested))


def refs(requirement: Requirement) -> frozenset[Ref]:
    """Everything of the world that it names."""
    own = (condition.refs() for condition in requirement.conditions)
    return frozenset().union(*own, *(refs(part) for part in requirement.nested))


def _read(document: object, place: Place, known: Known, *, depth: int) -> Requirement:
    table = place.table(document)
    if table is None:
        return Requirement()
    if depth > DEEPEST:
        place.wrong("too_deep", str(DEEPEST))
        return Requirement()
    conditions: dict[str, Condition] = {}
    for key in sorted(table.keys() - {"all", "any", "not"}):
        if key not in known:
            place.key(key).wrong("unknown_key", ", ".join([*sorted(known), "all", "any", "not"]))
            continue
        condition = known[key].read(table[key], place.key(key))
        if condition is not None:
            conditions[key] = condition
    _refuse_empty_span(conditions, place)
    parts = {key: _read_parts(table, key, place, known, depth) for key in ("all", "any")}
    never = _read_part(table["not"], place.key("not"), known, depth) if "not" in table else None
    return Requirement(tuple(conditions.values()), parts["all"], parts["any"], never)


def _read_parts(
    table: Mapping[str, object], key: str, place: Place, known: Known, depth: int
) -> tuple[Requirement, ...]:
    if key not in table:
        return ()
    here = place.key(key)
    parts = here.filled_list(table[key]) or []
    return tuple(_read_part(part, here.item(index), known, depth) for index, part in enumerate(parts))


def _read_part(document: object, place: Place, known: Known, depth: int) -> Requirement:
    """A part of a combinator must say something: an empty one would hold always, which nobody means."""
    if document == {}:
        place.wrong("empty")
        return Requirement()
    return _read(document, place, known, depth=depth + 1)


def _refuse_empty_span(conditions: Mapping[str, Condition], place: Place) -> None:
    begin, end = conditions.get(From.key), conditions.get(Until.key)
    if isinstance(begin, From) and isinstance(end, Until) and end.instant <= begin.instant:
        place.key(Until.key).wrong("never_true")
