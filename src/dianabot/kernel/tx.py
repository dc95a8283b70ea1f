"""One PostgreSQL transaction: a connection, an instant, a cause, and the facts announced in it.

Two places open and commit one: the coordinator and the bus. Everybody else is handed a `Tx` and never sees its
connection. The whole transaction is one pipeline: what is sent without being read costs no round trip.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import coroutine
from typing import Any, Final, TypeVar
from uuid import UUID

from psycopg.rows import TupleRow
from pydantic_core import to_json

from dianabot.kernel.clock import Clock
from dianabot.kernel.connection import Asked, Batch
from dianabot.kernel.db import Database, Row, asked_again
from dianabot.kernel.events import Envelope, Fact, Priority, Routes, lane_of
from dianabot.kernel.ids import MemberId, uuid7
from dianabot.kernel.metrics import events_announced_total

Value = TypeVar("Value")

BEGIN = "BEGIN"
COMMIT = "COMMIT"
LOOK = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
SAVEPOINT = "SAVEPOINT before_the_act"
ROLLBACK_TO_SAVEPOINT = "ROLLBACK TO SAVEPOINT before_the_act"

URGENT: Final = int(Priority.HIGH)

LOCK_MEMBERS = "SELECT id FROM users WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"
LOCK_FREE_MEMBERS = "SELECT id FROM users WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
LOCK_NAME = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"

WRITE_FACTS = """
WITH fact AS MATERIALIZED (
    SELECT nextval('event_seq') AS seq, announced.*
    FROM jsonb_to_recordset($1::jsonb) AS announced (
        event_id uuid, event_type text, event_data jsonb, subject text, user_id bigint, actor text, operation text,
        correlation_id uuid, causation_id uuid, priority smallint, version smallint, heard jsonb)
), logged AS (
    INSERT INTO event_logs (event_id, seq, event_type, event_data, timestamp, subject, user_id, actor, operation,
                            correlation_id, causation_id, priority, version)
    SELECT event_id, seq, event_type, event_data, $2, subject, user_id, actor, operation,
           correlation_id, causation_id, priority, version
    FROM fact
)
INSERT INTO deliveries (consumer, lane, seq, event_id, event_type, event_data, timestamp, subject, user_id, actor,
                        operation, correlation_id, causation_id, priority, version)
SELECT heard.consumer, heard.lane, fact.seq, event_id, event_type, event_data, $2, heard.subject, user_id, actor,
       operation, correlation_id, causation_id, priority, version
FROM fact, jsonb_to_recordset(fact.heard) AS heard (consumer text, lane smallint, subject text)
"""
UNWANTED = "ARRAY(SELECT consumer || ' ' || event_type FROM unwanted_events)"
"""A column with what `Tx.unwanted` is, for a statement that is asked anyhow."""


class AnnouncedWithoutLock(Exception):  # noqa: N818 - says what happened
    """A fact about a member whom this transaction has not locked: her events would lose their order."""


class NotCommitted(Exception):  # noqa: N818 - says what happened
    """PostgreSQL rolled back where a commit was asked: somebody swallowed an error inside the transaction."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Who or what started this chain, and which fact came right before."""

    actor: str
    correlation_id: UUID
    operation: str | None = None
    causation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Woken:
    """A lane that has work now."""

    consumer: str
    lane: int
    urgent: bool


_WOULD_WAIT: Final = object()
"""What a piece of work says, among several, before it waits for an answer."""


@coroutine
def _others_first() -> Generator[object, None, None]:
    """Let the others ask what they have to ask: their answers come by the same round trip."""
    yield _WOULD_WAIT


class Answer:
    """Rows that are on their way."""

    def __init__(self, asked: Asked, batch: Batch, tx: "Tx") -> None:
        self._asked = asked
        self._batch = batch
        self._tx = tx

    async def all(self, row: type[Row]) -> list[Row]:
        """Rows as `row(*columns)`: the select list stands in the order of the fields."""
        return [row(*columns) for columns in await self._rows()]

    async def _rows(self) -> list[TupleRow]:
        if self._tx.among_others:
            await _others_first()
        return await self._batch.rows(self._asked)

    async def column(self, kind: type[Value]) -> list[Value]:
        found = [columns[0] for columns in await self._rows()]
        assert all(isinstance(value, kind) for value in found), f"expected {kind.__name__}, got {found!r}"
        return found


