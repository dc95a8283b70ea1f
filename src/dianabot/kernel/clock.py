"""The only place that reads the time.

Application time is real time plus an offset that only grows, so that a subscription can end in a minute and still
nobody's past is rewritten. Waiting, pacing and leases use monotonic time, which nobody can move.
"""

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime: ...

    def real(self) -> datetime:
        """Time as the rest of the world has it: for leases, which a moved clock must not end."""

    def monotonic(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """Real time plus `offset`, which only moves forwards."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self._offset = offset

    @property
    def offset(self) -> timedelta:
        return self._offset

    def move_to(self, offset: timedelta) -> None:
        """Take over an offset; one that lies behind the present one is an old message and is ignored."""
        self._offset = max(self._offset, offset)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def real(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that stands still until it is advanced: for tests and for simulations."""

    def __init__(self, start: datetime = datetime(2026, 1, 15, 12, tzinfo=UTC)) -> None:
        self._now = start
        self._elapsed = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def real(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._elapsed

    def advance(self, seconds: float) -> None:
        """Move forwards and wake whoever slept until then."""
        self._now += timedelta(seconds=seconds)
        self._elapsed += seconds
        while self._sleepers and self._sleepers[0][0] <= self._elapsed:
            _, _, sleeper = heapq.heappop(self._sleepers)
            if not sleeper.done():
                sleeper.set_result(None)

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        sleeper = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), sleeper))
        await sleeper
