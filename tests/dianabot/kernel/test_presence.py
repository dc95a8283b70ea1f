"""Processes go by one time, and whoever moves it knows when all of them do."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.db import Database
from dianabot.kernel.errors import Unavailable
from dianabot.kernel.presence import (
    ALIVE_SECONDS,
    BEAT_SECONDS,
    FURTHEST_SECONDS,
    ClockCannotMove,
    Moved,
    Presence,
)

DAY = 24 * 3600


@pytest.fixture
async def db(postgres_dsn: str) -> AsyncIterator[Database]:
    async with Database(postgres_dsn) as opened:
        yield opened


def process(db: Database, name: str, **more: object) -> tuple[Presence, SystemClock]:
    clock = SystemClock()
    return Presence(db, clock, name=name, role="bot", **more), clock  # type: ignore[arg-type]  # passed on as given


async def test_who_beats_is_alive_with_its_rules_and_who_leaves_is_not(db: Database) -> None:
    one, _ = process(db, "one", rules_version=lambda: 7)
    two, _ = process(db, "two")
    await one.join()
    await two.join()

    assert [(each.name, each.role, each.rules_version) for each in await one.alive()] == [
        ("one", "bot", 7),
        ("two", "bot", None),
    ]
    await one.leave()
    assert [each.name for each in await two.alive()] == ["two"]


async def test_who_has_not_beaten_for_a_while_is_not_alive_and_later_forgotten(db: Database) -> None:
    one, _ = process(db, "one")
    await one.join()
    await db.run("UPDATE processes SET seen_at = seen_at - make_interval(secs => $1)", ALIVE_SECONDS)
    two, _ = process(db, "two")
    await two.join()
    assert [each.name for each in await two.alive()] == ["two"]
    assert await db.one(int, "SELECT count(*) FROM processes") == 2

    await db.run("UPDATE processes SET seen_at = seen_at - interval '2 hours' WHERE name = 'one'")
    await two.join()
    assert await db.one(int, "SELECT count(*) FROM processes") == 1


class Watched(SystemClock):
    """Tells when somebody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.waited.set()
        await super().sleep(seconds)


async def test_the_time_moves_for_all_who_beat_and_the_mover_waits_for_them(db: Database) -> None:
    here = Watched()
    one = Presence(db, here, name="one", role="bot")
    two, there = process(db, "two")
    for each in (one, two):
        await each.join()

    async with asyncio.timeout(60):
        moving = asyncio.create_task(one.move_clock(DAY))
        await here.waited.wait()
        assert here.offset == timedelta(days=1)
        assert not moving.done(), "the other has not confirmed"
        await two.beat()
        assert await moving == Moved(timedelta(days=1), ())
    assert there.offset == timedelta(days=1)
    assert {each.clock_seconds for each in await one.alive()} == {DAY}


async def test_a_beating_process_follows_by_itself(db: Database) -> None:
    one, _ = process(db, "one")
    two, there = process(db, "two")
    await one.join()
    await two.join()
    beating = asyncio.create_task(two.run())

    moved = await one.move_clock(DAY)

    assert moved.unconfirmed == ()
    assert there.offset == timedelta(days=1)
    assert BEAT_SECONDS <= 0.5
    beating.cancel()


async def test_who_does_not_confirm_in_time_is_named(db: Database) -> None:
    one, _ = process(db, "one")
    for deaf in (process(db, "deaf")[0], process(db, "mute")[0]):
        await deaf.join()
    await one.join()

    assert await one.move_clock(60, deadline=0.0) == Moved(timedelta(seconds=60), ("deaf", "mute"))


async def test_who_comes_later_goes_by_the_same_time(db: Database) -> None:
    one, _ = process(db, "one")
    await one.join()
    await one.move_clock(DAY)
    late, clock = process(db, "late")
    await late.join()

    assert clock.offset == timedelta(days=1)
    assert [each.clock_seconds for each in await one.alive()] == [DAY, DAY]


async def test_moves_add_up_also_when_two_move_at_once(db: Database) -> None:
    one, here = process(db, "one")
    two, there = process(db, "two")
    await one.join()
    await two.join()
    beating = [asyncio.create_task(each.run()) for each in (one, two)]

    moved = await asyncio.gather(one.move_clock(60), two.move_clock(30))
    await one.beat()
    await two.beat()

    assert max(each.offset for each in moved) == here.offset == there.offset == timedelta(seconds=90)
    for task in beating:
        task.cancel()


@pytest.mark.parametrize(("asked", "moved"), [(0, 0), (0.2, 1), (59.5, 60), (60, 60)])
async def test_it_moves_by_whole_seconds_and_never_by_less_than_asked(db: Database, asked: float, moved: int) -> None:
    one, _ = process(db, "one")

    assert (await one.move_clock(asked)).offset == timedelta(seconds=moved)


@pytest.mark.parametrize("seconds", [-1, -0.0001 - 1, float("nan"), float("inf"), FURTHEST_SECONDS + 1])
async def test_it_goes_forwards_only_and_not_out_of_the_calendar(db: Database, seconds: float) -> None:
    one, clock = process(db, "one")

    with pytest.raises(ClockCannotMove):
        await one.move_clock(seconds)
    assert clock.offset == timedelta(0)


async def test_everything_is_made_ready_before_it_moves(db: Database) -> None:
    one, clock = process(db, "one")
    reached: list[datetime] = []

    async def ready(instant: datetime) -> None:
        assert clock.offset == timedelta(0)
        reached.append(instant)

    await one.move_clock(DAY, before=ready)
    assert timedelta(0) <= clock.now() - reached[0] < timedelta(minutes=1)


async def test_what_cannot_be_made_ready_stops_the_move(db: Database) -> None:
    one, clock = process(db, "one")

    async def fails(_: datetime) -> None:
        raise Unavailable

    with pytest.raises(Unavailable):
        await one.move_clock(DAY, before=fails)
    await one.beat()
    assert clock.offset == timedelta(0)


async def test_a_process_waits_for_postgresql_and_says_so_meanwhile(postgres_dsn: str) -> None:
    async with Database(postgres_dsn, wait=0.2) as db:
        one, _ = process(db, "one")
        db.close()
        beating = asyncio.create_task(one.run())
        async with asyncio.timeout(60):
            while one.trouble is None:
                await asyncio.sleep(0.002)
        assert "cannot be reached" in one.trouble
        assert not beating.done()
        beating.cancel()
