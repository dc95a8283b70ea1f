"""One owner per data directory (`lock`), and the note by which others find what it runs (`run.json`)."""

import contextlib
import errno
import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from dianabot.kernel.embedded.place import Place, write_private
from dianabot.kernel.embedded.user import RunAs
from dianabot.kernel.errors import OperatorError

Role = Literal["supervisor", "part", "command"]


class Lock:
    """Held by one process until it ends, however it ends; a forked child does not inherit it."""

    def __init__(self, file: Path, run_as: RunAs | None = None) -> None:
        self._file = file
        if not file.exists():
            file.touch(mode=0o600)
            if run_as:
                run_as.give(file)
        self._handle: int | None = None
        os.register_at_fork(after_in_child=self._forget)

    def take(self, *, shared: bool = False) -> bool:
        """False when somebody else has it."""
        handle = os.open(self._file, os.O_RDWR)
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
                return False
            raise OperatorError(
                f"{self._file} cannot be locked ({error.strerror}): put the data directory (DIANABOT_DATA) on a local "
                "disk."
            ) from error
        self._handle = handle
        return True

    @property
    def held(self) -> bool:
        return self._handle is not None

    def release(self) -> None:
        self._forget()

    def _forget(self) -> None:
        """Closing suffices: the lock ends with its last handle, so a child's closing leaves the parent's."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


@dataclass(frozen=True)
class Run:
    """What `run.json` says: enough to attach, and no password."""

    pid: int
    role: Role
    started: str
    dsn: str | None = None
    postgres_pid: int | None = None
    postgres_socket: str | None = None
    valkey_pid: int | None = None
    valkey_socket: str | None = None


def write_run(place: Place, run: Run) -> None:
    write_private(place.run, json.dumps(asdict(run), indent=1) + "\n", place.run_as)


def read_run(file: Path) -> Run | None:
    """None when there is none, or one that was not written by us."""
    try:
        return Run(**json.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def remove_run(place: Place) -> None:
    with contextlib.suppress(FileNotFoundError):
        place.run.unlink()
