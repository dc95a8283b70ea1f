"""From what PostgreSQL wrote before it gave up to one sentence that helps."""

import re
from pathlib import Path
from typing import Final

from dianabot.kernel.embedded.place import disk_full
from dianabot.kernel.errors import OperatorError

_READ_AT_MOST: Final = 64 * 1024
_OLD_ONES_ALIVE: Final = re.compile(
    r"pre-existing shared memory block|lock file .* already exists|Address already in use"
)
_NO_MEMORY: Final = re.compile(r"Cannot allocate memory|could not map anonymous shared memory")
_DAMAGED: Final = re.compile(
    r"valid checkpoint|invalid magic number|control file|invalid page|checksum|incompatible with server"
)
_FATAL: Final = re.compile(r"(?:FATAL|PANIC|initdb: error): +(.*)")


def failure(data: Path, log: Path, since: int, what: str) -> OperatorError:
    said = tail(log, since)
    if "No space left on device" in said:
        return disk_full(data, "PostgreSQL could not write")
    if _NO_MEMORY.search(said):
        return OperatorError(
            "There is not enough free memory for PostgreSQL (about 100 MB): end something else.", exit_code=3
        )
    if _DAMAGED.search(said):
        return OperatorError(
            f"The database in {data / 'postgres'} is damaged: restore a backup (dianabot backup restore). What "
            f"PostgreSQL said stands in {log}.",
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


def old_ones_alive(log: Path, since: int) -> bool:
    """Backends of a killed server that have not noticed yet: worth another try."""
    return bool(_OLD_ONES_ALIVE.search(tail(log, since)))


def size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def tail(log: Path, since: int) -> str:
    with log.open("rb") as file:
        file.seek(max(since, size(log) - _READ_AT_MOST))
        return file.read().decode(errors="replace")