class Tx:
    def __init__(self, batch: Batch, *, at: datetime, cause: Cause, routes: Routes) -> None:
        self._batch = batch
        self.routes = routes
        self._announced: list[tuple[Fact, Cause]] = []
        self._held: set[int] = set()
        self.among_others = False
        """Whether the work that runs now is one of several that share their round trips."""
        self.unwanted: frozenset[str] = frozenset()
        """Which consumer has no use for which event at present, each as `consumer event`: it need not be handed it."""
        self.created: MemberId | None = None
        self.operation_id: int | None = None
        """The row under whose key all this happens, if an operation is at work."""
        self.at = at
        self.cause = cause
        self.woken: set[Woken] = set()
        self.logged: list[str] = []

    async def ask(self, sql: str, *values: Any) -> "Answer":
        """Ask now and read later: several questions share one round trip."""
        return Answer(self._batch.ask(sql, values), self._batch, self)

    async def all(self, row: type[Row], sql: str, *values: Any) -> list[Row]:
        return await (await self.ask(sql, *values)).all(row)

    async def one(self, row: type[Row], sql: str, *values: Any) -> Row | None:
        rows = await self.all(row, sql, *values)
        return rows[0] if rows else None

    async def column(self, kind: type[Value], sql: str, *values: Any) -> list[Value]:
        """The first column of every row."""
        return await (await self.ask(sql, *values)).column(kind)

    async def value(self, kind: type[Value], sql: str, *values: Any) -> Value | None:
        column = await self.column(kind, sql, *values)
        return column[0] if column else None

    async def run(self, sql: str, *values: Any) -> int:
        """Rows touched; one round trip."""
        asked = self._batch.ask(sql, values)
        if self.among_others:
            await _others_first()
        await self._batch.wait_for(asked)
        return asked.touched

    @coroutine
    def together(self, *works: Coroutine[Any, Any, Any]) -> Generator[Any, Any, list[Any]]:
        """Several pieces of work as if one came after the other, except that they wait together.

        Each runs up to its first answer before any of them waits for one, then up to its second, and so on: what they
        ask in the same turn costs one round trip. Of several that fail, the first is what is told; a cancellation ends
        all of them where they are.
        """
        if len(works) == 1:
            return [(yield from works[0])]
        within, self.among_others = self.among_others, True
        left, found = list(enumerate(works)), [None] * len(works)
        failed: Exception | None = None
        try:
            while left:
                for turn in tuple(left):
                    place, work = turn
                    try:
                        ended = yield from _up_to_an_answer(work)
                    except Exception as error:  # noqa: BLE001 - told when those before it have come to their end
                        failed = error
                        here = left.index(turn)
                        for _, later in left[here:]:
                            later.close()
                        del left[here:]
                        break
                    if ended is not None:
                        left.remove(turn)
                        found[place] = ended.value
                if left and within:
                    yield _WOULD_WAIT
        finally:
            self.among_others = within
            for _, work in left:
                work.close()
        if failed is not None:
            raise failed
        return found

    async def send(self, sql: str, *values: Any) -> None:
        """Like `run`, without waiting: a failure shows at the next read or at the commit."""
        self._batch.ask(sql, values)

    async def lock_members(self, *members: MemberId) -> None:
        """Members act one at a time. Call it once, before anything else is locked."""
        await self.send(LOCK_MEMBERS, sorted(members))
        self._held.update(members)

    def holds(self, member: MemberId) -> None:
        """A statement of the caller's locks her before it does anything else."""
        self._held.add(member)

    async def lock_free_members(self, members: Iterable[int]) -> set[int]:
        """Lock those whom nobody else holds, and say who they are."""
        free = set(await self.column(int, LOCK_FREE_MEMBERS, sorted(members)))
        self._held |= free
        return free

    async def lock_name(self, name: str) -> None:
        """For acts without a member: one at a time under this name."""
        await self.send(LOCK_NAME, name)

    def created_member(self, member: MemberId) -> None:
        """A row inserted here is held by us as if it were locked."""
        self.holds(member)
        self.created = member

    def announce(self, fact: Fact) -> None:
        self._announced.append((fact, self.cause))

    @contextmanager
    def caused_by(self, envelope: Envelope) -> Iterator[None]:
        """What is announced inside belongs to the chain of that event."""
        before = self.cause
        self.cause = Cause(envelope.actor, envelope.correlation_id, envelope.operation, envelope.event_id)
        try:
            yield
        finally:
            self.cause = before

    async def savepoint(self) -> None:
        await self.send(SAVEPOINT)

    async def undo_to_savepoint(self) -> None:
        """Take back what was done and announced since the savepoint."""
        self._announced.clear()
        await self.send(ROLLBACK_TO_SAVEPOINT)

    async def write_facts(self) -> None:
        """Log the announced facts and hand them to their consumers, in one statement."""
        if not self._announced:
            return
        announced = [self._row(fact, cause) for fact, cause in self._announced]
        self._announced.clear()
        await self.send(WRITE_FACTS, to_json(announced).decode(), self.at)

    def _row(self, fact: Fact, cause: Cause) -> dict[str, Any]:
        about = fact.about
        if about is not None and about not in self._held:
            raise AnnouncedWithoutLock(fact.event_type)
        heard = [
            {"consumer": consumer, "subject": subject, "lane": lane_of(subject)}
            for consumer, subject in self.routes.of(fact).items()
            if f"{consumer} {fact.event_type}" not in self.unwanted
        ]
        urgent = fact.priority <= URGENT
        self.woken.update(Woken(row["consumer"], row["lane"], urgent) for row in heard)  # type: ignore[arg-type]  # the dict mixes text and numbers
        self.logged.append(fact.event_type)
        return {
            "event_id": uuid7(self.at),
            "event_type": fact.event_type,
            "event_data": fact,
            "subject": fact.subject,
            "user_id": about,
            "actor": cause.actor,
            "operation": cause.operation,
            "correlation_id": cause.correlation_id,
            "causation_id": cause.causation_id,
            "priority": int(fact.priority),
            "version": fact.version,
            "heard": heard,
        }


