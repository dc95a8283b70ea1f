"""The kinds of gift in a reward: one class a key. A new kind is a class here, added to `GIFTS`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self, TypeAlias

from dianabot.vocabulary.condition import Ref
from dianabot.vocabulary.document import Json, Place
from dianabot.vocabulary.gift import Gift
from dianabot.vocabulary.keys import MOST, NAME, Value, keys_in, quantities_in, value_in, whole, within


@dataclass(frozen=True, slots=True)
class Amount(Gift):
    number: int

    @classmethod
    def read(cls, value: object, place: Place) -> Self | None:
        number = whole(value, place)
        return None if number is None else cls(number)

    def write(self) -> Json:
        return self.number

    def plus(self, other: Self) -> Self:
        return type(self)(self.number + other.number)


class Besitos(Amount):
    key: ClassVar[str] = "besitos"


class Xp(Amount):
    key: ClassVar[str] = "xp"


class VipDays(Amount):
    key: ClassVar[str] = "vip_days"


@dataclass(frozen=True, slots=True)
class Items(Gift):
    key: ClassVar[str] = "items"
    quantities: tuple[tuple[str, int], ...]

    @classmethod
    def read(cls, value: object, place: Place) -> Self | None:
        quantities = quantities_in(value, place)
        return None if quantities is None else cls(quantities)

    def write(self) -> Json:
        return dict(self.quantities)

    def plus(self, other: Self) -> Self:
        both = dict(self.quantities)
        for key, number in other.quantities:
            both[key] = both.get(key, 0) + number
        return type(self)(tuple(sorted(both.items())))

    def refs(self) -> Iterable[Ref]:
        return [Ref("item", key) for key, _ in self.quantities]


@dataclass(frozen=True, slots=True)
class Keys(Gift):
    about: ClassVar[str]
    keys: tuple[str, ...]

    @classmethod
    def read(cls, value: object, place: Place) -> Self | None:
        keys = keys_in(value, place)
        return None if keys is None else cls(keys)

    def write(self) -> Json:
        return list(self.keys)

    def plus(self, other: Self) -> Self:
        return type(self)(tuple(dict.fromkeys((*self.keys, *other.keys))))

    def refs(self) -> Iterable[Ref]:
        return [Ref(self.about, key) for key in self.keys]


class Hints(Keys):
    key: ClassVar[str] = "hints"
    about: ClassVar[str] = "hint"


class UnlockFragments(Keys):
    """From then on she may enter them, whatever they require."""

    key: ClassVar[str] = "unlock_fragments"
    about: ClassVar[str] = "fragment"


Change: TypeAlias = tuple[str, str, Value]
"""Variable, `=` or `+`, value."""


@dataclass(frozen=True, slots=True)
class SetVariables(Gift):
    """Story variables: `{met_diana: true, trust: "+1"}`; a text of sign and number adds, anything else sets."""

    key: ClassVar[str] = "variables"
    changes: tuple[Change, ...]

    @classmethod
    def read(cls, value: object, place: Place) -> Self | None:
        table = place.table(value)
        if not table:
            if table is not None:
                place.wrong("empty")
            return None
        changes = []
        for name in sorted(table):
            here = place.key(name)
            if NAME.fullmatch(name) is None:
                here.wrong("not_allowed", "text")
            written = value_in(table[name], here)
            if written is None:
                continue
            sign, number = _change(written)
            if sign == "+" and isinstance(number, int) and abs(number) > MOST:
                here.wrong("out_of_range", f"≤ {MOST}")
            changes.append((name, sign, number))
        return cls(tuple(changes))

    def write(self) -> Json:
        return {name: f"{value:+d}" if sign == "+" else value for name, sign, value in self.changes}

    def plus(self, other: Self) -> Self:
        both = {name: (sign, value) for name, sign, value in self.changes}
        for name, sign, value in other.changes:
            before, number = both.get(name, ("+", 0))
            if sign == "+" and isinstance(value, int) and isinstance(number, int) and not isinstance(number, bool):
                both[name] = (before, within(number + value))
            else:
                both[name] = (sign, value)
        return type(self)(tuple((name, *both[name]) for name in sorted(both)))

    def refs(self) -> Iterable[Ref]:
        return [Ref("variable", name) for name, _, _ in self.changes]


def _change(written: Value) -> tuple[str, Value]:
    if isinstance(written, str) and written[0] in "+-" and written[1:].isascii() and written[1:].isdigit():
        return "+", int(written)
    return "=", written


def changed(variables: Mapping[str, Value], changes: Iterable[Change]) -> dict[str, Value]:
    """The variables after these changes, in their order. What was no number counts from 0; none goes beyond `MOST`."""
    after = dict(variables)
    for name, sign, value in changes:
        before = after.get(name)
        if sign == "+" and isinstance(value, int):
            after[name] = within(value + (before if isinstance(before, int) and not isinstance(before, bool) else 0))
        else:
            after[name] = value
    return after


Known: TypeAlias = Mapping[str, type[Gift]]

GIFTS: Known = {gift.key: gift for gift in (Besitos, Xp, VipDays, Items, Hints, UnlockFragments, SetVariables)}
