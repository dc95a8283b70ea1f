"""The kernel on one database, put together by hand as `wiring` does, with a few facts to play with."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from dianabot.kernel.bus import Bus, Consumers, routes
from dianabot.kernel.bus.lanes import Lanes
from dianabot.kernel.clock import Clock, ManualClock
from dianabot.kernel.db import Database
from dianabot.kernel.events import Envelope, Fact, MemberFact, Priority
from dianabot.kernel.ids import MemberId, uuid7
from dianabot.kernel.tx import Cause, Transactions, Tx, Woken

START = datetime(2026, 1, 15, 12, tzinfo=UTC)
MEMBERS = """
INSERT INTO users (telegram_id, language, created_at, last_active_at)
SELECT coalesce((SELECT max(telegram_id) FROM users), 0) + number, 'es', $2, $2
FROM generate_series(1, $1::int) AS number
RETURNING id
"""
UNREAD = "(event_logs.xid, event_logs.seq) > (tails.xid, tails.seq)"
SEEN = "CREATE TABLE seen (id bigserial, consumer text, subject text, event_type text, n bigint)"
SAW = "SELECT subject, n FROM seen WHERE $1::text IS NULL OR consumer = $1 ORDER BY id"
SEE = "INSERT INTO seen (consumer, subject, event_type, n) VALUES ($1, $2, $3, $4)"


class Noted(MemberFact):
    """Something small about a member."""

    event_type = "proof.noted"
    n: int = 0


class Alarmed(MemberFact):
    """Something about a member that goes before others."""

    event_type = "proof.alarmed"
    priority: ClassVar[Priority] = Priority.CRITICAL
    n: int = 0


class Aired(Fact):
    """Something about a channel, whom nobody locks."""

    event_type = "proof.aired"
    channel: int
    n: int = 0

    @property
    def subject(self) -> str:
        return f"channel:{self.channel}"


@dataclass(frozen=True)
class Pieces:
    """What a planted fault puts in place of the house's own."""

    transactions: type[Transactions] = Transactions
    lanes: type[Lanes] = Lanes


SOUND = Pieces()


class Stage:
    """A process's share of the kernel. Its clock stands still unless it is given one that runs."""

    def __init__(
        self,
        dsn: str,
        consumers: Consumers = Consumers(),  # noqa: B008 - frozen and empty
        *,
        clock: Clock | None = None,
        wake: Callable[[set[Woken]], None] = lambda _: None,
        size: int = 6,
        process: str = "one",
        workers: int = 4,
        pieces: Pieces = SOUND,
        **database: float,
    ) -> None:
        self.consumers = consumers
        self.clock = clock or ManualClock(START)
        self.routes = routes(consumers.consequences, consumers.outsides)
        self.db = Database(dsn, size=size, **database)
        self.transactions = pieces.transactions(self.db, self.clock, self.routes, wake)
        self.bus = Bus(self.transactions, self.clock, consumers, process=process, workers=workers)
        self.bus._lanes = pieces.lanes(self.transactions, self.clock, consumers.consequences)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.db.close()

    @property
    def time(self) -> ManualClock:
        assert isinstance(self.clock, ManualClock)
        return self.clock

    def cause(self, operation: str | None = None) -> Cause:
        return Cause("system", uuid7(self.clock.now()), operation)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        async with self.transactions.begin(self.cause()) as tx:
            yield tx

    async def members(self, number: int = 1) -> list[MemberId]:
        async with self.begin() as tx:
            return [MemberId(member) for member in await tx.column(int, MEMBERS, number, tx.at)]

    async def happen(self, *facts: Fact) -> None:
        """These facts, in one transaction that locks whom it must."""
        async with self.begin() as tx:
            await tx.lock_members(*{fact.about for fact in facts if fact.about is not None})
            for fact in facts:
                tx.announce(fact)

    async def count(self, table: str, where: str = "true") -> int:
        found = await self.db.one(int, f"SELECT count(*) FROM {table} WHERE {where}")  # noqa: S608 - names from tests
        assert found is not None
        return found

    async def start(self) -> None:
        """`bus.start()` when all that is committed lies behind, so that no tail begins before it."""
        await tails_may_read(self.db)
        await self.bus.start()

    async def drain(self) -> None:
        """`bus.drain()` when tails may read all that is committed."""
        await tails_may_read(self.db)
        await self.bus.drain()

    async def somebody_waits(self) -> None:
        """Until some session waits for a lock; those of other tests, on the same server, do not count."""
        await until(lambda: self.count("pg_stat_activity", "wait_event_type = 'Lock' AND datname = current_database()"))

    async def at_rest(self) -> bool:
        """Nothing is left to deliver, and every tail has read the log to its end."""
        return not await self.count("deliveries") and not await self.count("tails, event_logs", UNREAD)

    async def watch(self) -> None:
        """Make the table in which `seeing` writes down what was heard."""
        await self.db.run(SEEN)

    async def seen(self, consumer: str | None = None) -> list[tuple[Any, ...]]:
        """(subject, n) in the order in which the effects were written."""
        return await self.rows(SAW, consumer)

    async def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        async with self.db.connection() as connection:
            return await (await connection.execute(sql.encode(), values)).fetchall()


def seeing(consumer: str) -> Callable[[Tx, Envelope], Awaitable[None]]:
    """An effect of one row: that this consumer heard it."""

    async def see(tx: Tx, event: Envelope) -> None:
        await tx.send(SEE, consumer, event.subject, event.event_type, event.data.get("n", 0))

    return see


async def see_all(tx: Tx, consumer: str, events: Iterable[Envelope]) -> None:
    for event in events:
        await seeing(consumer)(tx, event)


async def tails_may_read(db: Database) -> None:
    """Until whoever is at work now has ended, on the whole server.

    A tail stops below the oldest transaction of the server, whatever its database, and the tests share one server.
    """
    running = await db.one(int, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    ended = f"SELECT count(*) WHERE pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= {running}"
    await until(lambda: db.one(int, ended))


async def until(true: Callable[[], Awaitable[object]], *, seconds: float = 60.0) -> None:
    """Wait for a fact that only asking can tell."""
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(*buses: Bus) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(bus.run()) for bus in buses]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
