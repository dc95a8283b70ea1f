"""What a button carries: a few typed words in at most 64 bytes.

Whatever comes back may be forged, stale or from another version, so reading answers None instead of raising; who may
do what is asked again when it is done.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Final, Self, dataclass_transform

MOST_BYTES: Final = 64
_SEPARATOR: Final = ":"
_LONGEST_NUMBER: Final = 18  # what a bigint surely holds


@dataclass_transform(frozen_default=True)
class Callback:
    """One kind of button. A subclass is a frozen dataclass of `int` and `str` fields by itself.

    `prefix` is written on buttons that people keep for years: never reuse one for something else.
    """

    prefix: ClassVar[str]
    known: ClassVar[dict[str, type["Callback"]]] = {}

    def __init_subclass__(cls, *, prefix: str) -> None:
        dataclass(frozen=True)(cls)
        cls.prefix = prefix
        assert _SEPARATOR not in prefix
        assert prefix not in Callback.known, f"two buttons are called {prefix!r}"
        assert all(field.type in (int, str) for field in fields(cls)), "a button carries numbers and words"  # type: ignore[arg-type]  # a dataclass since two lines
        Callback.known[prefix] = cls

    def pack(self) -> str:
        parts = [self.prefix, *(str(getattr(self, field.name)) for field in fields(self))]  # type: ignore[arg-type]  # every subclass is a dataclass
        packed = _SEPARATOR.join(parts)
        assert packed.count(_SEPARATOR) == len(parts) - 1, f"a word on a button holds a colon: {packed!r}"
        assert len(packed.encode()) <= MOST_BYTES, f"a button carries more than {MOST_BYTES} bytes: {packed!r}"
        return packed

    @classmethod
    def unpack(cls, packed: object) -> Self | None:
        """The button that this was, if it is one of this kind."""
        found = read(packed)
        return found if isinstance(found, cls) else None


def read(packed: object) -> Callback | None:
    """The button that this was; None for anything that no button of ours carries."""
    if not isinstance(packed, str) or len(packed) > MOST_BYTES or not packed.isprintable():
        return None
    prefix, *words = packed.split(_SEPARATOR)
    kind = Callback.known.get(prefix)
    if kind is None:
        return None
    wanted = fields(kind)  # type: ignore[arg-type]  # every subclass is a dataclass
    if len(words) != len(wanted):
        return None
    values: list[Any] = []
    for field, word in zip(wanted, words, strict=True):
        value = _number(word) if field.type is int else word
        if value is None:
            return None
        values.append(value)
    return kind(*values)


def _number(word: str) -> int | None:
    """None of our numbers is below zero."""
    return int(word) if word.isascii() and word.isdigit() and len(word) <= _LONGEST_NUMBER else None


class ShowMenu(Callback, prefix="menu"): ...


class ShowHelp(Callback, prefix="help"): ...


class ShowProfile(Callback, prefix="me"): ...


class ShowSettings(Callback, prefix="set"): ...


class ShowLanguages(Callback, prefix="langs"): ...


class PickLanguage(Callback, prefix="lang"):
    language: str


class ShowTimeZones(Callback, prefix="zones"): ...


class PickTimeZone(Callback, prefix="zone"):
    name: str


class TypeTimeZone(Callback, prefix="zone?"): ...


class ExportMyData(Callback, prefix="mine"): ...


class AskErase(Callback, prefix="erase?"): ...


class Erase(Callback, prefix="erase"):
    nonce: str


class ShowStory(Callback, prefix="story"): ...


class Choose(Callback, prefix="ch"):
    """A decision, in that visit of hers."""

    decision: int
    visit: int


class ShowLock(Callback, prefix="why"):
    decision: int
    visit: int


class AnswerOption(Callback, prefix="opt"):
    """Of a quiz, with the tries that were left when it was shown: each button is one try."""

    option: int
    visit: int
    tries: int


class WriteAnswer(Callback, prefix="say"):
    """Her next words answer the riddle of that visit."""

    visit: int


class ShowClub(Callback, prefix="club"):
    """The wall before that door; without one, the club itself."""

    door: str
    """Of a fragment of the club: its key or, from the page that she has open, the way that she tapped (`door_by`)."""


class EnterVip(Callback, prefix="enter"):
    door: str


class TryClub(Callback, prefix="try"):
    door: str


def door_by(way: Choose | ShowLock) -> str:
    return f"{way.decision}.{way.visit}"


def way_through(door: str) -> Choose | None:
    """None: the door is named by its fragment."""
    decision, visit = (_number(word) for word in (door.split(".") if door.count(".") == 1 else ("", "")))
    return None if decision is None or visit is None else Choose(decision, visit)


class ShowPath(Callback, prefix="path"):
    """What she chose before that visit, newest first; 0: from the last."""

    before: int


class ReadAgain(Callback, prefix="page"):
    fragment: str


class BeginAgain(Callback, prefix="anew"):
    """From the page of that visit."""

    visit: int


class ShowHints(Callback, prefix="hints"): ...


class TurnHints(Callback, prefix="hints<"):
    """A page of them, counted from the newest: 0."""

    page: int


class MarkHint(Callback, prefix="mark"):
    """Choose the hint at that place, or let it go: 0.

    What else is chosen its message knows, so that it is the same button before and after another was tapped.
    """

    place: int
    chosen: int
    page: int


class TurnMarks(Callback, prefix="mark<"):
    """Another page of them, with what is chosen on any, by place: `4.17`."""

    hints: str
    page: int


class CombineHints(Callback, prefix="mix!"):
    hints: str


class ShowBesitos(Callback, prefix="purse"):
    """Her ledger before that row; 0: from the last."""

    before: int


class ShowLetters(Callback, prefix="letters"): ...


class HearLucien(Callback, prefix="lucien"):
    wants: int
