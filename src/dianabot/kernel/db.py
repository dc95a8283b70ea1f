"""The pool of PostgreSQL connections.

Connections are autocommit and speak `$1` placeholders; a transaction is opened by `tx` alone. What is lost with a
connection is either undone or can be asked again by its key, so every loss becomes one kind of error: `Unavailable`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import lru_cache
from typing import Any, Self, TypeAlias, TypeVar

import psycopg
from psycopg import AsyncConnection, AsyncCursor, AsyncPipeline, AsyncRawCursor
from psycopg.abc import PQGen
from psycopg.rows import TupleRow
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool
from pydantic_core import from_json, to_json

from dianabot.kernel.errors import Unavailable

Cursor: TypeAlias = AsyncCursor[TupleRow]
Row = TypeVar("Row")
Value = TypeVar("Value")

CONFLICTS = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.LockNotAvailable,
)
MISSING = psycopg.errors.ForeignKeyViolation
TOO_SLOW = psycopg.errors.QueryCanceled
LOST = (psycopg.OperationalError, psycopg.InterfaceError)
_AWAY = ("08", "28", "40", "53", "57", "58", "F0")
"""Classes of SQLSTATE which tell of the server, not of the statement."""
SILENCE = 10.0
"""How long a server may say nothing: its own time-out of statements comes first, unless it is frozen or cut off."""
WAKES = 0.1
"""How often, in seconds, whoever waits for the server looks whether it has been silent for too long."""
FEW = 100
"""Rows that a resting cursor may go on holding."""
SERVER_VERSION = "SELECT current_setting('server_version_num')::int / 10000"
WATCHED = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000}
"""So that a peer which is gone without a word is noticed also where nothing is asked."""


class Batch(AsyncPipeline):
    """A pipeline that sends when somebody waits for an answer, and not before.

    Psycopg's own goes to the socket, and round the event loop, with each single statement.
    """

    def _communicate_gen(self) -> PQGen[None]:
        """What has been asked is written to the line's buffer; whoever fetches an answer sends all of it."""
        while self.command_queue:
            self.command_queue.popleft()()
        yield from ()

    def _sync_gen(self) -> PQGen[None]:
        self._enqueue_sync()
        yield from super()._communicate_gen()
        yield from self._fetch_gen(flush=False)

    def _exit_gen(self) -> PQGen[None]:
        try:
            self._enqueue_sync()
            yield from super()._communicate_gen()
        finally:
            yield from self._fetch_gen(flush=True)


class Connection(AsyncConnection[TupleRow]):
    """It hangs up on a server which says nothing for too long.

    Cancelling would not do: a cancelled statement waits for the server's word that it has ended.
    """

    silence = SILENCE

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._resting: dict[str, Cursor] = {}

    def ask(self, sql: str, values: Sequence[Any]) -> Cursor:
        """In a batch, by the cursor that asked the same before, if it rests: it knows how values are written and read.

        A batch waits for nothing here, so this goes round what psycopg has for waiting.
        """
        cursor = self._resting.pop(sql, None) or self.cursor()
        for wanted in cursor._execute_gen(_encoded(sql), values):  # noqa: SLF001 - as above
            raise AssertionError(wanted)
        return cursor

    def send(self, sql: str, *values: Any) -> None:
        """Ask where no answer is waited for."""
        self.rest(sql, self.ask(sql, values))

    def rest(self, sql: str, cursor: Cursor) -> None:
        """Its answer is not needed any more, or never was."""
        if cursor.rowcount <= FEW:
            self._resting[sql] = cursor

    async def wait(self, gen: PQGen[Value], interval: float = WAKES, timeout: float | None = None) -> Value:
        try:
            return await super().wait(gen, interval, self.silence if timeout is None else timeout)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001 - psycopg has no other name for it
            self.pgconn.finish()
            raise


