"""A connection to PostgreSQL, and batches of statements on it.

A batch speaks libpq through psycopg's `pq`: a statement is parsed by the server once for each connection, written to
the line's buffer when it is asked, and sent when an answer is waited for. Psycopg's own pipeline goes to the socket,
and round the event loop, with each single statement, and takes a cursor for it.
"""

from collections import deque
from collections.abc import Sequence
from functools import cached_property
from itertools import count
from typing import Any, Final, Self, TypeAlias, TypeVar

import psycopg
from psycopg import AsyncConnection, abc, adapt
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow
from psycopg.waiting import Ready, Wait

Value = TypeVar("Value")

SILENCE: Final = 10.0
"""How long a server may say nothing: its own time-out of statements comes first, unless it is frozen or cut off."""
WAKES: Final = 0.1
"""How often, in seconds, whoever waits for the server looks whether it has been silent for too long."""
MOST: Final = 300
"""Statements that a server keeps for one connection; when they are more, it forgets all and learns anew."""

_AUTO: Final = PyFormat.AUTO
_FINE: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
_READABLE: Final = Wait.R
_WRITABLE: Final = Wait.RW


class Asked:
    """A statement on its way."""

    __slots__ = ("result",)

    def __init__(self) -> None:
        self.result: PGresult | None = None

    @property
    def came(self) -> PGresult:
        assert self.result is not None, "it has been waited for"
        return self.result

    @property
    def said(self) -> str:
        """What the server says it has done."""
        return (self.came.command_status or b"").decode()

    @property
    def touched(self) -> int:
        """Rows."""
        return self.came.command_tuples or 0


_Learned: TypeAlias = tuple[str, tuple[int, ...] | None]
"""A statement as the server has parsed it: its text, and the types of its values."""


class Connection(AsyncConnection[TupleRow]):
    """It hangs up on a server which says nothing for too long.

    Cancelling would not do: a cancelled statement waits for the server's word that it has ended.
    """

    silence = SILENCE

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.learned: dict[_Learned, bytes] = {}
        self.numbers = count()

    @cached_property
    def adapter(self) -> abc.Transformer:
        """Writes and reads values."""
        return adapt.Transformer(self)

    async def wait(self, gen: PQGen[Value], interval: float = WAKES, timeout: float | None = None) -> Value:
        try:
            return await super().wait(gen, interval, self.silence if timeout is None else timeout)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001 - psycopg has no other name for it
            self.pgconn.finish()
            raise


class Batch:
    """What is asked inside goes out when the first answer is waited for, or at the end. One at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._line = connection.pgconn
        self._adapter = connection.adapter
        self._learned = connection.learned
        self._coming: deque[Asked | _Learned] = deque()
        self._unsent = False
        self._over = False

    async def __aenter__(self) -> Self:
        self._line.enter_pipeline_mode()
        if len(self._learned) > MOST:
            self._learned.clear()
            self._line.send_query_params(b"DEALLOCATE ALL", None)
            self._coming.append(Asked())
        return self

    async def __aexit__(self, _: object, failure: BaseException | None, __: object) -> None:
        try:
            await self._connection.wait(self._end())
        except psycopg.Error:
            if failure is None:  # else it follows from that
                raise
        finally:
            if self._over:
                self._line.exit_pipeline_mode()
            else:
                self._line.finish()  # nobody knows what it would answer next

    def ask(self, sql: str, values: Sequence[Any] = ()) -> Asked:
        adapter = self._adapter
        written = adapter.dump_sequence(values, [_AUTO] * len(values))
        wanted = (sql, adapter.types)
        name = self._learned.get(wanted)
        if name is None:
            name = self._learned[wanted] = b"s%d" % next(self._connection.numbers)
            self._line.send_prepare(name, sql.encode(), adapter.types)
            self._coming.append(wanted)
        self._line.send_query_prepared(name, written, adapter.formats)
        self._unsent = True
        asked = Asked()
        self._coming.append(asked)
        return asked

    async def wait_for(self, asked: Asked) -> None:
        """Until its answer is here. The first failure among all that was asked up to it is raised."""
        if asked.result is None:
            await self._connection.wait(self._up_to(asked))

    async def rows(self, asked: Asked) -> list[TupleRow]:
        await self.wait_for(asked)
        self._adapter.set_pgresult(asked.result)
        return self._adapter.load_rows(0, asked.came.ntuples, tuple)

    def _up_to(self, asked: Asked) -> PQGen[None]:
        if self._unsent:
            self._line.send_flush_request()
            yield from self._send()
            self._unsent = False
        while asked.result is None:
            self._take((yield from self._next()))

    def _end(self) -> PQGen[None]:
        """Everything is answered, and the line is free again."""
        self._line.pipeline_sync()
        yield from self._send()
        failed: psycopg.Error | None = None
        while True:
            result = yield from self._next()
            if result.status == ExecStatus.PIPELINE_SYNC:
                break
            try:
                self._take(result)
            except psycopg.Error as error:
                failed = failed or error
        self._over = True
        if failed is not None:
            raise failed

    def _send(self) -> PQGen[None]:
        while self._line.flush():
            came = yield _WRITABLE
            if came and came & Ready.R:  # nothing came when a cancelled wait is taken up again
                self._line.consume_input()

    def _next(self) -> PQGen[PGresult]:
        line = self._line
        while line.is_busy():
            if (yield _READABLE):
                line.consume_input()
        result = line.get_result()
        if result is None:
            raise psycopg.OperationalError("the server has no answer left")
        return result

    def _take(self, result: PGresult) -> None:
        """It belongs to what was asked first of all that is not answered yet."""
        self._line.get_result()  # the end of that answer
        if not self._coming:  # its last words, as it goes
            raise psycopg.errors.error_from_result(result)
        first = self._coming.popleft()
        if result.status in _FINE:
            if isinstance(first, Asked):
                first.result = result
            return
        if not isinstance(first, Asked):
            del self._learned[first]
        if result.status == ExecStatus.PIPELINE_ABORTED:
            raise psycopg.errors.PipelineAborted("something before it has failed")
        raise psycopg.errors.error_from_result(result)
