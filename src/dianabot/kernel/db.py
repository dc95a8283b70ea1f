"""What is asked of PostgreSQL.

Connections are autocommit and speak `$1` placeholders; a transaction is opened by `tx` alone. What is lost with a
connection is either undone or can be asked again by its key, so every loss becomes one kind of error: `Unavailable`.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Self, TypeVar

import psycopg
from psycopg import AsyncRawCursor
from psycopg.types.json import set_json_dumps, set_json_loads
from pydantic_core import from_json, to_json

from dianabot.kernel.connection import SILENCE, Batch, Connection
from dianabot.kernel.errors import Unavailable
from dianabot.kernel.pool import Pool

Row = TypeVar("Row")

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
SERVER_VERSION = "SELECT current_setting('server_version_num')::int / 10000"
WATCHED = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000}
"""So that a peer which is gone without a word is noticed also where nothing is asked."""


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
        def settle(connection: Connection) -> None:
            connection.silence = silence
            set_json_dumps(to_json, connection)
            set_json_loads(from_json, connection)

        self._pool = Pool(
            dsn,
            size=size,
            wait=wait,
            settle=settle,
            autocommit=True,
            cursor_factory=AsyncRawCursor,
            prepare_threshold=None,
            connect_timeout=5,
            options=f"-c statement_timeout={int(statement_timeout * 1000)} -c timezone=UTC",
            **WATCHED,
        )

    def close(self) -> None:
        self._pool.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection on which each statement commits by itself; a lost server is `Unavailable`.

        Whoever is cancelled meanwhile ends cancelled, also where the cancellation was swallowed, as `asyncio.wait_for`
        does before Python 3.12: a loop would go on for ever.
        """
        before = _cancellations()
        try:
            connection = await self._pool.take()
            try:
                yield connection
            finally:
                await self._pool.give_back(connection)
        except LOST as error:
            if _is_away(error):
                raise Unavailable(str(error)) from error
            raise
        finally:
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
        """Rows as `row(*columns)`: the select list stands in the order of the fields."""
        async with self._asking() as batch:
            found = await batch.rows(batch.ask(sql, values))
        return [row(*columns) for columns in found]

    async def one(self, row: type[Row], sql: str, *values: Any) -> Row | None:
        rows = await self.all(row, sql, *values)
        return rows[0] if rows else None

    async def run(self, sql: str, *values: Any) -> int:
        """Rows touched."""
        async with self._asking() as batch:
            asked = batch.ask(sql, values)
        return asked.touched

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[Batch]:
        async with self.connection() as connection:
            with asked_again():
                async with Batch(connection) as batch:
                    yield batch


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
