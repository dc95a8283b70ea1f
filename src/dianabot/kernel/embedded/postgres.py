"""The embedded PostgreSQL: made once, started, adopted when it outlived its owner, stopped in order."""

import re
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg

from dianabot.kernel.clock import Clock
from dianabot.kernel.embedded import process
from dianabot.kernel.embedded.binaries import MAJOR
from dianabot.kernel.embedded.place import Place, disk_full, private_folder, write_private
from dianabot.kernel.embedded.process import Process
from dianabot.kernel.errors import OperatorError

NAME: Final = "dianabot"
_STARTING_TAKES: Final = 120.0
_RETRY_FOR: Final = 30.0
_STOP: Final = ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 2.0))

# For a small machine: few processes (no parallel, I/O or logical replication workers), memory that is touched only when
# used, and replication slots enough for backups. local.conf and ALTER SYSTEM outrank it.
_SERVICE: Final = """\
max_connections = 60
shared_buffers = 64MB
work_mem = 4MB
maintenance_work_mem = 32MB
effective_cache_size = 512MB
max_wal_size = 512MB
checkpoint_timeout = 10min
wal_level = replica
synchronous_commit = on
fsync = on
max_wal_senders = 6
"""
# Nobody will miss it after the tests: nothing waits for the disk.
SCRATCH: Final = """\
max_connections = 200
shared_buffers = 64MB
fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 1GB
checkpoint_timeout = 1h
"""
_ALWAYS: Final = """\
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
io_method = sync
jit = off
huge_pages = off
max_worker_processes = 2
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
max_logical_replication_workers = 0
autovacuum_max_workers = 2
random_page_cost = 1.1
client_connection_check_interval = 2s
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
include_if_exists = 'local.conf'
"""
_HEADER: Final = "# Written by DianaBot at every start. Settings of your own: local.conf beside this file.\n"

_OLD_ONES_ALIVE: Final = re.compile(
    r"pre-existing shared memory block|lock file .* already exists|Address already in use"
)
_FATAL: Final = re.compile(r"(?:FATAL|PANIC|ERROR|initdb: error): +(.*)")


