import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from valkey.asyncio import Valkey

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.embedded import scratch
from dianabot.kernel.embedded.process import alive, until

USES = """
import sys
from pathlib import Path
from dianabot.kernel.embedded import scratch
with scratch(Path(sys.argv[1])) as running:
    print(running.folder, flush=True)
    sys.stdin.read()
"""


async def test_a_test_has_a_database_of_its_own_with_the_schema(postgres_dsn: str) -> None:
    async with await psycopg.AsyncConnection.connect(postgres_dsn) as connection:
        found = await (await connection.execute("SELECT count(*) FROM users")).fetchone()
    assert found == (0,)


async def test_a_bare_database_has_no_table(bare_postgres_dsn: str) -> None:
    async with await psycopg.AsyncConnection.connect(bare_postgres_dsn) as connection:
        found = await (
            await connection.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        ).fetchone()
    assert found == (0,)


@pytest.mark.parametrize("_turn", [1, 2])
async def test_a_test_finds_valkey_empty(valkey_url: str, _turn: int) -> None:
    async with Valkey.from_url(valkey_url) as client:
        assert await client.dbsize() == 0
        assert await client.set("left", "behind")


@pytest.mark.drill
@pytest.mark.slow
async def test_the_servers_are_shared_and_end_when_the_last_user_was_killed(tmp_path: Path) -> None:
    with _another_user(tmp_path) as other:
        assert other.stdout
        folder = other.stdout.readline().strip()
        with scratch(tmp_path) as running:
            assert running.folder == folder
            other.kill()
            other.wait(timeout=10)
            with psycopg.connect(running.dsn) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            pid = _postmaster(folder)
    assert await until(lambda: not Path(folder).exists() or None, clock=SystemClock(), seconds=10)
    assert not alive(pid)


def _another_user(shared: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", USES, str(shared)], stdin=-1, stdout=-1, text=True)


def _postmaster(folder: str) -> int:
    return int(Path(folder, "postgres", "postmaster.pid").read_text(encoding="utf-8").split()[0])
