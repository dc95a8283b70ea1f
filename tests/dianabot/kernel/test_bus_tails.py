import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from dianabot.kernel.bus import Consumers, Tail, rewind
from dianabot.kernel.bus.lanes import ATTEMPTS
from dianabot.kernel.bus.letters import CannotRetry, drop, letters, retry
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.events import Envelope
from dianabot.kernel.tx import Tx
from tests.proof.stage import Aired, Noted, Stage, running, seeing, until

LONGER_THAN_ANY_WAIT = 30.0


class Reader:
    """A tail's effect: sees all it is handed, and fails afterwards where it is told to."""

    def __init__(self, failing: Callable[[Envelope], bool] = lambda _: False) -> None:
        self.failing = failing
        self.batches: list[int] = []

    async def __call__(self, tx: Tx, events: Sequence[Envelope]) -> None:
        self.batches.append(len(events))
        for event in events:
            await seeing("tail")(tx, event)
        if bad := [event.data for event in events if self.failing(event)]:
            raise ValueError(bad)


def reading(reader: Reader, *on: str, batch: int = 1000, linger: float = 0.0) -> Consumers:
    return Consumers(tails=(Tail("tail", on or ("proof.noted", "proof.aired"), reader, batch=batch, linger=linger),))


async def test_a_tail_reads_what_it_hears_and_passes_over_the_rest(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, reading(Reader(), "proof.noted", batch=2)) as stage:
        await stage.watch()
        [ana] = await stage.members()
        await stage.bus.start()
        for n in range(4):
            await stage.happen(Noted(member=ana, n=n), Aired(channel=1, n=n))
        await stage.drain()
        assert await stage.seen() == [(f"member:{ana}", n) for n in range(4)]
        assert await stage.rows("SELECT seq FROM tails") == [(8,)]


async def test_a_new_tail_begins_with_what_happens_from_now_on(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, reading(Reader())) as stage:
        await stage.watch()
        await stage.happen(Aired(channel=1, n=1))
        await stage.start()
        await stage.happen(Aired(channel=1, n=2))
        await stage.drain()
        await stage.bus.start()
        await stage.happen(Aired(channel=1, n=3))
        await stage.drain()
        assert [n for _, n in await stage.seen()] == [2, 3]


async def test_a_tail_from_the_first_reads_what_lies_behind_and_may_be_sent_back_there(postgres_dsn: str) -> None:
    consumers = Consumers(tails=(Tail("tail", ("proof.aired",), Reader(), from_the_first=True),))
    async with Stage(postgres_dsn, consumers) as stage:
        await stage.watch()
        await stage.happen(Aired(channel=1, n=1))
        await stage.start()
        await stage.happen(Aired(channel=1, n=2))
        await stage.drain()
        await stage.bus.start()
        await stage.drain()
        assert [n for _, n in await stage.seen()] == [1, 2]
        async with stage.begin() as tx:
            await rewind(tx, "tail")
        await stage.drain()
        assert [n for _, n in await stage.seen()] == [1, 2, 1, 2]


async def test_a_commit_that_comes_late_is_not_passed_over(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, reading(Reader())) as stage:
        await stage.watch()
        await stage.bus.start()
        async with stage.begin() as slow:
            slow.announce(Aired(channel=1, n=1))
            await slow.write_facts()
            await slow.value(int, "SELECT 1")
            await stage.happen(Aired(channel=2, n=2))
            await stage.bus.drain()
            assert await stage.seen() == [], "what was numbered after an open transaction waits for it"
        await stage.happen(Aired(channel=2, n=3))
        await stage.drain()
        assert sorted(n for _, n in await stage.seen()) == [1, 2, 3]


async def test_cursor_and_effect_are_one(postgres_dsn: str) -> None:
    reader = Reader(lambda _: True)
    async with Stage(postgres_dsn, reading(reader)) as stage:
        await stage.watch()
        await stage.bus.start()
        before = await stage.rows("SELECT xid, seq FROM tails")
        await stage.happen(Aired(channel=1, n=1))
        await stage.drain()
        assert reader.batches
        assert await stage.seen() == []
        assert await stage.rows("SELECT xid, seq FROM tails") == before


