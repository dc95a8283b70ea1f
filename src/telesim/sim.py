"""All parts of one simulator, side by side: what an act needs in order to change the world and tell of it."""

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from telesim.calls import Calls
from telesim.clock import Clock
from telesim.faults import Faults
from telesim.limits import FloodLimits
from telesim.live import Feed
from telesim.questions import Questions
from telesim.timeline import Timeline
from telesim.updates.inbox import Inbox, Inboxes
from telesim.world.world import World


@dataclass(slots=True)
class Chores:
    """Work that goes on by itself and ends with the simulator."""

    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in list(self._tasks):
            with contextlib.suppress(asyncio.CancelledError):
                await task


@dataclass(frozen=True, slots=True)
class Sim:
    clock: Clock
    world: World
    inboxes: Inboxes
    feed: Feed
    timeline: Timeline
    faults: Faults
    calls: Calls
    limits: FloodLimits
    questions: Questions
    chores: Chores
    counting: set[str] = field(default_factory=set)
    """Messages whose reactions are being counted together."""

    def inbox(self, bot: int) -> Inbox:
        return self.inboxes.of(self.world.bots[bot])
