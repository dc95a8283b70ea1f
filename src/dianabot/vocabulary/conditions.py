"""The strategies of a requirement: one class a key. A new key is a class here, added to `CONDITIONS`."""

import operator
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Self, TypeAlias

from dianabot.vocabulary.condition import Condition, Demand, Ref
from dianabot.vocabulary.document import Json, Place
from dianabot.vocabulary.keys import NAME, Value, keys_in, quantities_in, value_in, whole
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

LANGUAGES = ("es", "en")


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


@dataclass(frozen=True, slots=True)
class VipRequired(Condition):
    """`true`: a member of the club; `false`: only who is none."""

    key: ClassVar[str] = "vip_required"
    kinds: ClassVar[frozenset[str]] = frozenset({CLUB})
    vip: bool

    @classmethod
    def read(cls, value: object, place: Place) -> Self | None:
        if isinstance(value, bool):
            return cls(value)
        place.wrong("wrong_type", "yes_or_no")
        return None

    def write(self) -> Json:
        return self.vip

    def demands(self, standing: Standing) -> Sequence[Demand]:
        vip = standing.club.vip
        return (Demand(vip == self.vip, self.vip, vip),)


@dataclass(frozen=True, slots=True)
class AtLeast(Condition):
    """A whole number that some amount of hers must reach."""

    number: int

    @classmethod
    def read(cls, value: object, place: Place) -> Self | None:
        number = whole(value, place)
        return None if number is None else cls(number)

    def write(self) -> Json:
        return self.number

    def demands(self, standing: Standing) -> Sequence[Demand]:
        have = self.amount(standing)
        return (Demand(have >= self.number, self.number, have),)

    @abstractmethod
    def amount(self, standing: Standing) -> int: ...


class MinLevel(AtLeast):
    key: ClassVar[str] = "min_level"
    kinds: ClassVar[frozenset[str]] = frozenset({LEVEL})

    def amount(self, standing: Standing) -> int:
        return standing.level


class MinBesitos(AtLeast):
    key: ClassVar[str] = "min_besitos"
    kinds: ClassVar[frozenset[str]] = frozenset({PURSE})

    def amount(self, standing: Standing) -> int:
        return standing.besitos


class MinStreak(AtLeast):
    key: ClassVar[str] = "min_streak"
    kinds: ClassVar[frozenset[str]] = frozenset({PERSON})

    def amount(self, standing: Standing) -> int:
        return standing.person.streak


@dataclass(frozen=True, slots=True)
class RequiredItems(Condition):
    """Items by key, each with how many; written as a list when one of each is enough."""

    key: ClassVar[str] = "required_items"
    kinds: ClassVar[frozenset[str]] = frozenset({ITEMS})
    quantities: tuple[tuple[str, int], ...]

    @classmethod
    def read(cls, value: object, place: Place) -> Self | None:
        quantities = quantities_in(value, place)
        return None if quantities is None else cls(quantities)

    def write(self) -> Json:
        return dict(self.quantities)

    def demands(self, standing: Standing) -> Sequence[Demand]:
        have = standing.items
        return [Demand(have.get(key, 0) >= need, need, have.get(key, 0), key) for key, need in self.quantities]

    def refs(self) -> Iterable[Ref]:
        return [Ref("item", key) for key, _ in self.quantities]


@dataclass(frozen=True, slots=True)
class AllOf(Condition):
    """Keys of one kind, each of which she must have."""

    about: ClassVar[str]
    keys: tuple[str, ...]

    @classmethod
    def read(cls, value: object, place: Place) -> Self | None:
        keys = keys_in(value, place)
        return None if keys is None else cls(keys)

    def write(self) -> Json:
        return list(self.keys)

    def demands(self, standing: Standing) -> Sequence[Demand]:
        have = self.had(standing)
        return [Demand(key in have, need=True, have=key in have, which=key) for key in self.keys]

    def refs(self) -> Iterable[Ref]:
        return [Ref(self.about, key) for key in self.keys]

    @abstractmethod
    def had(self, standing: Standing) -> frozenset[str]: ...


