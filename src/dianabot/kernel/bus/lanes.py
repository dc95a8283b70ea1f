"""Consequences: in order per subject, in batches, and the acknowledgement in the transaction of the effect.

A lane of a consumer is worked by one process at a time, which holds an advisory lock for the length of a transaction.
A batch runs whole; if anything in it fails it is rolled back and its events run one by one, so that the one at fault
is found and put off without holding up anybody else's.
"""

import random
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from dianabot.kernel import log
from dianabot.kernel.bus import letters, store
from dianabot.kernel.bus.consumers import Consequence, matching
from dianabot.kernel.clock import Clock
from dianabot.kernel.db import CONFLICTS
from dianabot.kernel.errors import Unavailable
from dianabot.kernel.events import Envelope, member_of
from dianabot.kernel.ids import uuid7
from dianabot.kernel.metrics import deliveries_done_total, deliveries_failed_total, delivery_lag_seconds
from dianabot.kernel.tx import Cause, Transactions, Tx

LOG = log.get(__name__)

ATTEMPTS = 3
BATCH = 50
BATCH_SECONDS = 0.02
FIRST_WAIT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Pair:
    consumer: str
    lane: int


@dataclass(frozen=True, slots=True)
class Found:
    consumer: str
    lane: int
    urgent: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery that this transaction has locked."""

    attempts: int
    may_run: bool


def back_off(attempt: int, spread: float) -> timedelta:
    """1 s, 4 s, each up to half as long again: `spread` in 0..1 keeps failures from marching in step."""
    return FIRST_WAIT * 4.0 ** (attempt - 1) * (1 + spread / 2)


class Lanes:
    """What one process does on its consumers' lanes. It decides nothing about when: see `Bus`."""

    def __init__(self, transactions: Transactions, clock: Clock, consequences: Sequence[Consequence]) -> None:
        self._transactions = transactions
        self._clock = clock
        self._effects = {
            (row.consumer, event_type): row.effect for row in consequences for event_type in matching(row.on)
        }
        self._singly = {row.consumer for row in consequences if row.singly}
        self.consumers = sorted({row.consumer for row in consequences})
        self.done = 0

    async def find(self) -> list[Found]:
        """Lanes that hold deliveries, whether or not they may run now."""
        async with self._transactions.look(self._cause()) as tx:
            return await tx.all(Found, store.READY_PAIRS, self.consumers)

    async def work(self, pair: Pair, *, urgent: bool = False) -> bool:
        """One batch; True when there may be more to do at once."""
        batch: list[Envelope] = []
        try:
            return await self._batch(pair, batch, urgent=urgent)
        except (Unavailable, *CONFLICTS):
            raise
        except Exception:
            LOG.info("batch_failed", consumer=pair.consumer, lane=pair.lane, events=len(batch), exc_info=True)
        return await self._one_by_one(pair, batch)

    async def _batch(self, pair: Pair, batch: list[Envelope], *, urgent: bool) -> bool:
        size = 1 if pair.consumer in self._singly else BATCH
        async with self._transactions.begin(self._cause()) as tx:
            locked = await tx.ask(store.TRY_LANE, pair.consumer, pair.lane)
            sql = store.URGENT_BATCH if urgent else store.BATCH
            waiting = await tx.ask(sql, pair.consumer, pair.lane, tx.at, size)
            if not (await locked.column(bool))[0]:
                return False
            read = await waiting.all(Envelope)
            batch += await self._free(tx, read)
            done = await self._run(tx, pair, batch)
            await tx.send(store.DONE, pair.consumer, pair.lane, [event.seq for event in done])
        self._count(pair, done)
        return bool(done) and (urgent or len(read) == size or len(done) < len(batch))

    async def _free(self, tx: Tx, read: Sequence[Envelope]) -> list[Envelope]:
        """Events whose member nobody else is acting for; the others wait for the next look."""
        members = {event.subject: member_of(event.subject) for event in read}
        wanted = {member for member in members.values() if member is not None}
        free = await tx.lock_free_members(wanted) if wanted else set()
        return [event for event in read if (member := members[event.subject]) is None or member in free]

    async def _run(self, tx: Tx, pair: Pair, batch: Sequence[Envelope]) -> Sequence[Envelope]:
        """As many as fit into the time of a batch."""
        started = self._clock.monotonic()
        for number, event in enumerate(batch, 1):
            await self._effect(tx, pair, event)
            if self._clock.monotonic() - started > BATCH_SECONDS:
                return batch[:number]
        return batch

    async def _effect(self, tx: Tx, pair: Pair, event: Envelope) -> None:
        with tx.caused_by(event), log.bound(correlation_id=str(event.correlation_id)):
            await self._effects[pair.consumer, event.event_type](tx, event)

    async def _one_by_one(self, pair: Pair, batch: Sequence[Envelope]) -> bool:
        """Each in a transaction of its own; while one has not been done the rest of that subject waits."""
        held_up: set[str] = set()
        for event in batch:
            if event.subject in held_up:
                continue
            try:
                if not await self._single(pair, event):
                    held_up.add(event.subject)
            except (Unavailable, *CONFLICTS):
                raise
            except Exception as error:  # noqa: BLE001 - whatever an effect raises is kept with its trace
                held_up.add(event.subject)
                await self._put_off(pair, event, error)
        return len(held_up) < len({event.subject for event in batch})

    async def _single(self, pair: Pair, event: Envelope) -> bool:
        """Whether it is out of the way: done, by us or by another process meanwhile."""
        async with self._transactions.begin(self._cause()) as tx:
            if not await tx.value(bool, store.TRY_LANE, pair.consumer, pair.lane):
                return False
            if not await self._free(tx, [event]):  # before anything is written, as in a batch
                return False
            held = await self._hold(tx, pair, event)
            if held is None:
                return True
            if not held.may_run:
                return False
            await self._effect(tx, pair, event)
            await tx.send(store.DONE, pair.consumer, pair.lane, [event.seq])
        self._count(pair, [event])
        return True

    async def _hold(self, tx: Tx, pair: Pair, event: Envelope) -> Held | None:
        return await tx.one(Held, store.STILL_THERE, pair.consumer, pair.lane, event.seq, tx.at)

    async def _put_off(self, pair: Pair, event: Envelope, error: Exception) -> None:
        async with self._transactions.begin(self._cause()) as tx:
            held = await self._hold(tx, pair, event)
            if held is None or not held.may_run:
                return
            attempts = held.attempts + 1
            LOG.warning(
                "event_failed",
                consumer=pair.consumer,
                event_id=str(event.event_id),
                attempt=attempts,
                correlation_id=str(event.correlation_id),
                exc_info=error,
            )
            if attempts >= ATTEMPTS:
                trace = "".join(traceback.format_exception(error))
                await letters.bury(tx, event, letters.Death(pair.consumer, attempts, "failed", repr(error), trace))
            else:
                next_at = tx.at + back_off(attempts, random.random())
                await tx.send(store.PUT_OFF, pair.consumer, pair.lane, event.seq, attempts, next_at)
        deliveries_failed_total.labels(pair.consumer).inc()

    def _count(self, pair: Pair, done: Sequence[Envelope]) -> None:
        self.done += len(done)
        deliveries_done_total.labels(pair.consumer).inc(len(done))
        lag = delivery_lag_seconds.labels(pair.consumer)
        now = self._clock.now()
        for event in done:
            lag.observe((now - event.timestamp).total_seconds())

    def _cause(self) -> Cause:
        return Cause("system", uuid7(self._clock.now()))
