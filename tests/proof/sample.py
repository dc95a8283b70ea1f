"""One way in which an operation is asked, and the world in which it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from dianabot.kernel.ids import MemberId
from dianabot.operations.coordinator import Beside
from dianabot.operations.unit import Act
from tests.proof.house import House


@dataclass(frozen=True)
class World:
    """Who is there before the act."""

    fan: MemberId
    owner: MemberId
    letter: int = 0
    button: tuple[int, int] = (0, 0)
    """A decision of the page that the fan has open, and the visit."""


@dataclass(frozen=True)
class Sample:
    name: str
    """Of the operation, as it is registered."""
    act: Callable[[World], Act[Any]]
    before: Callable[[House, World], Awaitable[World]] | None = None
    by: str | None = "fan"
    beside: Callable[[World], Beside] | None = None
    case: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.case}".strip()

    def member(self, world: World) -> MemberId | None:
        return None if self.by is None else getattr(world, self.by)
