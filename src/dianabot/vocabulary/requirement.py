"""The composite requirement (*requisito compuesto*): a closed document of conditions, all of which must hold.

One condition class a key. A new key is a class here or beside, added to `CONDITIONS`; a key that no class speaks for
is refused when the document is read, so that no fan ever meets one.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Self, TypeAlias

from dianabot.vocabulary.document import Json, Place
from dianabot.vocabulary.standing import PERSON, Standing

Plain: TypeAlias = str | int | bool | tuple[str, ...] | None

DEEPEST = 8
LANGUAGES = ("es", "en")


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing that a condition asks of a member, and how she stands towards it."""

    holds: bool
    need: Plain
    have: Plain
    which: str | None = None


class Condition(ABC):
    """The strategy of one key: reads its value, writes it back, and asks its demands of a standing."""

    key: ClassVar[str]
    kinds: ClassVar[frozenset[str]] = frozenset()
    """The parts of a standing that it looks at."""

    @classmethod
    @abstractmethod
    def read(cls, value: object, place: Place) -> Self | None:
        """None when something is wrong, which `place` has then been told."""

    @abstractmethod
    def write(self) -> Json: ...

    @abstractmethod
    def demands(self, standing: Standing) -> Sequence[Demand]:
        """All of them must hold."""


@dataclass(frozen=True, slots=True)
class Languages(Condition):
    key: ClassVar[str] = "languages"
    kinds: ClassVar[frozenset[str]] = frozenset({PERSON})
    languages: tuple[str, ...]

    @classmethod
    def read(cls, value: object, place: Place) -> Self | None:
        listed = place.filled_list(value)
        if listed is None:
            return None
        for index, language in enumerate(listed):
            if language not in LANGUAGES:
                place.item(index).wrong("not_one_of", ", ".join(LANGUAGES))
        return cls(tuple(sorted({str(language) for language in listed})))

    def write(self) -> Json:
        return list(self.languages)

    def demands(self, standing: Standing) -> Sequence[Demand]:
        language = standing.person.language
        return (Demand(language in self.languages, self.languages, language),)


@dataclass(frozen=True, slots=True)
class From(Condition):
    """From that instant on."""

    key: ClassVar[str] = "from"
    instant: datetime

    @classmethod
    def read(cls, value: object, place: Place) -> Self | None:
        instant = _instant(value, place)
        return None if instant is None else cls(instant)

    def write(self) -> Json:
        return self.instant.isoformat()

    def demands(self, standing: Standing) -> Sequence[Demand]:
        return (Demand(standing.at >= self.instant, self.instant.isoformat(), standing.at.isoformat()),)


@dataclass(frozen=True, slots=True)
class Until(Condition):
    """Before that instant."""

    key: ClassVar[str] = "until"
    instant: datetime

    @classmethod
    def read(cls, value: object, place: Place) -> Self | None:
        instant = _instant(value, place)
        return None if instant is None else cls(instant)

    def write(self) -> Json:
        return self.instant.isoformat()

    def demands(self, standing: Standing) -> Sequence[Demand]:
        return (Demand(standing.at < self.instant, self.instant.isoformat(), standing.at.isoformat()),)


def _instant(value: object, place: Place) -> datetime | None:
    """An instant in ISO 8601 with its offset; a local time would mean another moment to each reader."""
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
        if instant is not None and instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    place.wrong("wrong_type", "instant")
    return None


Known: TypeAlias = Mapping[str, type[Condition]]

CONDITIONS: Known = {condition.key: condition for condition in (Languages, From, Until)}


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


def parse(document: object, *, at: str = "", known: Known = CONDITIONS) -> Requirement:
    """Read it whole or refuse with `WrongDocument`; `at` is where it stands in a larger document."""
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