async def test_one_event_at_fault_is_found_put_off_and_at_last_passed_over(postgres_dsn: str) -> None:
    reader = Reader(lambda event: event.data["n"] == 2)
    async with Stage(postgres_dsn, reading(reader)) as stage:
        await stage.watch()
        await stage.bus.start()
        for n in range(5):
            await stage.happen(Aired(channel=1, n=n))
        for attempt in range(1, ATTEMPTS + 1):
            assert await stage.count("dead_letters") == 0
            await stage.drain()
            assert [n for _, n in await stage.seen()] == ([0, 1] if attempt < ATTEMPTS else [0, 1, 3, 4])
            stage.time.advance(LONGER_THAN_ANY_WAIT)
        [letter] = await stage.rows("SELECT consumer, attempts, event_data->>'n', reason FROM dead_letters")
        assert letter == ("tail", ATTEMPTS, "2", "failed")
        assert await stage.count("event_logs", "event_type = 'system.event_processing_failed'") == 1


async def test_what_a_tail_gave_up_can_be_dropped_but_not_retried(postgres_dsn: str) -> None:
    async with Stage(postgres_dsn, reading(Reader(lambda _: True))) as stage:
        await stage.watch()
        await stage.bus.start()
        await stage.happen(Aired(channel=1))
        for _ in range(ATTEMPTS):
            await stage.drain()
            stage.time.advance(LONGER_THAN_ANY_WAIT)
        with pytest.raises(CannotRetry):
            async with stage.begin() as tx:
                await retry(tx, (await letters(tx))[0].id)
        async with stage.begin() as tx:
            await drop(tx, (await letters(tx))[0].id)
        assert await stage.count("dead_letters") == 0


@asynccontextmanager
async def lingering(dsn: str) -> AsyncIterator[tuple[Stage, Reader]]:
    """A tail that has begun, and waits five seconds for three events."""
    reader = Reader()
    async with Stage(dsn, reading(reader, batch=3, linger=5.0)) as stage:
        await stage.watch()
        await stage.bus.start()
        yield stage, reader


async def test_a_tail_may_wait_for_its_batch_to_fill(postgres_dsn: str) -> None:
    async with lingering(postgres_dsn) as (stage, reader):
        for n in range(4):
            await stage.happen(Aired(channel=1, n=n))
        await stage.drain()
        assert reader.batches == [3]
        stage.time.advance(5.0)
        await stage.drain()
        assert reader.batches == [3, 1]


async def test_while_a_batch_may_fill_the_log_is_not_read_at_every_commit(postgres_dsn: str) -> None:
    async with lingering(postgres_dsn) as (stage, reader):
        for n in range(4):
            await stage.happen(Aired(channel=1, n=n))
            if n in {0, 3}:
                await stage.drain()
        assert reader.batches == []
        stage.time.advance(5.0)
        await stage.drain()
        assert reader.batches == [3, 1]


async def test_a_clock_that_is_put_back_makes_no_tail_wait_for_the_hour_to_come_again(postgres_dsn: str) -> None:
    async with lingering(postgres_dsn) as (stage, reader):
        stage.time.advance(3600)
        await stage.happen(Aired(channel=1, n=0))
        await stage.drain()
        assert reader.batches == []
        stage.time.advance(-3600)
        await stage.drain()
        assert reader.batches == [1]


async def test_two_processes_read_each_event_once(postgres_dsn: str) -> None:
    clock = SystemClock()
    consumers = reading(Reader(), batch=20)
    async with Stage(postgres_dsn, consumers, clock=clock) as one, Stage(postgres_dsn, consumers, clock=clock) as two:
        await one.watch()
        async with running(one.bus, two.bus):
            await until(lambda: one.count("tails"))
            await asyncio.gather(*(_write(stage, base) for stage in (one, two) for base in (0, 100, 200)))
            await until(lambda: _read(one, 600))
        assert await one.count("seen") == 600


async def _write(stage: Stage, base: int) -> None:
    for n in range(base, base + 100):
        await stage.happen(Aired(channel=n, n=n))


async def _read(stage: Stage, number: int) -> bool:
    return await stage.count("seen") >= number


async def test_a_members_events_reach_a_tail_in_their_order(postgres_dsn: str) -> None:
    """Whoever locks her first also has the lower transaction id: the lock comes before anything is written."""
    async with Stage(postgres_dsn, reading(Reader())) as stage:
        await stage.watch()
        [ana] = await stage.members()
        await stage.bus.start()

        async def write(base: int) -> None:
            for n in range(base, base + 20):
                await stage.happen(Noted(member=ana, n=n))

        await asyncio.gather(*(write(base) for base in (0, 100, 200)))
        await stage.drain()
        in_order = await stage.rows("SELECT (event_data->>'n')::bigint FROM event_logs ORDER BY seq")
        assert [(n,) for _, n in await stage.seen()] == in_order
