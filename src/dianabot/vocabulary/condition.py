"""What one key of a requirement is: its value, and what it asks of a member."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self, TypeAlias

from dianabot.vocabulary.document import Json, Place
from dianabot.vocabulary.standing import Standing

Plain: TypeAlias = str | int | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Ref:
    """Something of the world that a document names by its key."""

    kind: str
    key: str


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

    def refs(self) -> Iterable[Ref]:
        """What it names; whoever publishes it makes sure that it exists."""
        return ()
