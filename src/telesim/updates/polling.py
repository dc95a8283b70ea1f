"""`getUpdates`: one long poll at a time."""

import asyncio
from dataclasses import dataclass, field

from telesim.clock import Clock
from telesim.errors import conflict
from telesim.updates.queue import Queue
from telesim.world.pending import Pending

TERMINATED_BY_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"
TERMINATED_BY_WEBHOOK = "terminated by setWebhook request"
WEBHOOK_IS_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
FUTURE = 10
"""An offset this far behind the newest update belongs to another life of the bot and means the beginning."""


@dataclass(slots=True)
class Polling:
    clock: Clock
    queue: Queue
    _current: "asyncio.Future[str | None] | None" = None
    _previous_offset: int | None = None
    _previous_start: float = field(default=float("-inf"))
    _next_conflict: float = field(default=float("-inf"))

    async def get(self, offset: int, limit: int, timeout: int) -> list[Pending]:
        if self.queue.bot.webhook is not None:
            await self._pace_conflict()
            raise conflict(WEBHOOK_IS_ACTIVE)
        limit, timeout = self._against_spinning(offset, limit, timeout)
        self._move(offset)
        taken = self.queue.take(limit)
        if taken or timeout == 0:
            return taken
        return await self._wait(limit, timeout)

    def wake(self) -> None:
        if self._current is not None and not self._current.done():
            self._current.set_result(None)

    def abort(self, why: str) -> None:
        """End the poll that waits now, if one does."""
        if self._current is not None and not self._current.done():
            self._current.set_result(why)
        self._current = None

    async def _wait(self, limit: int, timeout: int) -> list[Pending]:
        self.abort(TERMINATED_BY_POLL)
        mine: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._current = mine
        deadline = self.clock.monotonic() + timeout
        while True:
            left = deadline - self.clock.monotonic()
            if not await self.clock.wait(mine, left):
                self._current = None
                return []
            if why := mine.result():
                await self._pace_conflict()
                raise conflict(why)
            taken = self.queue.take(limit)
            if taken:
                if self._current is mine:
                    self._current = None
                return taken
            if self._current is mine:
                mine = self._current = asyncio.get_running_loop().create_future()

    def _against_spinning(self, offset: int, limit: int, timeout: int) -> tuple[int, int]:
        """Who asks the same again at once is slowed down, as on Telegram."""
        now = self.clock.monotonic()
        if offset == self._previous_offset:
            if now < self._previous_start + 3:
                timeout = max(timeout, 3)
            if now < self._previous_start + 0.5:
                limit = 1
        self._previous_offset = offset
        self._previous_start = now
        return limit, timeout

    def _move(self, offset: int) -> None:
        if offset < 0:
            self.queue.keep_last(-offset)
        elif 0 < offset <= self.queue.next_id + FUTURE:
            self.queue.confirm_below(offset)

    async def _pace_conflict(self) -> None:
        """At most one conflict in three seconds is told at once; the others are held back so long."""
        now = self.clock.monotonic()
        if now >= self._next_conflict:
            self._next_conflict = now + 3
        else:
            await self.clock.sleep(3)
