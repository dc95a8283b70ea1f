"""PostgreSQL and Valkey of the chaos's own, kept alive by a process of their own as the supervisor does it."""

import asyncio
import json
import os
import pwd
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from dianabot.kernel import embedded
from tests.proof.forks import fork, until_told

BACK_WITHIN = 30.0


@dataclass(frozen=True)
class Kept:
    data: Path
    dsn: str
    valkey_url: str | None

    def kill(self, whom: str) -> bool:
        """-9, and True, unless it is just being started again."""
        run = embedded.running(self.data)
        pid = run and (run.postgres_pid if whom == "postgres" else run.valkey_pid)
        with suppress(ProcessLookupError):
            if pid:
                os.kill(pid, signal.SIGKILL)
                return True
        return False

    def wait(self) -> None:
        """Until PostgreSQL answers."""
        deadline = time.monotonic() + BACK_WITHIN
        while True:
            try:
                psycopg.connect(self.dsn, connect_timeout=2).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return


@contextmanager
def servers() -> Iterator[Kept]:
    data = Path(tempfile.mkdtemp(prefix="chaos-", dir="/tmp"))
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(data, nobody.pw_uid, nobody.pw_gid)  # so that no user has to be made
    reading, writing = os.pipe()
    pid = fork(lambda: asyncio.run(_serve(data, writing)))
    os.close(writing)
    with os.fdopen(reading) as told:
        said = told.readline()
    try:
        if not said:
            raise RuntimeError("the servers did not start")
        kept = Kept(data, *json.loads(said))
        yield kept
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
        shutil.rmtree(data, ignore_errors=True)


async def _serve(data: Path, writing: int) -> None:
    told = until_told()
    async with embedded.servers(data, role="supervisor") as running:
        os.write(writing, json.dumps((running.dsn, running.valkey_url)).encode() + b"\n")
        os.close(writing)
        await told.wait()
