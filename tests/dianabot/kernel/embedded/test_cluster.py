"""Data that is half made, of another version, damaged or not ours."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.embedded import servers
from dianabot.kernel.embedded.process import until
from dianabot.kernel.errors import OperatorError

pytestmark = [pytest.mark.drill, pytest.mark.slow]
FIRST_START = """
import asyncio, sys
from pathlib import Path
from dianabot.kernel.embedded import servers

async def main():
    async with servers(Path(sys.argv[1]), valkey=False):
        pass

asyncio.run(main())
"""


async def test_a_first_start_that_was_killed_starts_over(data: Path) -> None:
    """Its initdb may still be at work; what it makes is nobody's."""
    with _first_start(data) as killed:
        assert await until(lambda: _halfway(data) or None, clock=SystemClock(), seconds=20)
        killed.kill()
    assert "postgres" not in _made(data)
    for _ in range(2):
        async with servers(data, valkey=False) as mine:
            assert mine.owner
    assert _made(data) == ["postgres"]


async def test_data_of_another_version_is_left_alone(used: Path) -> None:
    (used / "postgres" / "PG_VERSION").write_text("17\n", encoding="ascii")
    await _refused(used, "holds data of PostgreSQL 17, and this DianaBot runs 18")


async def test_a_folder_that_is_no_database_is_left_alone(data: Path) -> None:
    (data / "postgres").mkdir()
    (data / "postgres" / "photos.zip").touch()
    await _refused(data, "is not a database: move it away")
    assert (data / "postgres" / "photos.zip").exists()


async def test_damaged_data_is_told_with_the_way_out(used: Path) -> None:
    control = used / "postgres" / "global" / "pg_control"
    control.write_bytes(bytes(control.stat().st_size))
    await _refused(used, "is damaged: restore a backup")


async def test_a_password_that_does_not_belong_to_the_data_is_told(used: Path) -> None:
    (used / "postgres_password").write_text("another", encoding="ascii")
    await _refused(used, "does not accept the password in")


async def test_a_setting_that_postgresql_refuses_is_quoted(used: Path) -> None:
    (used / "postgres" / "local.conf").write_text("shared_buffers = lots\n", encoding="utf-8")
    await _refused(used, r"did not start \(.*configuration file.*\): what it said stands in .*postgres\.log")


async def test_settings_of_ones_own_outrank_ours(used: Path) -> None:
    (used / "postgres" / "local.conf").write_text("max_connections = 17\n", encoding="utf-8")
    async with servers(used, valkey=False) as mine:
        assert mine.dsn
        async with await psycopg.AsyncConnection.connect(mine.dsn) as connection:
            assert await (await connection.execute("SHOW max_connections")).fetchone() == ("17",)


@pytest.mark.parametrize("name", ["sleep", "postgres"])
async def test_a_noted_pid_that_now_belongs_to_somebody_else_does_not_matter(used: Path, room: Path, name: str) -> None:
    """Even if it runs under our own name, as when two DianaBots share a machine that was restarted."""
    with _stranger(room / name, used) as stranger:
        _note(used, stranger.pid)
        async with servers(used, valkey=False) as mine:
            assert mine.owner
        assert stranger.poll() is None, "it is not ours to end"
        stranger.kill()


async def test_a_server_that_is_alive_but_does_not_answer_is_named(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dianabot.kernel.embedded.postgres._RETRY_FOR", 0.2)
    async with servers(used, valkey=False):
        note = used / "postgres" / "postmaster.pid"
        said = note.read_text(encoding="utf-8")
        note.write_text(said.replace("ready   ", "starting"), encoding="utf-8")
        (used / "lock").unlink()  # as if its owner had been killed
        await _refused(used, r"is alive \(process \d+\) but does not answer: end it \(kill -QUIT")
        note.write_text(said, encoding="utf-8")


def _note(data: Path, pid: int) -> None:
    """As a killed server left it."""
    note = data / "postgres" / "postmaster.pid"
    note.write_text(f"{pid}\n{data}/postgres\n1\n5432\n{data}/sockets\n\n  1 1\nready\n", encoding="ascii")
    os.chown(note, data.stat().st_uid, data.stat().st_gid)


def _stranger(program: Path, data: Path) -> "subprocess.Popen[bytes]":
    shutil.copy(str(shutil.which("sleep")), program)
    user = data.stat().st_uid if os.geteuid() == 0 else None
    return subprocess.Popen([program, "60"], cwd="/", user=user)


def _halfway(data: Path) -> bool:
    return any(data.glob("building-*/cluster/global"))


def _made(data: Path) -> list[str]:
    """Databases; and once all is done, leftovers too."""
    return [folder.name for folder in data.glob("*postgres*") if folder.is_dir()]


def _first_start(data: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", FIRST_START, str(data)], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )


async def _refused(data: Path, sentence: str) -> None:
    with pytest.raises(OperatorError, match=sentence) as told:
        async with servers(data, valkey=False):
            pytest.fail("It was started.")
    assert "\n" not in str(told.value)
    assert not (data / "run.json").exists()