class Postgres:
    """One cluster in one place. `start` may be called again after its death."""

    def __init__(self, place: Place, programs: Path, clock: Clock, *, settings: str = _SERVICE) -> None:
        self._place = place
        self._programs = programs
        self._clock = clock
        self._settings = settings
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
        _check_version(self._place.postgres)
        if not (self._place.postgres / "PG_VERSION").exists():
            await self._create()
        self._process = await self._adopted() or await self._started()
        await self._ensure_database()

    async def stop(self, *, at_once: bool = False) -> None:
        """In order, within seconds; `at_once` leaves the data to be recovered by the next start."""
        if self._process:
            await process.end(self._process, _STOP[1:] if at_once else _STOP, self._clock)
            self._process = None

    async def _create(self) -> None:
        """Built aside and renamed when complete: one that was cut off held nothing and is thrown away."""
        data, run_as = self._place.data, self._place.run_as
        for leftover in data.glob("building-postgres-*"):
            shutil.rmtree(leftover)
        building = Path(tempfile.mkdtemp(dir=data, prefix="building-postgres-"))
        run_as.give(building)
        write_private(building / "password", self._place.password(), run_as)
        log = self._place.log("postgres")
        since = _size(log)
        sync = ["--no-sync"] if self._settings == SCRATCH else []
        command: list[str | Path] = [
            *(self._programs / "initdb", "-D", building / "cluster", "-U", NAME),
            *(f"--pwfile={building / 'password'}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums", "--no-instructions", *sync),
        ]
        running = process.spawn(command, run_as=run_as, log=log)
        await process.until(lambda: None if running.alive else True, clock=self._clock, seconds=_STARTING_TAKES)
        if not (building / "cluster" / "PG_VERSION").exists() or running.alive or running.exit_code:
            await process.end(running, ((signal.SIGKILL, 2.0),), self._clock)
            shutil.rmtree(building)
            raise self._failure(since, "could not be prepared")
        (building / "cluster").replace(self._place.postgres)
        shutil.rmtree(building)

    async def _adopted(self) -> Process | None:
        """One that is alive in this place: it outlived its owner. One that is on its way up or down is awaited."""
        pid = self._noted_pid()
        if pid is None or not process.alive(pid) or not self._is_ours(pid):
            return None
        found = Process(pid)
        settled = await process.until(
            lambda: not found.alive or self._ready() or None, clock=self._clock, seconds=_RETRY_FOR
        )
        if settled and found.alive:
            return found
        if settled:
            return None
        raise OperatorError(
            f"A PostgreSQL of this data directory is alive (process {pid}) but does not answer: end it (kill {pid}) "
            "and start again.",
            exit_code=3,
        )

    async def _started(self) -> Process:
        """Started; while old backends hold the memory of a killed server, again and again."""
        self._configure()
        log = self._place.log("postgres")
        deadline = self._clock.monotonic() + _RETRY_FOR
        pause = 0.05
        while True:
            since = _size(log)
            child = process.spawn(self._command(), run_as=self._place.run_as, log=log, extra=self._not_ours())
            await process.until(
                lambda child=child: not child.alive or self._ready(child.pid) or None,  # type: ignore[misc]  # bound now
                clock=self._clock,
                seconds=_STARTING_TAKES,
            )
            if child.alive and self._ready(child.pid):
                return child
            await process.end(child, ((signal.SIGQUIT, 5.0), (signal.SIGKILL, 2.0)), self._clock)
            if not _OLD_ONES_ALIVE.search(_tail(log, since)) or self._clock.monotonic() > deadline:
                raise self._failure(since, "did not start")
            await self._clock.sleep(pause)
            pause = min(pause * 2, 1.0)

    def _command(self) -> list[str | Path]:
        return [self._programs / "postgres", "-D", self._place.postgres]

    def _configure(self) -> None:
        private_folder(self._place.sockets, self._place.run_as)
        folder = str(self._place.sockets).replace("'", "''")
        text = _HEADER + self._settings + _ALWAYS.format(sockets=folder)
        file = self._place.postgres / "postgresql.conf"
        if file.read_text(encoding="utf-8") != text:
            write_private(file, text, self._place.run_as)

    def _noted(self) -> list[str]:
        """`postmaster.pid`: pid, data directory, start, port, socket folder, address, memory, state."""
        try:
            return (self._place.postgres / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _noted_pid(self) -> int | None:
        lines = self._noted()
        return int(lines[0]) if lines and lines[0].isdigit() else None

    def _ready(self, pid: int | None = None) -> bool:
        lines = self._noted()
        mine = pid is None or (bool(lines) and lines[0] == str(pid))
        return mine and len(lines) > 7 and lines[7].strip() == "ready"

    def _is_ours(self, pid: int) -> bool:
        """By name and folder; a pid is used again by others after a while, and after a restart of the machine."""
        folder = process.folder(pid)
        return process.name(pid) == "postgres" and folder in {None, self._place.postgres.resolve()}

    def _not_ours(self) -> dict[str, str]:
        """A noted pid that now belongs to another program must not keep PostgreSQL from starting.

        This is its own way to be told so (pg_ctl uses it); removing its note would also remove its guard against
        backends that are still alive.
        """
        pid = self._noted_pid()
        return {"PG_GRANDPARENT_PID": str(pid)} if pid and process.alive(pid) and not self._is_ours(pid) else {}

    async def _ensure_database(self) -> None:
        try:
            await self._connect(NAME)
        except psycopg.OperationalError as error:
            if "does not exist" not in str(error):
                raise self._refused(error) from error
            await self._connect("postgres", f'CREATE DATABASE "{NAME}"')

    async def _connect(self, database: str, statement: str = "SELECT") -> None:
        connection = await psycopg.AsyncConnection.connect(self.dsn(database), autocommit=True, connect_timeout=10)
        async with connection:
            await connection.execute(statement.encode())

    def _refused(self, error: psycopg.OperationalError) -> OperatorError:
        if "password" in str(error):
            return OperatorError(
                f"PostgreSQL does not accept the password in {self._place.data / 'postgres_password'}: put back the "
                "file that belongs to this data."
            )
        return OperatorError(f"PostgreSQL runs but does not answer: {str(error).strip()}", exit_code=3)

    def _failure(self, since: int, what: str) -> OperatorError:
        return failure(self._place.data, self._place.log("postgres"), since, what)


def failure(data: Path, log: Path, since: int, what: str) -> OperatorError:
    """What PostgreSQL wrote before it gave up, in one sentence that helps."""
    said = _tail(log, since)
    if "No space left on device" in said:
        return disk_full(data, "PostgreSQL could not write")
    if "Cannot allocate memory" in said or "could not map anonymous shared memory" in said:
        return OperatorError(
            "There is not enough free memory for PostgreSQL (about 100 MB): end something else.", exit_code=3
        )
    if re.search(r"valid checkpoint|invalid magic number|control file|invalid page|checksum", said):
        return OperatorError(
            f"The database in {data / 'postgres'} is damaged: restore a backup (dianabot backup restore). What it said "
            f"stands in {log}.",
            exit_code=3,
        )
    if _OLD_ONES_ALIVE.search(said):
        return OperatorError(
            f"Processes of an earlier PostgreSQL still hold {data / 'postgres'}: end them (their name is postgres) and "
            "start again.",
            exit_code=3,
        )
    reasons = _FATAL.findall(said)
    reason = f" ({reasons[-1]})" if reasons else ""
    return OperatorError(f"PostgreSQL {what}{reason}: what it said stands in {log}.", exit_code=3)


def _check_version(cluster: Path) -> None:
    noted = cluster / "PG_VERSION"
    if noted.exists():
        major = noted.read_text(encoding="ascii").strip()
        if major != MAJOR:
            raise OperatorError(
                f"{cluster} holds data of PostgreSQL {major}, and this DianaBot runs {MAJOR}: restore a backup with "
                f"the DianaBot that wrote it, or move it over with pg_dump of version {major}."
            )
    elif cluster.exists() and (not cluster.is_dir() or any(cluster.iterdir())):
        raise OperatorError(f"{cluster} is not a database: move it away, or set DIANABOT_DATA to another folder.")


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _tail(log: Path, since: int) -> str:
    with log.open("rb") as file:
        file.seek(max(since, _size(log) - 64 * 1024))
        return file.read().decode(errors="replace")
