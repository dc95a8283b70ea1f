"""The log has a room for each month before the month comes, and a late hand loses nothing."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from dianabot.kernel.db import Database
from dianabot.kernel.ids import earliest_uuid7, uuid7
from dianabot.kernel.partitions import make_ahead, month_after

NOVEMBER = datetime(2030, 11, 17, 22, 30, tzinfo=UTC)
LOG = """
INSERT INTO event_logs (event_id, seq, event_type, event_data, timestamp, subject, actor, correlation_id, priority,
                        version)
VALUES ($1, $2, 'proof.noted', '{}', $3, 'system', 'system', $1, 2, 1)
"""
ROOMS = "SELECT tableoid::regclass::text FROM event_logs ORDER BY seq"


@pytest.fixture
async def db(postgres_dsn: str) -> AsyncIterator[Database]:
    async with Database(postgres_dsn) as opened:
        yield opened


async def logged(db: Database, *instants: datetime) -> None:
    for seq, at in enumerate(instants, 1):
        await db.run(LOG, uuid7(at), seq, at)


async def test_the_month_and_three_more_are_made_once(db: Database) -> None:
    assert await make_ahead(db, NOVEMBER) == [
        "event_logs_2030_11",
        "event_logs_2030_12",
        "event_logs_2031_01",
        "event_logs_2031_02",
    ]
    assert await make_ahead(db, NOVEMBER) == []


async def test_before_the_clock_is_moved_every_month_on_the_way_is_made(db: Database) -> None:
    made = await make_ahead(db, NOVEMBER, until=datetime(2032, 1, 1, tzinfo=UTC))
    assert (made[0], made[-1], len(made)) == ("event_logs_2030_11", "event_logs_2032_04", 18)


async def test_an_event_lies_in_the_month_of_its_instant_to_the_millisecond(db: Database) -> None:
    await make_ahead(db, NOVEMBER)
    december = datetime(2030, 12, 1, tzinfo=UTC)
    last = datetime(2030, 11, 30, 23, 59, 59, 999000, tzinfo=UTC)
    await logged(db, last, december)
    assert await db.all(str, ROOMS) == ["event_logs_2030_11", "event_logs_2030_12"]


async def test_what_came_before_its_month_was_made_moves_there_when_it_is(db: Database) -> None:
    await logged(db, NOVEMBER, month_after(NOVEMBER))
    assert await db.all(str, ROOMS) == ["event_logs_default"] * 2
    await make_ahead(db, NOVEMBER)
    assert await db.all(str, ROOMS) == ["event_logs_2030_11", "event_logs_2030_12"]


async def test_processes_that_start_together_make_each_month_once(db: Database) -> None:
    made = await asyncio.gather(*(make_ahead(db, NOVEMBER) for _ in range(5)))
    assert sorted(map(len, made)) == [0, 0, 0, 0, 4]


def test_the_edge_of_a_month_lies_below_every_id_of_it() -> None:
    assert all(earliest_uuid7(NOVEMBER) < uuid7(NOVEMBER) for _ in range(100))
