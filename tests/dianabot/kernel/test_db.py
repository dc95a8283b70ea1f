"""What the pool makes of a server that is slow: the same as of one that is away, which everybody waits out."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from uuid import uuid4

import psycopg
import pytest

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.db import Database
from dianabot.kernel.errors import Unavailable
from dianabot.kernel.events import Routes
from dianabot.kernel.presence import Presence
from dianabot.kernel.tx import Cause, Transactions

TOO_LONG = "SELECT pg_sleep(60) IS NULL"
HOLD = "SELECT FROM processes FOR UPDATE"
ASLEEP = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"


@pytest.fixture
async def impatient(postgres_dsn: str) -> AsyncIterator[Database]:
    async with Database(postgres_dsn, statement_timeout=0.05) as opened:
        yield opened


async def test_a_statement_that_takes_too_long_may_be_asked_again(impatient: Database) -> None:
    with pytest.raises(Unavailable):
        await impatient.one(bool, TOO_LONG)
    with pytest.raises(Unavailable):
        await impatient.run(TOO_LONG)
    assert await impatient.one(int, "SELECT 1") == 1


async def test_a_look_that_takes_too_long_may_be_asked_again(impatient: Database) -> None:
    transactions = Transactions(impatient, SystemClock(), Routes(), lambda _: None)
    with pytest.raises(Unavailable):
        async with transactions.look(Cause("system", uuid4())) as tx:
            await tx.value(bool, TOO_LONG)


async def test_a_statement_at_fault_is_at_fault_every_time(impatient: Database) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        await impatient.one(int, "SELECT 1 / 0")


async def test_a_process_that_waits_too_long_for_a_lock_beats_on(postgres_dsn: str, impatient: Database) -> None:
    one = Presence(impatient, SystemClock(), name="one", role="bot")
    await one.join()
    async with await psycopg.AsyncConnection.connect(postgres_dsn) as other:
        await other.execute(HOLD)
        beating = asyncio.create_task(one.run())
        async with asyncio.timeout(60):
            while one.trouble is None and not beating.done():
                await asyncio.sleep(0.002)
        await other.rollback()
    async with asyncio.timeout(60):
        while one.trouble is not None and not beating.done():
            await asyncio.sleep(0.002)
    assert not beating.done(), "it ended, and after three seconds the others take over its work"
    beating.cancel()


async def test_who_is_cancelled_while_a_statement_runs_ends_cancelled(postgres_dsn: str) -> None:
    async with Database(postgres_dsn) as db:
        transactions = Transactions(db, SystemClock(), Routes(), lambda _: None)

        async def look() -> None:
            async with transactions.look(Cause("system", uuid4())) as tx:
                await tx.value(bool, TOO_LONG)

        for asking in (asyncio.create_task(db.one(bool, TOO_LONG)), asyncio.create_task(look())):
            async with asyncio.timeout(60):
                while not await db.all(int, ASLEEP):
                    await asyncio.sleep(0.002)
                asking.cancel()
                assert isinstance((await asyncio.gather(asking, return_exceptions=True))[0], asyncio.CancelledError)


async def test_who_is_cancelled_at_whatever_moment_ends_cancelled(postgres_dsn: str) -> None:
    async with Database(postgres_dsn, size=2) as db:
        transactions = Transactions(db, SystemClock(), Routes(), lambda _: None)

        async def act() -> None:
            async with transactions.begin(Cause("system", uuid4())) as tx:
                await tx.value(int, "SELECT 1")

        for turns in range(40):
            for asking in (asyncio.create_task(db.run("SELECT 1")), asyncio.create_task(act())):
                for _ in range(turns):
                    await asyncio.sleep(0)
                cancelled = asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
                assert asking.cancelled() == cancelled, turns
        assert await db.one(int, "SELECT 7") == 7


@pytest.mark.parametrize("turns", range(5))
async def test_who_is_cancelled_while_giving_a_connection_back_gives_it_back(postgres_dsn: str, turns: int) -> None:
    """To whoever has just begun to wait for it."""
    async with Database(postgres_dsn, size=1, wait=1.0) as db:
        held, done = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            async with db.connection():
                held.set()
                await done.wait()

        holding = asyncio.create_task(hold())
        await held.wait()
        done.set()
        waiting = asyncio.create_task(db.one(int, "SELECT 1"))
        for _ in range(turns):
            await asyncio.sleep(0)
        holding.cancel()
        assert await waiting == 1
        assert await db.one(int, "SELECT 2") == 2


@contextmanager
def frozen(process: int | None) -> Iterator[None]:
    """It neither answers nor hangs up."""
    assert process is not None
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


async def test_a_server_that_is_frozen_is_away_for_reads_looks_and_transactions(postgres_dsn: str) -> None:
    async with Database(postgres_dsn, size=1, silence=0.2) as db:
        transactions = Transactions(db, SystemClock(), Routes(), lambda _: None)

        async def look() -> None:
            async with transactions.look(Cause("system", uuid4())) as tx:
                await tx.value(int, "SELECT 1")

        async def act() -> None:
            async with transactions.begin(Cause("system", uuid4())) as tx:
                await tx.value(int, "SELECT 1")

        asks: list[Callable[[], Awaitable[object]]] = [partial(db.one, int, "SELECT 1"), partial(db.run, "SELECT 1")]
        for ask in (*asks, look, act):
            async with asyncio.timeout(60):
                with frozen(await db.one(int, "SELECT pg_backend_pid()")), pytest.raises(Unavailable):
                    await ask()
                assert await db.one(int, "SELECT 1") == 1, "another connection takes its place"


@pytest.mark.slow
async def test_who_is_cancelled_while_the_server_is_frozen_ends_cancelled(postgres_dsn: str) -> None:
    async with Database(postgres_dsn, size=1, silence=0.2) as db:
        with frozen(await db.one(int, "SELECT pg_backend_pid()")):
            asking = asyncio.create_task(db.one(int, "SELECT 1"))
            await asyncio.sleep(0)
            asking.cancel()
            async with asyncio.timeout(60):
                assert isinstance((await asyncio.gather(asking, return_exceptions=True))[0], asyncio.CancelledError)


async def test_connections_over_a_network_are_watched(postgres_dsn: str) -> None:
    async with Database(postgres_dsn) as db, db.connection() as connection:
        asked = connection.info.get_parameters()
    assert asked["tcp_user_timeout"] == "15000"
    assert asked["keepalives_idle"] == "10"
