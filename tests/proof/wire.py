"""A cable between the application and PostgreSQL that can be cut at any exchange, on either side of the deed.

It understands PostgreSQL's framing just enough to know where one request ends (a query, a flush or a sync: from there
on the server answers) and when the server has done all of it.
"""

import asyncio
import contextlib
import struct
import tempfile
from collections import Counter
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo

Side = Literal["request", "reply"]

ENDS = frozenset(b"QHS")
"""Query, flush, sync: a client that sent one of these waits."""
ANSWERED_BY = {ord("P"): b"1", ord("B"): b"2", ord("C"): b"3", ord("D"): b"Tn", ord("E"): b"CIs", ord("S"): b"Z"}
LONGEST_DEED = 10.0


@dataclass(frozen=True)
class Cut:
    """At which exchange, and whether the server still gets the request and only its reply is lost."""

    exchange: int
    side: Side

    def __str__(self) -> str:
        return f"{self.side} {self.exchange}"


class Wire:
    """`dsn` leads to the same database through the cable. Until it is armed the cable only carries."""

    def __init__(self, dsn: str) -> None:
        known = conninfo_to_dict(dsn)
        self._server = f"{known['host']}/.s.PGSQL.{known.get('port') or 5432}"
        self._folder = tempfile.TemporaryDirectory(prefix="wire-", dir="/tmp")
        self._socket = f"{self._folder.name}/.s.PGSQL.{known.get('port') or 5432}"
        self.dsn = make_conninfo(dsn, host=self._folder.name)
        self._listening: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self._accepted: list[asyncio.StreamWriter] = []
        self._armed = False
        self._cut: Cut | None = None
        self.exchanges = 0
        self.happened = False

    async def __aenter__(self) -> Self:
        self._listening = await asyncio.start_unix_server(self._connected, self._socket)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._listening is not None
        self._listening.close()
        for writer in self._accepted:
            await _abort(writer)
        await asyncio.gather(*self._lines)
        self._folder.cleanup()

    def arm(self, cut: Cut | None) -> None:
        """Count from here, and cut there."""
        self._armed, self._cut, self.exchanges, self.happened = True, cut, 0, False

    def disarm(self) -> int:
        """How many exchanges there were."""
        self._armed = False
        return self.exchanges

    def next_request(self) -> Side | None:
        """What becomes of the request that is complete now."""
        if not self._armed:
            return None
        self.exchanges += 1
        if self._cut is None or self.happened or self.exchanges != self._cut.exchange:
            return None
        self.happened = True
        return self._cut.side

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._accepted.append(writer)
        task = asyncio.create_task(self._carry(reader, writer))
        self._lines.add(task)
        task.add_done_callback(self._lines.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_unix_connection(self._server)
        await _Line(self, (reader, writer), there).carry()


class _Line:
    """One connection."""

    def __init__(
        self,
        wire: Wire,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._wire = wire
        self._from_client, self._to_client = client
        self._from_server, self._to_server = server
        self._silent = False
        self._owed: Counter[bytes] = Counter()
        self._paid = asyncio.Event()

    async def carry(self) -> None:
        tasks = [asyncio.create_task(self._up()), asyncio.create_task(self._down())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for writer in (self._to_client, self._to_server):
                await _abort(writer)

    async def _up(self) -> None:
        length = await self._from_client.readexactly(4)
        self._to_server.write(length + await self._from_client.readexactly(struct.unpack("!I", length)[0] - 4))
        request = b""
        while True:
            kind, message = await _message(self._from_client)
            request += message
            if kind in ANSWERED_BY:
                self._owed[ANSWERED_BY[kind]] += 1
            elif kind == ord("Q"):
                self._owed[b"Z"] += 1
            if kind in ENDS or kind == ord("p"):
                if kind in ENDS and (side := self._wire.next_request()) is not None:
                    await self._cut(request, side)
                    return
                self._to_server.write(request)
                request = b""

    async def _cut(self, request: bytes, side: Side) -> None:
        if side == "request":
            return
        self._silent = True
        self._to_server.write(request)
        async with asyncio.timeout(LONGEST_DEED):
            while +self._owed:
                self._paid.clear()
                await self._paid.wait()

    async def _down(self) -> None:
        while True:
            kind, message = await _message(self._from_server)
            self._settle(bytes([kind]))
            self._paid.set()
            if not self._silent:
                self._to_client.write(message)

    def _settle(self, kind: bytes) -> None:
        """After an error, and at each ready, nothing else is owed for what went before."""
        if kind == b"E":
            ready = self._owed[b"Z"]
            self._owed.clear()
            self._owed[b"Z"] = ready
        for answers in self._owed:
            if kind in answers and self._owed[answers] > 0:
                self._owed[answers] -= 1


async def _message(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readexactly(5)
    kind, length = struct.unpack("!cI", head)
    return kind[0], head + await reader.readexactly(length - 4)


async def _abort(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
