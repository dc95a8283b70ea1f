"""What one key of a reward is."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar, Self

from dianabot.vocabulary.condition import Ref
from dianabot.vocabulary.document import Json, Place


class Gift(ABC):
    """What stands under one key: read, written back, and added to another of its kind."""

    key: ClassVar[str]

    @classmethod
    @abstractmethod
    def read(cls, value: object, place: Place) -> Self | None:
        """None when something is wrong, which `place` has then been told."""

    @abstractmethod
    def write(self) -> Json: ...

    @abstractmethod
    def plus(self, other: Self) -> Self: ...

    def refs(self) -> Iterable[Ref]:
        """What it names; whoever publishes it makes sure that it exists."""
        return ()
