"""Where a member stands, as far as somebody asked (the UserStateManager of plans)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

Part = TypeVar("Part")

PERSON = "person"
CLUB = "club"
PURSE = "purse"
LEVEL = "level"
ITEMS = "items"
FRAGMENTS = "fragments"
DECISIONS = "decisions"
VARIABLES = "variables"
HINTS = "hints"


class NotLoaded(Exception):  # noqa: N818 - says what happened
    """A check reads a kind that its requirement does not name: a defect of its condition."""


@dataclass(frozen=True, slots=True)
class Person:
    """What `members` knows of her."""

    language: str
    streak: int = 0


@dataclass(frozen=True, slots=True)
class Club:
    """Whether she is VIP at this instant, her days of grace included, and until when."""

    vip: bool
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One consistent snapshot at one instant. It holds only the kinds that were asked for."""

    at: datetime
    parts: Mapping[str, object] = field(default_factory=dict)

    @property
    def person(self) -> Person:
        return self._part(PERSON, Person)

    @property
    def club(self) -> Club:
        return self._part(CLUB, Club)

    @property
    def besitos(self) -> int:
        """What she can spend: held besitos are not among them."""
        return self._part(PURSE, int)

    @property
    def level(self) -> int:
        return self._part(LEVEL, int)

    @property
    def items(self) -> Mapping[str, int]:
        return self._part(ITEMS, dict)

    @property
    def fragments(self) -> frozenset[str]:
        """Completed ones."""
        return self._part(FRAGMENTS, frozenset)

    @property
    def decisions(self) -> frozenset[str]:
        """Ever taken, each as `fragment.decision`."""
        return self._part(DECISIONS, frozenset)

    @property
    def variables(self) -> Mapping[str, bool | int | str]:
        """Every declared one; what she has not touched has its default."""
        return self._part(VARIABLES, dict)

    @property
    def hints(self) -> frozenset[str]:
        return self._part(HINTS, frozenset)

    def _part(self, kind: str, part: type[Part]) -> Part:
        found = self.parts.get(kind)
        if not isinstance(found, part):
            raise NotLoaded(kind)
        return found
