"""From fact to consequence (the EventBus of plans): why nothing is lost and nothing happens twice.

A fact is written with its cause. Its deliveries lie in PostgreSQL until the transaction of their effect deletes them.
Everything here is only about waking early: a lost hint costs at most one poll.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dianabot.kernel import log
from dianabot.kernel.bus.consumers import (
    Consequence,
    Outside,
    Tail,
    matching,
    routes,
    spare,
    timer_consumers,
)
from dianabot.kernel.bus.hints import EVENTS, WAKE, Hints, fan_out, heard
from dianabot.kernel.bus.lanes import Lanes, Pair
from dianabot.kernel.bus.letters import EventProcessingFailed, make_known
from dianabot.kernel.bus.outside import OutsideRunner
from dianabot.kernel.bus.tails import TailRunner, rewind
from dianabot.kernel.clock import Clock
from dianabot.kernel.db import CONFLICTS
from dianabot.kernel.errors import Unavailable
from dianabot.kernel.ids import uuid7
from dianabot.kernel.timers import AT_ONCE, fire_due
from dianabot.kernel.tx import Cause, Transactions, Woken

__all__ = [
    "EVENTS",
    "WAKE",
    "Bus",
    "Consequence",
    "Consumers",
    "EventProcessingFailed",
    "Hints",
    "Outside",
    "Tail",
    "fan_out",
    "heard",
    "matching",
    "rewind",
    "routes",
    "spare",
    "timer_consumers",
]

LOG = log.get(__name__)

POLL = 0.2
WORKERS = 4
LONGEST_PAUSE = 2.0


@dataclass(frozen=True)
class Consumers:
    """Everybody who hears."""

    consequences: tuple[Consequence, ...] = ()
    tails: tuple[Tail, ...] = ()
    outsides: tuple[Outside, ...] = ()


class _Ready:
    """Lanes to look at: each once, urgent ones first, never two workers on one."""

    def __init__(self) -> None:
        self._waiting: dict[Pair, bool] = {}
        self._busy: set[Pair] = set()
        self._something = asyncio.Event()

    def add(self, pair: Pair, *, urgent: bool) -> None:
        if urgent and not self._waiting.get(pair):
            self._waiting.pop(pair, None)
            self._waiting = {pair: True, **self._waiting}
        else:
            self._waiting.setdefault(pair, urgent)
        self._something.set()

    async def take(self) -> tuple[Pair, bool]:
        while True:
            for pair, urgent in self._waiting.items():
                if pair not in self._busy:
                    del self._waiting[pair]
                    self._busy.add(pair)
                    return pair, urgent
            self._something.clear()
            await self._something.wait()

    def give_back(self, pair: Pair) -> None:
        self._busy.discard(pair)
        if pair in self._waiting:
            self._something.set()


class Bus:
    """The consumers that this process works for, and when they look."""

    def __init__(
        self,
        transactions: Transactions,
        clock: Clock,
        consumers: Consumers,
        *,
        process: str,
        workers: int = WORKERS,
    ) -> None:
        self._transactions = transactions
        self._clock = clock
        self._workers = workers
        self._lanes = Lanes(transactions, clock, consumers.consequences)
        self._tails = [TailRunner(transactions, clock, tail) for tail in consumers.tails]
        self._outside = OutsideRunner(transactions, clock, consumers.outsides, process=process)
        self._timers = timer_consumers(consumers.consequences)
        self._ready = _Ready()
        self._tail_hint = asyncio.Event()
        self._outside_hint = asyncio.Event()
        self.trouble: str | None = None
        """What a step of the bus itself died of, until one succeeds again."""

    def wake(self, woken: Woken) -> bool:
        """A hint that a lane has work; False when this process does not serve it. Losing it is harmless."""
        self._tail_hint.set()
        if woken.consumer in self._lanes.consumers:
            self._ready.add(Pair(woken.consumer, woken.lane), urgent=woken.urgent)
            return True
        if woken.consumer in self._outside.consumers:
            self._outside_hint.set()
            return True
        return False

    async def run(self) -> None:
        """Work until cancelled. PostgreSQL's absence is waited out."""
        while not await self._goes_well(self.start):
            await self._clock.sleep(POLL)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep(self._poll))
            for _ in range(self._workers):
                tasks.create_task(self._keep(self._work_once))
            for tail in self._tails:
                tasks.create_task(self._keep(lambda tail=tail: self._follow(tail)))  # type: ignore[misc]  # mypy cannot type a lambda's default
            for consumer in self._outside.consumers:
                tasks.create_task(self._keep(lambda consumer=consumer: self._reach_out(consumer)))  # type: ignore[misc]  # as above

    async def start(self) -> None:
        """Make this process's consumers known, so that a later replay knows what they never heard."""
        async with self._transactions.begin(self._cause()) as tx:
            await make_known(tx, [*self._lanes.consumers, *self._outside.consumers])
        for tail in self._tails:
            await tail.start()

    async def drain(self) -> None:
        """Work until a whole round finds nothing to do. For drills and for commands that end."""
        busy = True
        while busy:
            busy = await self._fire_timers() > 0
            for found in await self._lanes.find():
                before = self._lanes.done
                await self._lanes.work(Pair(found.consumer, found.lane), urgent=False)
                busy |= self._lanes.done > before
            for consumer in self._outside.consumers:
                busy |= await self._outside.work(consumer)
            for tail in self._tails:
                busy |= await tail.work()

    async def _keep(self, step: Callable[[], Awaitable[None]]) -> None:
        """Repeat a step for as long as the process lives, slower while PostgreSQL is away."""
        pause = POLL
        while True:
            if await self._goes_well(step):
                pause = POLL
            else:
                await self._clock.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _goes_well(self, step: Callable[[], Awaitable[None]]) -> bool:
        try:
            await step()
        except (Unavailable, *CONFLICTS) as error:
            LOG.info("bus_waits", error=repr(error))
        except Exception as error:
            LOG.exception("bus_failed")
            self.trouble = repr(error)
        else:
            self.trouble = None
            return True
        return False

    async def _poll(self) -> None:
        await self._fire_timers()
        for found in await self._lanes.find():
            self._ready.add(Pair(found.consumer, found.lane), urgent=found.urgent)
        await self._clock.sleep(POLL)

    async def _fire_timers(self) -> int:
        fired = AT_ONCE if self._timers else 0
        total = 0
        while fired == AT_ONCE:
            async with self._transactions.begin(self._cause()) as tx:
                fired = await fire_due(tx, self._timers)
            total += fired
        return total

    async def _work_once(self) -> None:
        pair, urgent = await self._ready.take()
        again = False
        try:
            again = await self._lanes.work(pair, urgent=urgent)
        finally:
            self._ready.give_back(pair)
        if again:
            self._ready.add(pair, urgent=False)

    async def _follow(self, tail: TailRunner) -> None:
        if not await tail.work():
            await self._hint(self._tail_hint)

    async def _reach_out(self, consumer: str) -> None:
        if not await self._outside.work(consumer):
            await self._hint(self._outside_hint)

    async def _hint(self, hint: asyncio.Event) -> None:
        """Until the next poll, or sooner when told."""
        waiting = asyncio.ensure_future(hint.wait())
        poll = asyncio.ensure_future(self._clock.sleep(POLL))
        try:
            await asyncio.wait({waiting, poll}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            poll.cancel()
        hint.clear()

    def _cause(self) -> Cause:
        return Cause("system", uuid7(self._clock.now()))
