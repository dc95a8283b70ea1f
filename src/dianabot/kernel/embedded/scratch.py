"""Throwaway servers for tests: shared by every process that asks for them at one place.

They belong to a guardian process and not to anybody's good manners: it waits until nobody holds the lock any more, be
it that the tests ended or that they were killed, and then ends the servers and removes their folder.
"""

import asyncio
import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.embedded.binaries import find
from dianabot.kernel.embedded.lock import Lock
from dianabot.kernel.embedded.place import prepare
from dianabot.kernel.embedded.postgres import Postgres
from dianabot.kernel.embedded.valkey import Valkey
from dianabot.kernel.errors import OperatorError

_PLENTY: Final = 2 * 2**30
_GUARDIAN: Final = "from dianabot.kernel.embedded.scratch import guard; guard()"


@dataclass(frozen=True)
class Scratch:
    """Where the throwaway servers answer."""

    folder: str
    dsn: str
    """Of the database `postgres`, as superuser."""
    valkey_url: str | None


@contextmanager
def scratch(shared: Path) -> Iterator[Scratch]:
    """The servers of `shared`, started by whoever asks first; a second asker waits until the first has begun.

    PostgreSQL does not wait for the disk here: fast, and fit for nothing that must last.
    """
    with (shared / "scratch.turn").open("w", encoding="ascii") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        note = shared / "scratch.json"
        lock, found = _join(note) or _begin(note)
    try:
        yield found
    finally:
        lock.release()


@contextmanager
def turn(shared: Path, name: str) -> Iterator[bool]:
    """One process after the other; True for the first of all."""
    done = shared / f"{name}.done"
    with (shared / f"{name}.turn").open("w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield not done.exists()
        done.touch()


def quick_folder() -> str:
    """With a path short enough for sockets; in memory where there is plenty (containers often have next to none)."""
    memory = Path("/dev/shm")  # noqa: S108 - what is made in it is private
    if memory.is_dir() and os.access(memory, os.W_OK):
        there = os.statvfs(memory)
        if there.f_bavail * there.f_frsize > _PLENTY and not there.f_flag & os.ST_NOEXEC:
            return str(memory)
    return "/tmp"  # noqa: S108 - likewise


def _join(note: Path) -> tuple[Lock, Scratch] | None:
    if not note.exists():
        return None
    found = Scratch(**json.loads(note.read_text(encoding="utf-8")))
    if not Path(found.folder).exists():
        return None
    lock = Lock(Path(f"{found.folder}.lock"))
    return (lock, found) if lock.take(shared=True) else None


def _begin(note: Path) -> tuple[Lock, Scratch]:
    folder = Path(tempfile.mkdtemp(prefix="dianabot-scratch-", dir=quick_folder()))
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)  # so that tests make no user
    lock = Lock(Path(f"{folder}.lock"))
    assert lock.take(shared=True)
    guardian = subprocess.Popen(
        [sys.executable, "-c", _GUARDIAN, folder],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert guardian.stdout
    with guardian.stdout as said:
        told = json.loads(said.readline() or "{}")
    guardian.returncode = 0  # it outlives us by design; nobody waits for it
    if "error" in told or not told:
        raise OperatorError(told.get("error", "The servers for tests did not start."), exit_code=3)
    draft = note.with_suffix(".draft")
    draft.write_text(json.dumps(told), encoding="utf-8")
    draft.replace(note)
    return lock, Scratch(**told)


def guard() -> None:
    """The guardian's whole life."""
    folder = Path(sys.argv[1])
    lock = Path(f"{folder}.lock")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with asyncio.Runner() as runner:
            postgres, valkey = runner.run(_start(folder))
            with lock.open() as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                runner.run(_stop(postgres, valkey))
    except OperatorError as error:
        sys.stdout.write(json.dumps({"error": str(error)}) + "\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.unlink()


async def _start(folder: Path) -> tuple[Postgres, Valkey | None]:
    clock = SystemClock()
    place = prepare(folder)
    programs = find(place.run_as, place.programs)
    postgres = Postgres(place, programs.postgres, clock, lasting=False)
    valkey = Valkey(place, programs.valkey, clock) if programs.valkey else None
    await asyncio.gather(*(server.start() for server in (postgres, valkey) if server))
    found = Scratch(str(folder), postgres.dsn("postgres"), valkey.url if valkey else None)
    sys.stdout.write(json.dumps(asdict(found)) + "\n")
    sys.stdout.close()
    return postgres, valkey


async def _stop(postgres: Postgres, valkey: Valkey | None) -> None:
    await asyncio.gather(*(server.stop(at_once=True) for server in (postgres, valkey) if server))
