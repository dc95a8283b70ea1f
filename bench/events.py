"""How fast facts become effects: drained as fast as they go, and how late at a steady pace through the real way."""

import asyncio
import math
import multiprocessing
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

import psycopg
import uvloop

from bench.row import Row, middle
from dianabot.kernel.bus import Consequence, Consumers, Hints
from dianabot.kernel.bus.lanes import Lanes, Pair
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.events import Envelope
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx, Woken
from dianabot.kernel.valkey import Valkey
from dianabot.worker import Worker
from tests.proof.keeper import Kept
from tests.proof.stage import MEMBERS, START, Noted, Pieces, Stage

TABLE = "CREATE TABLE IF NOT EXISTS bench_effect (member bigint NOT NULL, n bigint NOT NULL)"
EFFECT = "INSERT INTO bench_effect (member, n) VALUES ($1, $2)"
PEOPLE = 1000
AT_ONCE = 8
IN_ONE = 10
PACE = 500


async def effect(tx: Tx, event: Envelope) -> None:
    await tx.send(EFFECT, event.user_id, event.data["n"])


CONSUMERS = Consumers((Consequence("bench", "proof.noted", effect),))


def prepare(dsn: str) -> list[MemberId]:
    with psycopg.connect(dsn, autocommit=True, cursor_factory=psycopg.RawCursor) as connection:
        connection.execute(TABLE)
        return [MemberId(number) for (number,) in connection.execute(MEMBERS.encode(), (PEOPLE, START))]


def measure_drain(kept: Kept, people: list[MemberId], *, full: bool) -> list[Row]:
    number = 100_000 if full else 20_000
    rates = [uvloop.run(_drained(kept.dsn, people, number)) for _ in range(3)]
    return [Row("events drained, one process", middle(rates), "events/s", bar=10_000, goal=18_000)]


def measure_lag(kept: Kept, people: list[MemberId], *, full: bool) -> list[Row]:
    seconds = 30 if full else 8
    rows = []
    if kept.valkey_url is not None:
        late = _lags(kept.dsn, kept.valkey_url, people, seconds)
        rows.append(Row("lag at 500 events/s, p50, woken by Valkey", _share(late, 0.5), "ms", better="less"))
        rows.append(Row("lag at 500 events/s, p99, woken by Valkey", _share(late, 0.99), "ms", 50, 10, "less"))
    late = _lags(kept.dsn, None, people, seconds)
    rows.append(Row("lag at 500 events/s, p99, by the poll alone", _share(late, 0.99), "ms", 250, None, "less"))
    return rows


async def _drained(dsn: str, people: list[MemberId], number: int) -> float:
    async with Stage(dsn, CONSUMERS, clock=SystemClock(), size=10) as stage:
        await stage.db.run("TRUNCATE bench_effect, deliveries, event_logs")

        async def fill(first: int) -> None:
            for at in range(first, number // IN_ONE, AT_ONCE):
                some = [people[(at * IN_ONE + place) % PEOPLE] for place in range(IN_ONE)]
                await stage.happen(*(Noted(member=member, n=at) for member in some))

        await asyncio.gather(*(fill(first) for first in range(AT_ONCE)))
        began = time.perf_counter()
        work = asyncio.create_task(stage.bus.run())
        while not await stage.at_rest():  # noqa: ASYNC110 - the database is asked
            await asyncio.sleep(0.02)
        took = time.perf_counter() - began
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        assert await stage.count("bench_effect") == number
        return number / took


def _lags(dsn: str, valkey_url: str | None, people: list[MemberId], seconds: int) -> list[float]:
    """Milliseconds from the commit of each fact in one process to the commit of its effect in another."""
    context = multiprocessing.get_context("spawn")
    (our_end, their_end), (worker_end, its_end) = context.Pipe(), context.Pipe()
    worker = context.Process(target=_work, args=(dsn, valkey_url, its_end), daemon=True)
    announcer = context.Process(target=_announce, args=(dsn, valkey_url, people, seconds, their_end), daemon=True)
    worker.start()
    its_end.close()
    worker_end.recv()
    announcer.start()
    their_end.close()
    committed: list[float] = our_end.recv()
    worker_end.send(len(committed))
    done: dict[int, float] = worker_end.recv()
    for process in (announcer, worker):
        process.join()
    warm = PACE
    return [1000 * (done[n] - at) for n, at in enumerate(committed) if n >= warm]


def _announce(dsn: str, valkey_url: str | None, people: list[MemberId], seconds: int, pipe: Connection) -> None:
    pipe.send(uvloop.run(_announced(dsn, valkey_url, people, seconds)))


async def _announced(dsn: str, valkey_url: str | None, people: list[MemberId], seconds: int) -> list[float]:
    clock = SystemClock()
    valkey = Valkey(valkey_url, clock)
    hints = Hints(valkey)

    def wake(woken: set[Woken]) -> None:
        hints.publish(list(woken))

    committed = [0.0] * (PACE * seconds)
    async with Stage(dsn, CONSUMERS, clock=clock, wake=wake, size=8, wait=60.0) as stage:

        async def one(n: int) -> None:
            await stage.happen(Noted(member=people[n % PEOPLE], n=n))
            committed[n] = time.monotonic()

        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for n in range(PACE * seconds):
                if (ahead := began + n / PACE - time.monotonic()) > 0:
                    await asyncio.sleep(ahead)
                tasks.create_task(one(n))
    await hints.close()
    await valkey.close()
    return committed


def _work(dsn: str, valkey_url: str | None, pipe: Connection) -> None:
    uvloop.run(_worked(dsn, valkey_url, pipe))


async def _worked(dsn: str, valkey_url: str | None, pipe: Connection) -> None:
    done: dict[int, float] = {}

    class Timed(Lanes):
        """Notes when each effect was committed."""

        def _count(self, pair: Pair, events: Sequence[Envelope]) -> None:
            super()._count(pair, events)
            now = time.monotonic()
            done.update((event.data["n"], now) for event in events)

    clock = SystemClock()
    valkey = Valkey(valkey_url, clock)
    async with Stage(dsn, CONSUMERS, clock=clock, size=8, pieces=Pieces(lanes=Timed)) as stage:
        worker = Worker(stage.bus, valkey)
        await worker.start()
        await valkey.ping()
        pipe.send("ready")
        expected = math.inf
        while len(done) < expected:
            await asyncio.sleep(0.05)
            if pipe.poll():
                expected = pipe.recv()
        await worker.stop()
    await valkey.close()
    pipe.send(done)


def _share(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
