"""The embedded PostgreSQL's life: started, adopted when it outlived its owner, stopped in order."""

import asyncio
import signal
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg

from dianabot.kernel.clock import Clock
from dianabot.kernel.embedded import process
from dianabot.kernel.embedded.cluster import NAME, Cluster
from dianabot.kernel.embedded.diagnosis import failure, old_ones_alive, size
from dianabot.kernel.embedded.place import Place, private_folder
from dianabot.kernel.embedded.process import Process
from dianabot.kernel.errors import OperatorError

_STARTING_TAKES: Final = 120.0
_RETRY_FOR: Final = 30.0
_LONGEST_PAUSE: Final = 1.0
_STOP: Final = ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 2.0))
_NOT_YET: Final = ("starting up", "recovery", "shutting down", "not yet accepting")


class Postgres:
    """One cluster in one place. `start` may be called again after its death."""

    name: Final = "postgres"

    def __init__(self, place: Place, programs: Path, clock: Clock, *, lasting: bool = True) -> None:
        self._place = place
        self._cluster = Cluster(place, programs, lasting)
        self._command: list[str | Path] = [programs / "postgres", "-D", place.postgres]
        self._clock = clock
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.alive

    def dsn(self, database: str = NAME, *, password: bool = True) -> str:
        secret = f":{self._place.password()}" if password else ""
        return f"postgresql://{NAME}{secret}@/{database}?host={quote(str(self._place.sockets), safe='')}"

    async def start(self) -> None:
        """Answering when it returns, or an OperatorError."""
        self._cluster.check()
        if not self._cluster.made:
            self._refuse_to_forget()
            await self._cluster.make(self._clock)
        if not await self.adopt():
            self._process = await self._started()
        await self._ensure_database()

    async def adopt(self) -> bool:
        """Take over one that outlived its owner."""
        self._process = await self._adopted()
        return self._process is not None

    async def stop(self, *, at_once: bool = False) -> None:
        """In order, within seconds; `at_once` leaves the data to be recovered by the next start."""
        if self._process:
            await process.end(self._process, _STOP[1:] if at_once else _STOP, self._clock)
            self._process = None

    def _refuse_to_forget(self) -> None:
        if self._process:
            raise OperatorError(
                f"The database in {self._place.postgres} was removed while it ran: put it back, or restore a backup "
                "(dianabot backup restore).",
                exit_code=3,
            )

    async def _adopted(self) -> Process | None:
        """One that is alive in this place: it outlived its owner. One that is on its way up or down is awaited."""
        pid = self._noted_pid()
        if pid is None or not process.alive(pid) or not self._is_ours(pid):
            return None
        found = Process(pid)
        if not await process.until(
            lambda: not found.alive or self._ready(pid) or None, clock=self._clock, seconds=_RETRY_FOR
        ):
            raise OperatorError(
                f"A PostgreSQL of this data directory is alive (process {pid}) but does not answer: end it "
                f"(kill -QUIT {pid}) and start again.",
                exit_code=3,
            )
        if found.alive and self._noted()[4] != str(self._place.sockets):
            await process.end(found, _STOP, self._clock)  # it answers where nobody asks
        return found if found.alive else None

    async def _started(self) -> Process:
        """While old backends still hold the memory of a killed server: again and again, with an end."""
        self._cluster.configure()
        private_folder(self._place.sockets, self._place.run_as)
        log = self._place.log(self.name)
        deadline = self._clock.monotonic() + _RETRY_FOR
        pause = 0.05
        while True:
            since = size(log)
            if started := await self._tried(log):
                return started
            if not old_ones_alive(log, since) or self._clock.monotonic() > deadline:
                raise failure(self._place.data, log, since, "did not start")
            await self._clock.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _tried(self, log: Path) -> Process | None:
        child = process.spawn(self._command, run_as=self._place.run_as, log=log, extra=self._not_ours())
        try:
            await process.until(
                lambda: not child.alive or self._ready(child.pid) or None, clock=self._clock, seconds=_STARTING_TAKES
            )
        except asyncio.CancelledError:
            child.signal(signal.SIGQUIT)
            raise
        if child.alive and self._ready(child.pid):
            return child
        await process.end(child, _STOP[1:], self._clock)
        return None

    def _noted(self) -> list[str]:
        """`postmaster.pid`: pid, data directory, start, port, socket folder, address, memory, state."""
        try:
            return (self._place.postgres / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _noted_pid(self) -> int | None:
        lines = self._noted()
        return int(lines[0]) if lines and lines[0].isdigit() else None

    def _ready(self, pid: int) -> bool:
        lines = self._noted()
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _is_ours(self, pid: int) -> bool:
        """By name and folder: pids are used again after a while, and after a restart of the machine."""
        return process.name(pid) == "postgres" and process.folder(pid) in {None, self._place.postgres.resolve()}

    def _not_ours(self) -> dict[str, str]:
        """A noted pid that now belongs to another program must not keep PostgreSQL from starting.

        This is its own way to be told so (pg_ctl uses it); removing its note would also remove its guard against
        backends that are still alive.
        """
        pid = self._noted_pid()
        return {"PG_GRANDPARENT_PID": str(pid)} if pid and process.alive(pid) and not self._is_ours(pid) else {}

    async def _ensure_database(self) -> None:
        """An adopted server may be recovering from the loss of a backend: it is asked again for a while."""
        deadline = self._clock.monotonic() + _RETRY_FOR
        while said := await self._asked(NAME):
            if "does not exist" in said:
                said = await self._asked("postgres", f'CREATE DATABASE "{NAME}"')
            elif "too many clients" in said:
                return
            if said and (not any(word in said for word in _NOT_YET) or self._clock.monotonic() > deadline):
                raise self._refused(said)
            await self._clock.sleep(0.05)

    async def _asked(self, database: str, statement: str = "SELECT 1") -> str:
        """What it refused with, or nothing."""
        try:
            connection = await psycopg.AsyncConnection.connect(self.dsn(database), autocommit=True, connect_timeout=10)
            async with connection:
                await connection.execute(statement.encode())
        except psycopg.OperationalError as error:
            return str(error).strip()
        return ""

    def _refused(self, said: str) -> OperatorError:
        if "password" in said:
            return OperatorError(
                f"PostgreSQL does not accept the password in {self._place.data / 'postgres_password'}: put back the "
                "file that belongs to this data."
            )
        return OperatorError(f"PostgreSQL runs but does not answer: {said}", exit_code=3)
