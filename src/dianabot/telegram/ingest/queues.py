"""Who is served when: each person in order, all persons side by side, and nobody takes more than one place.

A person's line stands before the limit of places, so whoever writes a hundred messages waits for herself alone. Only
the head of a long line is in memory; the rest lies in the database until its turn.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from dianabot.kernel import log
from dianabot.kernel.clock import Clock
from dianabot.kernel.errors import Unavailable
from dianabot.telegram.ingest.arrival import Job

PLACES: Final = 256
DEEP: Final = 50
MOST: Final = 5000
STUCK_SECONDS: Final = 5.0

LOG = log.get(__name__)

Work = Callable[[Job], Awaitable[float | None]]
"""Do it; None when it is over, else in how many seconds to try again."""
Fetch = Callable[[int, int, int], Awaitable[list[Job]]]
"""(queue, after which update, at most): what lies further back in a line."""


@dataclass(slots=True)
class Line:
    jobs: deque[Job] = field(default_factory=deque)
    last: int = -1
    """The highest update that stood here."""
    skipped: int = 0
    """How many were left in the database."""


class Queues:
    def __init__(
        self, work: Work, fetch: Fetch, clock: Clock, *, places: int = PLACES, deep: int = DEEP, most: int = MOST
    ) -> None:
        self._work = work
        self._fetch = fetch
        self._clock = clock
        self._places = places
        self._deep = deep
        self._most = most
        self._lines: dict[int, Line] = {}
        self._ready: deque[int] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._pausing: set[asyncio.Task[None]] = set()
        self._held = 0
        self._idle = asyncio.Event()
        self._room = asyncio.Event()
        self._idle.set()
        self._room.set()
        self.count = 0
        """Jobs in memory."""

    async def room(self) -> None:
        """Until there is not too much in memory."""
        await self._room.wait()

    @property
    def has_room(self) -> bool:
        return self._room.is_set()

    def add(self, job: Job) -> None:
        self._count(1)
        if job.urgent:
            self._begin(self._alone_in_line(job))
            return
        line = self._lines.get(job.queue)
        if line is None:
            line = self._lines[job.queue] = Line()
            self._ready.append(job.queue)
        elif (line.skipped or len(line.jobs) >= self._deep) and job.update_id > line.last:
            line.skipped += 1
            self._count(-1)
            return
        _insert(line, job)
        self._serve()

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Inside, nothing else runs, and nothing else begins."""
        self._held += 1
        try:
            await self._idle.wait()
            yield
        finally:
            self._held -= 1
            self._serve()

    async def stop(self, seconds: float) -> list[Job]:
        """Begin nothing more, let what runs end in time, cut the rest off; answers what still stands in line."""
        self._held += 1
        for task in self._pausing:
            task.cancel()
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            running = list(self._running)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        return [job for line in self._lines.values() for job in line.jobs]

    def _serve(self) -> None:
        while self._ready and not self._held and len(self._running) < self._places:
            self._begin(self._turn(self._ready.popleft()))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        self._idle.clear()
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not self._running:
            self._idle.set()
        self._serve()

    async def _turn(self, queue: int) -> None:
        """One job of one person; then she goes to the end of the row."""
        line = self._lines[queue]
        pause: float | None = None
        if not line.jobs:
            pause = await self._refill(queue, line)
        if line.jobs:
            job = line.jobs[0]
            pause = await self._tried(job)
            if pause is None:
                line.jobs.remove(job)
                self._count(-1)
        if pause is not None:
            self._later(queue, pause)
        elif line.jobs or line.skipped:
            self._ready.append(queue)
        else:
            del self._lines[queue]

    async def _tried(self, job: Job) -> float | None:
        """A defect in our own keeping of order must not silence a person: it is told and tried again."""
        try:
            return await self._work(job)
        except Exception:
            LOG.exception("line_stuck", update_id=job.update_id)
            return STUCK_SECONDS

    async def _refill(self, queue: int, line: Line) -> float | None:
        skipped = line.skipped
        try:
            found = await self._fetch(queue, line.last, self._deep)
        except Unavailable:
            return 1.0
        for job in found:
            line.jobs.append(job)
            line.last = max(line.last, job.update_id)
        self._count(len(found))
        if len(found) < self._deep and line.skipped == skipped:
            line.skipped = 0
        return None

    async def _alone_in_line(self, job: Job) -> None:
        """What cannot wait for anybody."""
        while (pause := await self._tried(job)) is not None:
            await self._clock.sleep(pause)
        self._count(-1)

    def _later(self, queue: int, seconds: float) -> None:
        async def wait() -> None:
            await self._clock.sleep(seconds)
            self._ready.append(queue)
            self._serve()

        task = asyncio.create_task(wait())
        self._pausing.add(task)
        task.add_done_callback(self._pausing.discard)

    def _count(self, more: int) -> None:
        self.count += more
        if self.count >= self._most:
            self._room.clear()
        elif self.count <= self._most // 2:
            self._room.set()


def _insert(line: Line, job: Job) -> None:
    """In the order of their ids; what was taken over from a dead process may be older than what stands there."""
    place = len(line.jobs)
    while place > 0 and line.jobs[place - 1].update_id > job.update_id:
        place -= 1
    line.jobs.insert(place, job)
    line.last = max(line.last, job.update_id)
