"""What is to happen at a moment of the world: renewals, ends of polls and memberships; nearest first."""

import asyncio
import heapq
import itertools
from collections.abc import Callable

from telesim.clock import Clock

Act = Callable[[], None]
LONGEST_NAP = 3_600.0


class Timeline:
    """Moving the clock wakes it; what is due then happens at once, in order."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._order = itertools.count()
        self._due: list[tuple[float, int, Act]] = []
        self._changed: asyncio.Future[None] | None = None
        self._paced: set[asyncio.Task[None]] = set()

    def at(self, when: float, act: Act) -> None:
        """Do this as soon as the world's clock has reached `when`."""
        heapq.heappush(self._due, (when, next(self._order), act))
        self._wake()

    def later(self, seconds: float, act: Act) -> None:
        """Do this after a while of real time, wherever the world's clock stands."""

        async def wait() -> None:
            await self._clock.sleep(seconds)
            act()

        task = asyncio.get_running_loop().create_task(wait())
        self._paced.add(task)
        task.add_done_callback(self._paced.discard)

    def catch_up(self) -> None:
        """Everything that is due by now, including what that makes due; then look anew how long it is to the next."""
        while self._due and self._due[0][0] <= self._clock.now():
            _, _, act = heapq.heappop(self._due)
            act()
        self._wake()

    async def run(self) -> None:
        while True:
            self.catch_up()
            self._changed = asyncio.get_running_loop().create_future()
            nearest = self._due[0][0] - self._clock.now() if self._due else LONGEST_NAP
            await self._clock.wait(self._changed, min(max(nearest, 0.001), LONGEST_NAP))

    def close(self) -> None:
        for task in self._paced:
            task.cancel()

    def _wake(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)
