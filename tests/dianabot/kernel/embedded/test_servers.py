"""One owner, everybody else attached, nothing lost when the owner is killed."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from valkey.asyncio import Valkey

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.embedded import attach, running, servers
from dianabot.kernel.embedded.lock import read_run
from dianabot.kernel.embedded.process import alive, until
from dianabot.kernel.errors import OperatorError

pytestmark = [pytest.mark.drill, pytest.mark.slow]
Begin = Callable[[Path, str], Any]


async def test_the_first_start_makes_both_servers_and_the_next_finds_what_was_written(data: Path) -> None:
    async with servers(data, role="supervisor") as first:
        assert first.owner
        await _execute(first.dsn, "CREATE TABLE kept (n int)")
        await _execute(first.dsn, "INSERT INTO kept VALUES (7)")
        assert first.valkey_url
        async with Valkey.from_url(first.valkey_url) as valkey:
            assert await valkey.ping()
    assert running(data) is None
    async with servers(data, role="supervisor", valkey=False) as second:
        assert await _value(second.dsn, "SELECT n FROM kept") == 7
        assert second.valkey_url is None


SERVICE = {
    "data_checksums": "on",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "autovacuum": "on",
    "jit": "off",
    "listen_addresses": "",
    "password_encryption": "scram-sha-256",
    "server_encoding": "UTF8",
    "TimeZone": "UTC",
}


async def test_postgresql_is_set_for_service(used: Path) -> None:
    async with servers(used, valkey=False) as mine:
        assert {name: await _value(mine.dsn, f"SHOW {name}") for name in SERVICE} == SERVICE


async def test_nobody_enters_without_the_password_and_nothing_is_readable_by_others(used: Path) -> None:
    async with servers(used) as mine:
        assert mine.dsn
        with pytest.raises(psycopg.OperationalError, match="password"):
            await psycopg.AsyncConnection.connect(mine.dsn.replace("dianabot:", "dianabot:not", 1))
        open_to_others = [path for path in _all(used) if path.lstat().st_mode & 0o077 and not path.is_symlink()]
        assert open_to_others == []
        assert _password(mine.dsn) not in _read(used / "run.json")


async def test_a_second_supervisor_is_refused_and_a_command_attaches(used: Path, begin: Begin) -> None:
    first = begin(used, "supervisor")
    with pytest.raises(OperatorError, match=rf"already runs on {used} \(process {first.process.pid}\)"):
        async with servers(used, role="supervisor"):
            pytest.fail("Two of them would own the servers.")
    async with servers(used, role="command") as attached:
        assert (attached.owner, attached.dsn, attached.valkey_url) == (False, first.dsn, first.valkey_url)
        assert await _value(attached.dsn, "SELECT 1") == 1
    assert await _value(first.dsn, "SELECT 1") == 1, "leaving must not end what others own"
    first.end()
    assert await attach(used) is None


async def test_servers_that_outlived_their_owner_are_adopted(used: Path, begin: Begin) -> None:
    killed = begin(used, "supervisor")
    before = running(used)
    assert before
    assert before.postgres_pid
    killed.kill()
    assert running(used) is None
    kept = await psycopg.AsyncConnection.connect(killed.dsn)
    async with servers(used, role="supervisor") as mine:
        now = running(used)
        assert mine.owner
        assert now
        assert (now.postgres_pid, now.valkey_pid) == (before.postgres_pid, before.valkey_pid)
        assert (await (await kept.execute("SELECT 1")).fetchone()) == (1,), "nobody was thrown out"
        await kept.close()
    assert not alive(before.postgres_pid)
    assert before.valkey_pid
    assert not alive(before.valkey_pid)


async def test_a_server_without_a_free_connection_is_adopted_all_the_same(used: Path, begin: Begin) -> None:
    _set(used, "max_connections = 5\n")
    killed = begin(used, "supervisor")
    async with AsyncExitStack() as stack:
        for _ in range(5):
            kept = await psycopg.AsyncConnection.connect(killed.dsn, autocommit=True)
            stack.push_async_callback(kept.close)
        killed.kill()
        async with servers(used, role="supervisor", valkey=False) as mine:
            assert mine.owner


async def test_an_adopted_server_that_dies_is_started_again(used: Path, begin: Begin) -> None:
    begin(used, "supervisor").kill()
    async with servers(used, role="supervisor", valkey=False) as mine:
        before = running(used)
        assert before
        assert before.postgres_pid
        os.kill(before.postgres_pid, signal.SIGKILL)
        assert await _other_pid(used, before.postgres_pid)
        assert await _value(mine.dsn, "SELECT 1") == 1


async def test_a_server_that_outlived_its_owner_and_is_not_wanted_any_more_is_ended(used: Path, begin: Begin) -> None:
    begin(used, "supervisor").kill()
    before = read_run(used / "run.json")
    assert before
    assert before.postgres_pid
    assert before.valkey_pid
    async with servers(used, role="supervisor", postgres=False) as mine:
        assert (mine.dsn, alive(before.postgres_pid), alive(before.valkey_pid)) == (None, False, True)
    async with servers(used, role="supervisor", valkey=False):
        assert not alive(before.valkey_pid)


async def test_a_part_takes_over_when_the_owner_was_killed(used: Path, begin: Begin) -> None:
    first = begin(used, "part")
    async with servers(used, role="part") as heir:
        assert not heir.owner
        first.kill()
        assert await until(lambda: heir.owner or None, clock=SystemClock(), seconds=10)
        now = running(used)
        assert now
        assert now.pid == os.getpid()
        assert await _value(heir.dsn, "SELECT 1") == 1


async def test_a_command_ends_before_a_supervisor_begins(used: Path, begin: Begin) -> None:
    command = begin(used, "command")
    waiting = asyncio.create_task(_own_once(used))
    await asyncio.sleep(0)
    command.end()
    assert await asyncio.wait_for(waiting, 20)


async def test_with_servers_of_ones_own_nothing_is_started(room: Path) -> None:
    async with servers(room / "unused", postgres=False, valkey=False) as none:
        assert (none.dsn, none.valkey_url, none.owner) == (None, None, False)
    assert not _exists(room / "unused")


async def test_a_command_that_lacks_the_others_address_is_told(used: Path) -> None:
    async with servers(used, postgres=False, role="supervisor"):
        with pytest.raises(OperatorError, match="set the same DATABASE_URL here"):
            async with servers(used, role="command"):
                pytest.fail("There is no PostgreSQL to attach to.")


async def _own_once(data: Path) -> bool:
    async with servers(data, role="supervisor", valkey=False) as mine:
        return mine.owner


async def _other_pid(data: Path, before: int) -> int | None:
    def found() -> int | None:
        run = running(data)
        return run.postgres_pid if run and run.postgres_pid != before else None

    return await until(found, clock=SystemClock(), seconds=20)


async def _execute(dsn: str | None, statement: str) -> None:
    assert dsn
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(statement.encode())


async def _value(dsn: str | None, query: str) -> object:
    assert dsn
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        row = await (await connection.execute(query.encode())).fetchone()
    return row[0] if row else None


def _set(data: Path, line: str) -> None:
    with (data / "postgres" / "local.conf").open("a", encoding="ascii") as local:
        local.write(line)


def _all(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if "postgres/" not in str(path.relative_to(folder))]


def _password(dsn: str) -> str:
    return dsn.partition("dianabot:")[2].partition("@")[0]


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _exists(path: Path) -> bool:
    return path.exists()
