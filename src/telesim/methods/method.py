"""One row of the method table."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from telesim.methods.params import Params
from telesim.sim import Sim
from telesim.world.files import Upload
from telesim.world.people import Bot
from telesim.world.world import World

Taken = TypeVar("Taken", bound=Params)


@dataclass(frozen=True, slots=True)
class Caller:
    """The bot that calls, and the simulator it calls."""

    sim: Sim
    bot: Bot
    uploads: dict[str, Upload] = field(default_factory=dict)
    """Files of the request that parameters speak of as `attach://name`."""

    @property
    def world(self) -> World:
        return self.sim.world


@dataclass(frozen=True, slots=True)
class Method(Generic[Taken]):
    name: str
    params: type[Taken]
    run: Callable[[Caller, Taken], Any]
    """Answers the result, or a coroutine of it."""