def _up_to_an_answer(work: Coroutine[Any, Any, Any]) -> Generator[Any, Any, "_Ended | None"]:
    """Run it until it would wait for an answer, or to its end. The network and locks are waited for on its behalf."""
    go_on: Callable[[], Any] = partial(work.send, None)
    while True:
        try:
            wanted = go_on()
        except StopIteration as ended:
            return _Ended(ended.value)
        if wanted is _WOULD_WAIT:
            return None
        try:
            came = yield wanted
        except BaseException as error:  # noqa: BLE001 - it is the work's own to handle
            go_on = partial(work.throw, error)
        else:
            go_on = partial(work.send, came)


@dataclass(frozen=True, slots=True)
class _Ended:
    value: Any


class Transactions:
    """Opens and commits. Only the coordinator and the bus hold one."""

    def __init__(self, db: Database, clock: Clock, routes: Routes, wake: Callable[[set[Woken]], None]) -> None:
        self._db = db
        self._clock = clock
        self._routes = routes
        self._wake = wake

    @asynccontextmanager
    async def begin(self, cause: Cause) -> AsyncIterator[Tx]:
        """Commit what is done inside; an exception undoes all of it."""
        async with self._db.connection() as connection:
            async with Batch(connection) as batch:
                batch.ask(BEGIN)
                tx = Tx(batch, at=self._clock.now(), cause=cause, routes=self._routes)
                yield tx
                await tx.write_facts()
                committed = batch.ask(COMMIT)
            if committed.said != COMMIT:
                raise NotCommitted(cause.operation)
        for event_type in tx.logged:
            events_announced_total.labels(event_type).inc()
        if tx.woken:
            self._wake(tx.woken)

    @asynccontextmanager
    async def look(self, cause: Cause) -> AsyncIterator[Tx]:
        """One consistent snapshot; PostgreSQL itself refuses to write in it."""
        with asked_again():
            async with self._db.connection() as connection, Batch(connection) as batch:
                batch.ask(LOOK)
                yield Tx(batch, at=self._clock.now(), cause=cause, routes=self._routes)
                batch.ask(COMMIT)
