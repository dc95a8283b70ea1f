"""Effects outside PostgreSQL: claimed by lease, called outside any transaction, settled in one.

For what the far side has no key for, "once" can only mean: never begun twice while it may have been done. So a call
is leased before it starts; a lease that outlives its holder tells that the outcome is unknown, and the consumer's
`repeat` decides whether it is called again or set aside for a person.
"""

import asyncio
import random
import traceback
from collections.abc import Sequence
from datetime import timedelta

from dianabot.kernel import log
from dianabot.kernel.breaker import BreakerOpen
from dianabot.kernel.bus import letters, store
from dianabot.kernel.bus.consumers import Outside, matching
from dianabot.kernel.bus.lanes import ATTEMPTS, back_off
from dianabot.kernel.clock import Clock
from dianabot.kernel.db import CONFLICTS
from dianabot.kernel.errors import Unavailable
from dianabot.kernel.events import Envelope, lane_of, member_of
from dianabot.kernel.ids import uuid7
from dianabot.kernel.metrics import deliveries_done_total, deliveries_failed_total
from dianabot.kernel.tx import Cause, Transactions

LOG = log.get(__name__)

IN_FLIGHT = 32
LEASE = timedelta(seconds=60)
CALL_SECONDS = 30.0
SETTLE_SECONDS = 20.0
SETTLE_PAUSE = 0.2
WAIT = timedelta(seconds=2)


class OutsideRunner:
    def __init__(self, transactions: Transactions, clock: Clock, outsides: Sequence[Outside], *, process: str) -> None:
        self._transactions = transactions
        self._clock = clock
        self._process = process
        self._by_type = {(row.consumer, name): row for row in outsides for name in matching(row.on)}
        self.consumers = sorted({row.consumer for row in outsides})

    async def work(self, consumer: str) -> bool:
        """Lease what is first in each subject's line and call it, subjects side by side."""
        await self._lapsed(consumer)
        async with self._transactions.begin(self._cause()) as tx:
            until = self._clock.real() + LEASE
            mine = await tx.all(Envelope, store.LEASE, consumer, tx.at, until, self._process, IN_FLIGHT)
        ends = await asyncio.gather(*(self._call(consumer, event) for event in mine), return_exceptions=True)
        for failure in filter(None, ends):
            raise failure
        return bool(mine)

    async def _call(self, consumer: str, event: Envelope) -> None:
        row = self._by_type[consumer, event.event_type]
        if self._clock.now() - event.timestamp > row.wanted_for:
            await self._bury(row, event, letters.Death(consumer, 0, "lapsed", "no longer wanted", ""))
            return
        try:
            async with asyncio.timeout(CALL_SECONDS):
                result = await row.call(event)
        except Exception as error:  # noqa: BLE001 - whatever a call raises is kept with its trace
            if isinstance(error, (TimeoutError, BreakerOpen, *row.not_attempts)):
                LOG.info("outside_waits", consumer=consumer, event_id=str(event.event_id), error=repr(error))
                await self._wait(row, event)
            else:
                await self._failed(row, event, error)
        else:
            await self._keep_answer(row, event, result)

    async def _keep_answer(self, row: Outside, event: Envelope, result: object) -> None:
        """The far side has done it: what it said outlives conflicts and lost connections, as long as the lease."""
        until = self._clock.monotonic() + SETTLE_SECONDS
        while True:
            try:
                return await self._settle(row, event, result)
            except (Unavailable, *CONFLICTS):
                if self._clock.monotonic() > until:
                    raise
                await self._clock.sleep(SETTLE_PAUSE)
            except Exception as error:  # noqa: BLE001 - whatever a settlement raises is kept with its trace
                if row.repeat == "safe":
                    return await self._failed(row, event, error)
                return await self._bury(
                    row, event, letters.Death(row.consumer, 1, "unknown", repr(error), _trace(error))
                )

    async def _settle(self, row: Outside, event: Envelope, result: object) -> None:
        place = (row.consumer, lane_of(event.subject), event.seq)
        async with self._transactions.begin(self._cause()) as tx:
            if (member := member_of(event.subject)) is not None:
                await tx.lock_members(member)
            if await tx.value(int, store.MINE, *place, self._process) is None:
                LOG.warning("lease_lost", consumer=row.consumer, event_id=str(event.event_id))
                return
            with tx.caused_by(event):
                await row.settle(tx, event, result)
            await tx.send(store.DONE, place[0], place[1], [event.seq])
        deliveries_done_total.labels(row.consumer).inc()

    async def _wait(self, row: Outside, event: Envelope) -> None:
        """Not an attempt: the far side is away, and the thing is still wanted."""
        async with self._transactions.begin(self._cause()) as tx:
            await tx.run(store.WAIT, row.consumer, lane_of(event.subject), event.seq, tx.at + WAIT)

    async def _failed(self, row: Outside, event: Envelope, error: Exception) -> None:
        deliveries_failed_total.labels(row.consumer).inc()
        place = (row.consumer, lane_of(event.subject), event.seq)
        async with self._transactions.begin(self._cause()) as tx:
            attempts = await tx.value(int, store.MINE, *place, self._process)
            if attempts is None:
                return
            attempts += 1
            if attempts >= ATTEMPTS:
                death = letters.Death(row.consumer, attempts, "failed", repr(error), _trace(error))
                await letters.bury(tx, event, death)
            else:
                await tx.send(store.PUT_OFF, *place, attempts, tx.at + back_off(attempts, random.random()))

    async def _lapsed(self, consumer: str) -> None:
        """Leases whose holder never came back: call again where that is safe, else leave it to a person."""
        async with self._transactions.begin(self._cause()) as tx:
            for event in await tx.all(Envelope, store.LAPSED_LEASES, consumer, self._clock.real()):
                row = self._by_type[consumer, event.event_type]
                if row.repeat == "safe":
                    await tx.send(store.WAIT, consumer, lane_of(event.subject), event.seq, None)
                else:
                    death = letters.Death(consumer, 1, "unknown", "cut off during the call", "")
                    await letters.bury(tx, event, death)

    async def _bury(self, row: Outside, event: Envelope, death: letters.Death) -> None:
        async with self._transactions.begin(self._cause()) as tx:
            if (
                await tx.value(int, store.MINE, row.consumer, lane_of(event.subject), event.seq, self._process)
                is not None
            ):
                await letters.bury(tx, event, death)

    def _cause(self) -> Cause:
        return Cause("system", uuid7(self._clock.now()))


def _trace(error: Exception) -> str:
    return "".join(traceback.format_exception(error))
