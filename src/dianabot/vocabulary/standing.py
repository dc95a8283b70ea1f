"""Where a member stands, as far as somebody asked (the UserStateManager of plans)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

Part = TypeVar("Part")

PERSON = "person"


class NotLoaded(Exception):  # noqa: N818 - says what happened
    """A check reads a kind that its requirement does not name: a defect of its condition."""


@dataclass(frozen=True, slots=True)
class Person:
    """What `members` knows of her."""

    language: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One consistent snapshot at one instant. It holds only the kinds that were asked for."""

    at: datetime
    parts: Mapping[str, object] = field(default_factory=dict)

    @property
    def person(self) -> Person:
        return self._part(PERSON, Person)

    def _part(self, kind: str, part: type[Part]) -> Part:
        found = self.parts.get(kind)
        if not isinstance(found, part):
            raise NotLoaded(kind)
        return found
