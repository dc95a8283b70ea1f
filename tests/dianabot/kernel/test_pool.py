"""Connections that are kept open: who gets which, and what becomes of those that are given back."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from dianabot.kernel.db import Database
from dianabot.kernel.errors import Unavailable
from dianabot.kernel.pool import LEFT_ALONE

WHO = "SELECT pg_backend_pid()"
ALL = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
NOBODY = "postgresql://127.0.0.1:1/nothing"


@pytest.fixture
async def pair(postgres_dsn: str) -> AsyncIterator[Database]:
    async with Database(postgres_dsn, size=2, wait=0.2) as opened:
        yield opened


async def both(db: Database) -> list[int]:
    """Two are needed at once."""
    met = asyncio.Barrier(2)

    async def one() -> int:
        async with db.connection() as line:
            await met.wait()
            return line.info.backend_pid

    return list(await asyncio.gather(one(), one()))


async def test_what_was_used_last_is_used_first(pair: Database) -> None:
    opened = await both(pair)
    assert len(set(opened)) == 2
    first = await pair.one(int, WHO)
    assert [await pair.one(int, WHO) for _ in range(5)] == [first] * 5


async def test_who_finds_all_in_use_waits_for_one_to_be_given_back(pair: Database) -> None:
    async with pair.connection(), pair.connection():
        waiting = asyncio.create_task(pair.one(int, "SELECT 7"))
        await asyncio.sleep(0)
        assert not waiting.done()
    assert await waiting == 7


async def test_who_waits_too_long_for_one_is_told(pair: Database) -> None:
    async with pair.connection(), pair.connection():
        with pytest.raises(Unavailable, match="in use"):
            await pair.one(int, "SELECT 1")
    assert len(set(await both(pair))) == 2, "nobody holds a place that is gone"


async def test_who_is_cancelled_while_one_is_opened_leaves_the_place_to_others(pair: Database) -> None:
    for _ in range(2):
        asking = asyncio.create_task(pair.one(int, "SELECT 1"))
        await asyncio.sleep(0)
        asking.cancel()
        assert isinstance((await asyncio.gather(asking, return_exceptions=True))[0], asyncio.CancelledError)
    assert len(set(await both(pair))) == 2


async def test_who_cannot_open_one_is_told_so_and_leaves_the_place_to_others() -> None:
    async with Database(NOBODY, size=1, wait=0.2) as db:
        for _ in range(2):
            with pytest.raises(Unavailable, match="refused"):
                await db.one(int, "SELECT 1")


async def test_what_was_begun_and_not_committed_is_undone(pair: Database) -> None:
    await pair.run("CREATE TABLE written (what int)")

    async def give_up(broken: str | None) -> None:
        async with pair.connection() as line:
            await line.execute("BEGIN")
            await line.execute("INSERT INTO written VALUES (1)")
            if broken is not None:
                await line.execute(broken.encode())
            raise KeyError

    before = await pair.one(int, WHO)
    with pytest.raises(KeyError):
        await give_up(None)
    with pytest.raises(psycopg.errors.DivisionByZero):
        await give_up("SELECT 1 / 0")
    assert await pair.one(int, "SELECT count(*) FROM written") == 0
    assert await pair.one(int, WHO) == before, "it need not be opened anew for that"


async def test_why_it_was_given_up_is_told_also_when_the_server_is_lost_meanwhile(
    pair: Database, postgres_dsn: str
) -> None:
    with pytest.raises(KeyError):
        async with pair.connection() as line:
            await line.execute("BEGIN")
            with psycopg.connect(postgres_dsn, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 60000)", (line.info.backend_pid,))
            raise KeyError
    assert line.closed
    assert await pair.one(int, "SELECT 7") == 7


async def test_what_was_opened_for_a_rush_is_closed_when_it_is_left_alone(pair: Database) -> None:
    rush = await both(pair)
    kept = await pair.one(int, WHO)
    for _ in range(LEFT_ALONE):
        async with pair.connection() as line:
            assert line.info.backend_pid == kept
    async with pair.connection(), pair.connection() as other:
        assert other.info.backend_pid not in rush


async def test_a_closed_pool_hangs_up_what_is_idle_and_what_is_given_back(postgres_dsn: str, pair: Database) -> None:
    await both(pair)
    async with pair.connection() as line:
        pair.close()
        await line.execute(WHO)
    assert line.closed
    with pytest.raises(Unavailable, match="closed"):
        await pair.one(int, "SELECT 1")
    async with Database(postgres_dsn) as other, asyncio.timeout(60):
        while await other.one(int, ALL) != 1:
            await asyncio.sleep(0.002)
