"""The owner keeps its servers alive, and says so clearly when it cannot."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import psycopg
import pytest

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.embedded import Run, Servers, owner, running, servers
from dianabot.kernel.embedded.process import until
from dianabot.kernel.errors import OperatorError

COUNTING = "SELECT count(*) FROM (SELECT generate_series(1, 20000000)) AS many"
pytestmark = [pytest.mark.drill, pytest.mark.slow]


async def test_a_killed_postgresql_is_back_with_everything_that_was_acknowledged(used: Path) -> None:
    async with servers(used, valkey=False) as mine:
        await _execute(mine, "CREATE TABLE kept (n int)")
        await _execute(mine, "INSERT INTO kept VALUES (7)")
        before = _run(used).postgres_pid
        busy = asyncio.create_task(_execute(mine, "SELECT pg_sleep(60)"))
        await _until_busy(mine)
        _kill(before)
        with pytest.raises(psycopg.OperationalError):
            await busy
        await _changed(used, "postgres_pid", before)
        assert await _execute(mine, "SELECT n FROM kept") == (7,)


async def test_backends_that_do_not_notice_the_kill_are_awaited(used: Path) -> None:
    """They still write; PostgreSQL refuses to start beside them, and that is not the end."""
    async with servers(used, valkey=False) as mine:
        before = _run(used).postgres_pid
        busy = asyncio.create_task(_execute(mine, COUNTING))
        await _until_busy(mine, "state = 'active' AND query LIKE 'SELECT count%'")
        _kill(before)
        await _changed(used, "postgres_pid", before)
        await asyncio.gather(busy, return_exceptions=True)
        assert await _execute(mine, "SELECT 1") == (1,)
    assert "is still in use" in _said(used)


async def test_a_killed_backend_is_dealt_with_by_postgresql_itself(used: Path) -> None:
    async with servers(used, valkey=False) as mine:
        before = _run(used).postgres_pid
        busy = asyncio.create_task(_execute(mine, "SELECT pg_sleep(60)"))
        _kill(await _until_busy(mine))
        with pytest.raises(psycopg.OperationalError):
            await busy
        assert await _answers(mine)
        assert _run(used).postgres_pid == before


async def test_a_killed_valkey_is_back_and_postgresql_did_not_notice(used: Path) -> None:
    async with servers(used) as mine:
        before = _run(used)
        _kill(before.valkey_pid)
        after = await _changed(used, "valkey_pid", before.valkey_pid)
        assert after.postgres_pid == before.postgres_pid
        assert await _execute(mine, "SELECT 1") == (1,)


async def test_restarts_have_an_end_with_a_sentence(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner, "_DEATHS", 2)
    async with servers(used, valkey=False) as mine:
        storm = asyncio.create_task(_kill_again_and_again(used))
        with pytest.raises(OperatorError, match=r"PostgreSQL died 2 times in a row.*logs/postgres\.log") as told:
            await asyncio.wait_for(mine.over(), 30)
        storm.cancel()
    assert told.value.exit_code == 3


async def test_a_valkey_that_cannot_live_is_left_alone_and_the_rest_runs(
    used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, "_REST", 3600.0)
    async with servers(used) as mine:
        shutil.rmtree(used / "valkey")  # it cannot work there any more
        (used / "valkey").touch()
        _kill(_run(used).valkey_pid)
        log = used / "logs" / "valkey.log"
        said = "FATAL CONFIG FILE ERROR"
        assert await until(lambda: log.read_text().count(said) == 5 or None, clock=SystemClock(), seconds=20)
        assert await _execute(mine, "SELECT 1") == (1,)


async def test_a_database_that_was_removed_while_it_ran_is_not_made_anew(used: Path) -> None:
    async with servers(used, valkey=False) as mine:
        (used / "postgres").rename(used / "moved")
        _kill(_run(used).postgres_pid)
        with pytest.raises(OperatorError, match="was removed while it ran"):
            await asyncio.wait_for(mine.over(), 30)
        (used / "moved").rename(used / "postgres")


async def test_a_log_that_has_grown_is_put_aside(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner, "_LOG_SIZE", 10)
    log, aside = used / "logs" / "postgres.log", used / "logs" / "postgres.log.old"
    async with servers(used, valkey=False):
        assert await until(lambda: aside.exists() or None, clock=SystemClock(), seconds=10)
        assert "ready to accept connections" in aside.read_text()
    assert "shut down" in log.read_text()


def _run(data: Path) -> Run:
    found = running(data)
    assert found
    return found


def _said(data: Path) -> str:
    return (data / "logs" / "postgres.log").read_text()


def _kill(pid: int | None) -> None:
    assert pid
    os.kill(pid, signal.SIGKILL)


async def _changed(data: Path, what: str, before: int | None) -> Run:
    def other() -> Run | None:
        now = _run(data)
        return now if getattr(now, what) != before else None

    found = await until(other, clock=SystemClock(), seconds=20)
    assert found
    return found


async def _kill_again_and_again(data: Path) -> None:
    before = _run(data).postgres_pid
    while True:
        _kill(before)
        before = (await _changed(data, "postgres_pid", before)).postgres_pid


async def _until_busy(mine: Servers, how: str = "wait_event = 'PgSleep'") -> int:
    """The backend that is at it."""
    asleep = f"SELECT pid FROM pg_stat_activity WHERE {how}"  # noqa: S608 - no value from outside
    while not (found := await _execute(mine, asleep)):
        await asyncio.sleep(0)
    return int(str(found[0]))


async def _answers(mine: Servers) -> bool:
    async with asyncio.timeout(60):
        while True:
            try:
                return await _execute(mine, "SELECT 1") == (1,)
            except psycopg.OperationalError:
                await asyncio.sleep(0)


async def _execute(mine: Servers, statement: str) -> tuple[object, ...] | None:
    assert mine.dsn
    async with await psycopg.AsyncConnection.connect(mine.dsn, autocommit=True) as connection:
        done = await connection.execute(statement.encode())
        return await done.fetchone() if done.description else None