class RequiredFragments(AllOf):
    """Completed ones."""

    key: ClassVar[str] = "required_fragments"
    kinds: ClassVar[frozenset[str]] = frozenset({FRAGMENTS})
    about: ClassVar[str] = "fragment"

    def had(self, standing: Standing) -> frozenset[str]:
        return standing.fragments


class RequiredDecisions(AllOf):
    """Each as `fragment.decision`."""

    key: ClassVar[str] = "required_decisions"
    kinds: ClassVar[frozenset[str]] = frozenset({DECISIONS})
    about: ClassVar[str] = "decision"

    def had(self, standing: Standing) -> frozenset[str]:
        return standing.decisions


class RequiredHints(AllOf):
    key: ClassVar[str] = "required_hints"
    kinds: ClassVar[frozenset[str]] = frozenset({HINTS})
    about: ClassVar[str] = "hint"

    def had(self, standing: Standing) -> frozenset[str]:
        return standing.hints


COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
Comparison: TypeAlias = tuple[str, str, Value]
"""Variable, sign, value."""


@dataclass(frozen=True, slots=True)
class Variables(Condition):
    """Story variables: `{trust: {">=": 3}, met_diana: true}`; a bare value means `=`."""

    key: ClassVar[str] = "variables"
    kinds: ClassVar[frozenset[str]] = frozenset({VARIABLES})
    comparisons: tuple[Comparison, ...]

    @classmethod
    def read(cls, value: object, place: Place) -> Self | None:
        table = place.table(value)
        if not table:
            if table is not None:
                place.wrong("empty")
            return None
        found: list[Comparison] = []
        for name in sorted(table):
            here = place.key(name)
            if NAME.fullmatch(name) is None:
                here.wrong("not_allowed", "text")
            found += _comparisons(name, table[name], here)
        return cls(tuple(found))

    def write(self) -> Json:
        written: dict[str, Json] = {}
        for name, sign, value in self.comparisons:
            signs = written.setdefault(name, {})
            assert isinstance(signs, dict)
            signs[sign] = value
        return written

    def demands(self, standing: Standing) -> Sequence[Demand]:
        return [
            Demand(compares(standing.variables.get(name), sign, value), f"{sign} {_said(value)}",
                   _said(standing.variables.get(name)), name)
            for name, sign, value in self.comparisons
        ]  # fmt: skip

    def refs(self) -> Iterable[Ref]:
        return [Ref("variable", name) for name, _, _ in self.comparisons]


def compares(have: Value | None, sign: str, need: Value) -> bool:
    """Values of different kinds are unequal, and neither is the greater."""
    if type(have) is not type(need):
        return sign == "!="
    return COMPARE[sign](have, need)


def _comparisons(name: str, written: object, place: Place) -> list[Comparison]:
    if not isinstance(written, Mapping):
        value = value_in(written, place)
        return [] if value is None else [(name, "=", value)]
    found: list[Comparison] = []
    if not written:
        place.wrong("empty")
    for sign in sorted(written, key=str):
        value = value_in(written[sign], place.key(str(sign)))
        if sign not in COMPARE:
            place.key(str(sign)).wrong("unknown_key", " ".join(COMPARE))
        elif value is not None and (sign in {"=", "!="} or type(value) is int):
            found.append((name, sign, value))
        elif value is not None:
            place.key(sign).wrong("wrong_type", "whole_number")
    return found


def _said(value: Value | None) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


Known: TypeAlias = Mapping[str, type[Condition]]

CONDITIONS: Known = {
    condition.key: condition
    for condition in (
        Languages, From, Until, VipRequired, MinLevel, MinBesitos, MinStreak, RequiredItems, RequiredFragments,
        RequiredDecisions, RequiredHints, Variables,
    )
}  # fmt: skip
