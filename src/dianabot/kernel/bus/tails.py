"""Tail consumers: the log itself, read in batches in the order of commits.

The cursor is (transaction, seq) and stops below the oldest transaction still running: ids are given before commits,
so a cursor over ids alone would pass over a row whose commit came late.
"""

import random
import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dianabot.kernel import log
from dianabot.kernel.bus import letters, store
from dianabot.kernel.bus.consumers import Tail, matching
from dianabot.kernel.bus.lanes import ATTEMPTS, back_off
from dianabot.kernel.clock import Clock
from dianabot.kernel.db import CONFLICTS
from dianabot.kernel.errors import Unavailable
from dianabot.kernel.events import Envelope
from dianabot.kernel.ids import uuid7
from dianabot.kernel.metrics import deliveries_done_total, deliveries_failed_total
from dianabot.kernel.tx import Cause, Transactions, Tx

LOG = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Cursor:
    xid: int
    seq: int
    attempts: int
    next_at: datetime | None


class Logged:
    """An event and the transaction that wrote it."""

    def __init__(self, xid: int, *columns: Any) -> None:
        self.xid = xid
        self.event = Envelope(*columns)


class TailRunner:
    def __init__(self, transactions: Transactions, clock: Clock, tail: Tail) -> None:
        self._transactions = transactions
        self._clock = clock
        self._tail = tail
        self._types = frozenset(name for pattern in tail.on for name in matching(pattern))
        self._linger = timedelta(seconds=tail.linger)
        self._careful = 0
        """Batches still to be taken one event at a time, after a failure."""
        self._waits_until: datetime | None = None
        """Since its batch may still fill: nothing is read again before then, however much is committed."""

    async def start(self) -> None:
        """A new tail begins with what is committed from now on, or with the first event of all."""
        async with self._transactions.begin(self._cause()) as tx:
            await tx.run(store.START_TAIL, self._tail.consumer, self._tail.from_the_first)

    async def work(self) -> bool:
        """One batch, if nobody else reads for this consumer; True when there may be more."""
        now = self._clock.now()
        if self._waits_until is not None and self._waits_until - self._linger <= now < self._waits_until:
            return False
        size = 1 if self._careful else self._tail.batch
        read: list[Logged] = []
        try:
            async with self._transactions.begin(self._cause()) as tx:
                cursor = await tx.one(Cursor, store.HOLD_TAIL, self._tail.consumer)
                if cursor is None or (cursor.next_at is not None and cursor.next_at > tx.at):
                    return False
                read += await tx.all(Logged, store.READ_TAIL, cursor.xid, cursor.seq, size)
                self._waits_until = self._may_wait(tx, read)
                if not read or self._waits_until is not None:
                    return False
                await self._read(tx, read)
        except (Unavailable, *CONFLICTS):
            raise
        except Exception as error:  # noqa: BLE001 - whatever an effect raises is kept with its trace
            await self._failed(read, error)
            return True
        self._careful = max(0, self._careful - 1)
        return len(read) == size

    def _may_wait(self, tx: Tx, read: list[Logged]) -> datetime | None:
        if not read or len(read) == self._tail.batch:
            return None
        came = read[0].event.timestamp
        until = came + self._linger
        return until if came <= tx.at < until else None  # a clock that was put back is not waited for

    async def _read(self, tx: Tx, read: list[Logged]) -> None:
        heard = [logged.event for logged in read if logged.event.event_type in self._types]
        if heard:
            await self._tail.effect(tx, heard)
        await tx.send(store.MOVE_TAIL, self._tail.consumer, read[-1].xid, read[-1].event.seq)
        deliveries_done_total.labels(self._tail.consumer).inc(len(heard))

    async def _failed(self, read: list[Logged], error: Exception) -> None:
        """First find the event at fault, then put it off, and at last pass it over."""
        deliveries_failed_total.labels(self._tail.consumer).inc()
        LOG.warning("tail_failed", consumer=self._tail.consumer, events=len(read), exc_info=error)
        if len(read) > 1:
            self._careful = len(read)
            return
        logged = read[0]
        async with self._transactions.begin(self._cause()) as tx:
            cursor = await tx.one(Cursor, store.HOLD_TAIL, self._tail.consumer)
            if cursor is None or (cursor.xid, cursor.seq) >= (logged.xid, logged.event.seq):
                return
            attempts = cursor.attempts + 1
            if attempts < ATTEMPTS:
                next_at = tx.at + back_off(attempts, random.random())
                await tx.send(store.PUT_OFF_TAIL, self._tail.consumer, attempts, next_at)
                return
            trace = "".join(traceback.format_exception(error))
            death = letters.Death(self._tail.consumer, attempts, "failed", repr(error), trace)
            event = logged.event
            await tx.send(
                store.BURY_FROM_TAIL, death.consumer, event.event_id, attempts, death.error, death.trace, tx.at
            )
            letters.tell(tx, event, death)
            await tx.send(store.MOVE_TAIL, self._tail.consumer, logged.xid, event.seq)

    def _cause(self) -> Cause:
        return Cause("system", uuid7(self._clock.now()))


async def rewind(tx: Tx, consumer: str) -> None:
    """Let a tail read the whole log again; what it made of it must be undone in the same transaction."""
    await tx.send(store.REWIND_TAIL, consumer)
