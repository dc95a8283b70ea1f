"""Which processes are alive, what time they go by, and which rules they run.

Application time is real time plus an offset that all processes share. Each beat takes over the shared offset and
confirms what the process goes by; whoever moves the clock waits until all that are alive have confirmed.
"""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dianabot.kernel import log
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.db import Database
from dianabot.kernel.errors import Unavailable

BEAT_SECONDS = 0.4
ALIVE_SECONDS = 3.0
FORGET_SECONDS = 3600.0
FURTHEST_SECONDS = 100 * 365 * 24 * 3600

BEAT = """
INSERT INTO processes (name, role, seen_at, clock_seconds, rules_version)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (name) DO UPDATE
SET role = excluded.role, seen_at = excluded.seen_at, clock_seconds = excluded.clock_seconds,
    rules_version = excluded.rules_version
RETURNING (SELECT coalesce(max(seconds), 0) FROM clock_offset)
"""
OFFSET = "SELECT coalesce(max(seconds), 0) FROM clock_offset"
MOVE = """
INSERT INTO clock_offset ("only", seconds)
VALUES (1, $1)
ON CONFLICT ("only") DO UPDATE SET seconds = clock_offset.seconds + excluded.seconds
RETURNING seconds
"""
ALIVE = """
SELECT name, role, seen_at, clock_seconds, rules_version FROM processes WHERE seen_at > $1 ORDER BY name
"""
LEAVE = "DELETE FROM processes WHERE name = $1"
FORGET = "DELETE FROM processes WHERE seen_at < $1"

LOG = log.get(__name__)


class ClockCannotMove(ValueError):  # noqa: N818 - says what is the matter
    """The clock goes forwards only, and not beyond a century."""


@dataclass(frozen=True, slots=True)
class Process:
    name: str
    role: str
    seen_at: datetime
    """Real time, which nobody moves."""
    clock_seconds: int
    rules_version: int | None


@dataclass(frozen=True, slots=True)
class Moved:
    """What the offset is now, and which live processes had not confirmed it in time."""

    offset: timedelta
    unconfirmed: tuple[str, ...]


class Presence:
    """This process among the others."""

    def __init__(
        self,
        db: Database,
        clock: SystemClock,
        *,
        name: str,
        role: str,
        rules_version: Callable[[], int | None] = lambda: None,
    ) -> None:
        self.name = name
        self._role = role
        self._db = db
        self._clock = clock
        self._rules_version = rules_version
        self.trouble: str | None = None

    async def join(self) -> None:
        """Take over the shared time before anything is done by it, and say that we are here."""
        await self._db.run(FORGET, self._clock.real() - timedelta(seconds=FORGET_SECONDS))
        self._go_by(await self._db.one(int, OFFSET) or 0)
        await self.beat()

    async def leave(self) -> None:
        await self._db.run(LEAVE, self.name)

    async def beat(self) -> None:
        """Confirm what we go by; if the clock was moved meanwhile, go by that and confirm it at once."""
        while self._go_by(await self._confirm()):
            pass

    async def run(self) -> None:
        """Until cancelled. A PostgreSQL that is away is waited for."""
        while True:
            try:
                await self.beat()
                self.trouble = None
            except Unavailable as away:
                self.trouble = f"the other processes cannot be reached: {away}"
            await self._clock.sleep(BEAT_SECONDS)

    async def alive(self) -> list[Process]:
        return await self._db.all(Process, ALIVE, self._clock.real() - timedelta(seconds=ALIVE_SECONDS))

    async def move_clock(
        self, seconds: float, *, before: Callable[[datetime], Awaitable[object]] | None = None, deadline: float = 10.0
    ) -> Moved:
        """Move everybody's time forwards by at least `seconds` (whole ones), and wait until all have confirmed.

        `before` gets the instant that will be reached, to make ready for it (partitions); if it fails nothing moves.
        """
        step = math.ceil(seconds) if math.isfinite(seconds) else -1
        here = self._clock.offset.total_seconds()
        if step < 0 or here + step > FURTHEST_SECONDS:
            raise ClockCannotMove(f"The clock cannot be moved by {seconds} seconds.")
        if before is not None:
            await before(self._clock.now() + timedelta(seconds=step))
        offset = await self._db.one(int, MOVE, step) or 0
        await self.beat()
        unconfirmed = await self._wait_for_all(offset, deadline)
        LOG.info("clock_moved", seconds=step, offset=offset, unconfirmed=unconfirmed)
        return Moved(timedelta(seconds=offset), unconfirmed)

    async def _wait_for_all(self, offset: int, deadline: float) -> tuple[str, ...]:
        end = self._clock.monotonic() + deadline
        while True:
            late = tuple(process.name for process in await self.alive() if process.clock_seconds < offset)
            if not late or self._clock.monotonic() >= end:
                return late
            await self._clock.sleep(0.02)

    async def _confirm(self) -> int:
        """Answers the shared offset."""
        going_by = int(self._clock.offset.total_seconds())
        shared = await self._db.one(
            int, BEAT, self.name, self._role, self._clock.real(), going_by, self._rules_version()
        )
        return shared or 0

    def _go_by(self, seconds: int) -> bool:
        """Whether that was news."""
        before = self._clock.offset
        self._clock.move_to(timedelta(seconds=seconds))
        return self._clock.offset > before
