"""The only place of the simulator that reads the time.

The world's time is real time plus an offset that only grows. Pacing (long polls, retries, the ten seconds of a
pre-checkout) uses monotonic time, which moving the world's clock does not touch.
"""

import asyncio
import heapq
import itertools
import time
from typing import Any


class Clock:
    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def real(self) -> float:
        """Unix time as the machine has it."""
        return time.time()

    def now(self) -> float:
        """Unix time in the world."""
        return self.real() + self.offset

    def seconds(self) -> int:
        return int(self.now())

    def monotonic(self) -> float:
        return time.monotonic()

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("the clock moves forwards only")
        self.offset += seconds

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def wait(self, future: "asyncio.Future[Any]", seconds: float) -> bool:
        """Wait for the future at most so long; answer whether it is done. The future is left as it is."""
        await asyncio.wait({future}, timeout=seconds)
        return future.done()


class ManualClock(Clock):
    """A clock that stands still until `tick`: for tests."""

    def __init__(self, start: float = 1_768_478_400.0) -> None:
        super().__init__()
        self._start = start
        self._elapsed = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def real(self) -> float:
        return self._start + self._elapsed

    def monotonic(self) -> float:
        return self._elapsed

    @property
    def sleepers(self) -> list[float]:
        """How long everybody who waits has still to wait."""
        return sorted(until - self._elapsed for until, _, sleeper in self._sleepers if not sleeper.done())

    def tick(self, seconds: float) -> None:
        """Let real time pass, and wake whoever slept until then."""
        self._elapsed += seconds
        while self._sleepers and self._sleepers[0][0] <= self._elapsed:
            _, _, sleeper = heapq.heappop(self._sleepers)
            if not sleeper.done():
                sleeper.set_result(None)

    def _sleeper(self, seconds: float) -> "asyncio.Future[None]":
        sleeper = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), sleeper))
        return sleeper

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        await self._sleeper(seconds)

    async def wait(self, future: "asyncio.Future[Any]", seconds: float) -> bool:
        if seconds > 0 and not future.done():
            sleeper = self._sleeper(seconds)
            await asyncio.wait({future, sleeper}, return_when=asyncio.FIRST_COMPLETED)
            sleeper.cancel()
        return future.done()