class Database:
    """A pool with a statement time-out of its own."""

    def __init__(
        self,
        dsn: str,
        *,
        size: int = 8,
        statement_timeout: float = 5.0,
        wait: float = 5.0,
        silence: float = SILENCE,
    ) -> None:
        async def settle(connection: Connection) -> None:
            connection.silence = silence
            set_json_dumps(to_json, connection)
            set_json_loads(from_json, connection)

        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            dsn,
            connection_class=Connection,
            configure=settle,
            min_size=1,
            max_size=size,
            timeout=wait,
            open=False,
            reconnect_timeout=0,
            name="postgres",
            kwargs={
                "autocommit": True,
                "cursor_factory": AsyncRawCursor,
                "prepare_threshold": 1,
                "connect_timeout": 5,
                **WATCHED,
                "options": f"-c statement_timeout={int(statement_timeout * 1000)} -c timezone=UTC",
            },
        )

    async def open(self) -> None:
        await self._pool.open()

    async def close(self) -> None:
        await self._pool.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection on which each statement commits by itself; a lost server is `Unavailable`.

        Whoever is cancelled meanwhile ends cancelled. Psycopg waits with `asyncio.wait_for`, which before Python 3.12
        loses a cancellation that comes together with the answer: a loop would then go on for ever. And a pool that is
        cancelled while it takes a connection back loses it, with whoever waits for it; so nobody cancels that.
        """
        before = _cancellations()
        try:
            connection = await self._pool.getconn()
            try:
                async with connection:
                    yield connection
            finally:
                await asyncio.shield(self._pool.putconn(connection))
        except LOST as error:
            if _cancellations() > before:
                raise asyncio.CancelledError from error
            if _is_away(error):
                raise Unavailable(str(error)) from error
            raise
        if _cancellations() > before:
            raise asyncio.CancelledError

    async def alive(self) -> bool:
        try:
            async with self.connection() as connection:
                await connection.execute("SELECT 1")
        except Unavailable:
            return False
        return True

    async def all(self, row: type[Row], sql: str, *values: Any) -> list[Row]:
        async with self.connection() as connection:
            with asked_again():
                return await all_rows(connection, row, sql, values)

    async def one(self, row: type[Row], sql: str, *values: Any) -> Row | None:
        rows = await self.all(row, sql, *values)
        return rows[0] if rows else None

    async def run(self, sql: str, *values: Any) -> int:
        """Rows touched."""
        async with self.connection() as connection:
            with asked_again():
                return (await execute(connection, sql, values)).rowcount


def _cancellations() -> int:
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


def _is_away(error: psycopg.Error) -> bool:
    """Psycopg's operational errors also tell of statements that are at fault, and would be every time."""
    if isinstance(error, (*CONFLICTS, TOO_SLOW, psycopg.errors.PipelineAborted)):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(_AWAY)


@contextmanager
def asked_again() -> Iterator[None]:
    """For what writes nothing, or all at once: out of time it has done nothing, as if the server had been away.

    Not for the transaction of an effect, whose own slowness must be seen as its failure.
    """
    try:
        yield
    except TOO_SLOW as late:
        raise Unavailable(str(late)) from late


def batch(connection: Connection) -> AbstractAsyncContextManager[AsyncPipeline]:
    """What is asked inside goes out when the first answer is waited for."""
    assert connection._pipeline is None, "one at a time"  # noqa: SLF001 - psycopg offers no way to bring one's own
    connection._pipeline = Batch(connection)  # noqa: SLF001 - as above
    return connection.pipeline()


@lru_cache(maxsize=2000)
def _encoded(sql: str) -> bytes:
    """One and the same object each time, by which psycopg knows a statement again."""
    return sql.encode()


async def execute(connection: Connection, sql: str, values: Sequence[Any]) -> psycopg.AsyncCursor[TupleRow]:
    return await connection.execute(_encoded(sql), values)


async def all_rows(connection: Connection, row: Callable[..., Row], sql: str, values: Sequence[Any]) -> list[Row]:
    """Rows as `row(*columns)`: the select list stands in the order of the fields."""
    found = await (await execute(connection, sql, values)).fetchall()
    return [row(*columns) for columns in found]
