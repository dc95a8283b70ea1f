"""What a process is made of, put together for real."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.db import Database
from dianabot.kernel.errors import OperatorError
from dianabot.kernel.health import State, Unwell
from dianabot.kernel.settings import Settings
from dianabot.telegram.store import Lease
from dianabot.wiring import House, Part, build, modules
from dianabot.worker import Worker
from telesim.world.scene import TOKEN

DEADLINE = 60
EVERYWHERE = {"database", "valkey", "presence", "rules", "rule hints", "cache", "gauges", "partitions", "web"}


@asynccontextmanager
async def house(dsn: str, valkey: str | None = None, **given: Any) -> AsyncIterator[House]:
    async with build(Settings(_env_file=None, **given), dsn, valkey, SystemClock(), role="test") as built:
        yield built


@pytest.mark.parametrize(
    ("parts", "more"),
    [
        (set(), set()),
        ({"web"}, set()),
        ({"worker"}, {"worker"}),
        ({"telegram"}, {"telegram"}),
        ({"telegram", "worker", "web"}, {"telegram", "worker"}),
    ],
)
async def test_a_process_has_its_parts_and_what_every_process_has(
    postgres_dsn: str, parts: set[Part], more: set[str]
) -> None:
    async with house(postgres_dsn, bot_token=TOKEN) as built:
        assert {module.name for module in modules(built, frozenset(parts), port=0)} == EVERYWHERE | more


async def test_the_bot_does_not_come_without_a_token(postgres_dsn: str) -> None:
    async with house(postgres_dsn) as built:
        with pytest.raises(OperatorError, match="BOT_TOKEN is not set"):
            modules(built, frozenset({"telegram"}), port=0)


async def test_a_process_makes_itself_known_and_takes_its_leave(postgres_dsn: str) -> None:
    async with Database(postgres_dsn, size=1) as db:
        async with house(postgres_dsn) as built:
            assert await db.all(str, "SELECT name FROM processes") == [built.process]
            assert await db.one(int, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'event_logs'::regclass")
        assert await db.all(str, "SELECT name FROM processes") == []


async def test_taking_leave_of_a_postgresql_that_has_gone_hides_no_other_trouble(postgres_dsn: str) -> None:
    async def lose(built: House) -> None:
        with psycopg.connect(postgres_dsn, autocommit=True) as connection:
            connection.execute("ALTER TABLE processes RENAME TO lost")
        built.db.close()
        raise OperatorError("PostgreSQL is lost.")

    with pytest.raises(OperatorError, match="is lost"):
        async with house(postgres_dsn) as built:
            await lose(built)


async def test_the_state_of_each_part_is_its_own(postgres_dsn: str) -> None:
    """What is wrong with the rules says the rules' check, and it does not make the process useless."""
    async with house(postgres_dsn) as built:
        for module in modules(built, frozenset(), port=0):
            if module.name != "web":
                built.registry.add(module)
        await built.registry.start()
        try:
            built.rules.trouble = "rules version 5 cannot be read; version 4 stays"
            await built.registry.look()
            told = built.registry.report()["modules"]
            assert told["rules"]["problem"] == "rules version 5 cannot be read; version 4 stays"
            assert told["valkey"]["state"] == State.UNWELL, "there is none here"
            assert built.registry.ready
        finally:
            await built.registry.stop()


async def test_presence_tells_its_own_trouble(postgres_dsn: str) -> None:
    async with house(postgres_dsn) as built:
        presence = next(module for module in modules(built, frozenset(), port=0) if module.name == "presence")
        built.presence.trouble = "the other processes cannot be reached"
        with pytest.raises(Unwell, match="cannot be reached"):
            await presence.check()


async def test_the_same_act_in_two_houses_is_done_once(postgres_dsn: str, valkey_url: str, tmp_path: Path) -> None:
    """A lease is held by one of two houses on one database."""
    given = {"data": tmp_path}
    async with house(postgres_dsn, valkey_url, **given) as one, house(postgres_dsn, valkey_url, **given) as two:
        held = await asyncio.gather(
            *(Lease(built.db, "poll:1", built.process, seconds=3).hold(built.clock.real()) for built in (one, two))
        )
        assert sorted(held) == [False, True]


async def test_a_worker_that_ended_is_begun_anew_and_said_so(postgres_dsn: str, valkey_url: str) -> None:
    async with house(postgres_dsn, valkey_url) as built:
        worker = Worker(built.bus, built.valkey)
        await worker.start()
        try:
            await worker.check()
            worker._tasks[0].cancel()
            await asyncio.wait([worker._tasks[0]])
            with pytest.raises(Unwell, match="are again"):
                await worker.check()
            await worker.check()
        finally:
            await worker.stop()
