"""Connections to PostgreSQL that stay open, each for one at a time.

Whoever finds none idle opens one, so nothing here runs by itself; what was used last is used first, so that those which
were opened for a rush are left alone, and are closed in time.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus

from dianabot.kernel.connection import Connection
from dianabot.kernel.errors import Unavailable

LEFT_ALONE: Final = 1000
"""A connection that lies idle while others are used so often is closed."""

_IDLE: Final = TransactionStatus.IDLE
_OPEN: Final = (TransactionStatus.INTRANS, TransactionStatus.INERROR)


class Pool:
    """At most `size` are out at once; whoever waits for longer than `wait` seconds is told `Unavailable`."""

    def __init__(
        self, dsn: str, *, size: int, wait: float, settle: Callable[[Connection], None], **settings: Any
    ) -> None:
        self._dsn = dsn
        self._settings = settings
        self._settle = settle
        self._wait = wait
        self._free = asyncio.Semaphore(size)
        self._idle: deque[tuple[Connection, int]] = deque()
        self._used = 0
        self._closed = False

    async def take(self) -> Connection:
        try:
            async with asyncio.timeout(self._wait):
                await self._free.acquire()
        except TimeoutError as late:
            raise Unavailable(f"all connections to PostgreSQL were in use for {self._wait:g} s") from late
        try:
            return self._idle.pop()[0] if self._idle else await self._opened()
        except BaseException:
            self._free.release()
            raise

    async def give_back(self, line: Connection) -> None:
        """What was begun on it and not committed is undone. One that cannot be trusted any more is hung up."""
        try:
            if line.pgconn.transaction_status in _OPEN:
                with suppress(psycopg.Error):  # then it is not idle, and hung up
                    await line.rollback()
        finally:
            self._put(line)

    def close(self) -> None:
        """Also what is still out, once it is given back."""
        self._closed = True
        while self._idle:
            self._hang_up_oldest()

    async def _opened(self) -> Connection:
        if self._closed:
            raise Unavailable("the pool of connections is closed")
        line = await Connection.connect(self._dsn, **self._settings)
        self._settle(line)
        return line

    def _put(self, line: Connection) -> None:
        self._free.release()
        if self._closed or line.pgconn.transaction_status != _IDLE:
            line.pgconn.finish()
            return
        self._used += 1
        self._idle.append((line, self._used))
        if self._used - self._idle[0][1] > LEFT_ALONE:
            self._hang_up_oldest()

    def _hang_up_oldest(self) -> None:
        line, _ = self._idle.popleft()
        line.pgconn.finish()
