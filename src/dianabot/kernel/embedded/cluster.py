"""PostgreSQL's folder: made once, checked before each start, configured for a small machine."""

import shutil
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dianabot.kernel.clock import Clock
from dianabot.kernel.embedded import process
from dianabot.kernel.embedded.binaries import MAJOR
from dianabot.kernel.embedded.diagnosis import failure, size
from dianabot.kernel.embedded.place import Place, sync_folder, write_private
from dianabot.kernel.errors import OperatorError

NAME: Final = "dianabot"
_MAKING_TAKES: Final = 120.0
_BUILDING: Final = "building-postgres-"

# Few processes (no parallel, I/O or logical replication workers), memory that is touched only when used, and senders
# enough for backups. What local.conf and ALTER SYSTEM say outranks it.
_SERVICE: Final = """\
max_connections = 60
max_wal_size = 512MB
checkpoint_timeout = 10min
wal_level = replica
synchronous_commit = on
fsync = on
max_wal_senders = 6
"""
# Nobody misses it after the tests: nothing waits for the disk.
_SCRATCH: Final = """\
max_connections = 200
max_wal_size = 1GB
checkpoint_timeout = 1h
wal_level = minimal
synchronous_commit = off
fsync = off
full_page_writes = off
max_wal_senders = 0
"""
_ALWAYS: Final = """\
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
shared_buffers = 64MB
work_mem = 4MB
maintenance_work_mem = 32MB
effective_cache_size = 512MB
random_page_cost = 1.1
io_method = sync
jit = off
huge_pages = off
max_worker_processes = 2
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
max_logical_replication_workers = 0
autovacuum_max_workers = 2
client_connection_check_interval = 2s
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
include = 'local.conf'
"""
_HEADER: Final = "# Written by DianaBot at every start. Settings of your own: local.conf beside this file.\n"
_LOCAL: Final = "# Settings of your own, which outrank postgresql.conf. They hold from the next start.\n"


@dataclass(frozen=True)
class Cluster:
    place: Place
    programs: Path
    lasting: bool = True

    @property
    def made(self) -> bool:
        return (self.place.postgres / "PG_VERSION").exists()

    def check(self) -> None:
        """Refuse data that this version would harm, or that is not ours; sweep what a cut-off start left."""
        folder = self.place.postgres
        for leftover in self.place.data.glob(f"{_BUILDING}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        if self.made:
            major = (folder / "PG_VERSION").read_text(encoding="ascii").strip()
            if major != MAJOR:
                raise OperatorError(
                    f"{folder} holds data of PostgreSQL {major}, and this DianaBot runs {MAJOR}: move it over with "
                    f"pg_dump of version {major}, or set DIANABOT_DATA to another folder."
                )
        elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OperatorError(f"{folder} is not a database: move it away, or set DIANABOT_DATA to another folder.")

    async def make(self, clock: Clock) -> None:
        """Built aside and renamed when complete: one that was cut off held nothing and is thrown away."""
        data, run_as = self.place.data, self.place.run_as
        building = Path(tempfile.mkdtemp(dir=data, prefix=_BUILDING))
        run_as.give(building)
        write_private(building / "password", self.place.password(), run_as)
        log = self.place.log("postgres")
        since = size(log)
        try:
            making = process.spawn(self._initdb(building), run_as=run_as, log=log)
            try:
                await process.until(lambda: making.alive is False or None, clock=clock, seconds=_MAKING_TAKES)
            finally:
                making.signal(signal.SIGKILL)
            if making.exit_code != 0:
                raise failure(data, log, since, "could not be prepared")
            (building / "cluster").replace(self.place.postgres)
            sync_folder(data)
        finally:
            shutil.rmtree(building, ignore_errors=True)

    def configure(self) -> None:
        folder = str(self.place.sockets).replace("'", "''")
        text = _HEADER + (_SERVICE if self.lasting else _SCRATCH) + _ALWAYS.format(sockets=folder)
        file, local = self.place.postgres / "postgresql.conf", self.place.postgres / "local.conf"
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            write_private(file, text, self.place.run_as)
        if not local.exists():
            write_private(local, _LOCAL, self.place.run_as)

    def _initdb(self, building: Path) -> list[str | Path]:
        return [
            *(self.programs / "initdb", "-D", building / "cluster", "-U", NAME),
            *(f"--pwfile={building / 'password'}", "--auth=scram-sha-256", "--data-checksums", "--no-instructions"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *([] if self.lasting else ["--no-sync"]),
        ]
