"""The data directory: what lies where, who may reach it, and what is said when it cannot be used."""

import hashlib
import os
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dianabot.kernel.embedded.user import RunAs, ancestors, server_user
from dianabot.kernel.errors import OperatorError

FALLBACK = Path("/var/lib/dianabot")
LONGEST_SOCKET = 103 if sys.platform == "darwin" else 107
FIRST_START_NEEDS = 200 * 2**20
NEXT_START_NEEDS = 32 * 2**20
_INHERITED = stat.S_ISGID
_SOCKET = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Place:
    """Absolute paths below one data directory, and who the servers in it are."""

    data: Path
    run_as: RunAs
    sockets: Path

    @property
    def postgres(self) -> Path:
        return self.data / "postgres"

    @property
    def valkey(self) -> Path:
        return self.data / "valkey"

    @property
    def programs(self) -> Path:
        return self.data / "programs"

    @property
    def lock(self) -> Path:
        return self.data / "lock"

    @property
    def run(self) -> Path:
        return self.data / "run.json"

    @property
    def postgres_socket(self) -> Path:
        return self.sockets / _SOCKET

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    def log(self, server: str) -> Path:
        return self.data / "logs" / f"{server}.log"

    def password(self) -> str:
        """Of PostgreSQL; made once, readable by its owner alone."""
        file = self.data / "postgres_password"
        if not file.exists():
            write_private(file, secrets.token_urlsafe(32), self.run_as)
        return file.read_text(encoding="ascii").strip()


def default_data(
    chosen: Path | None, *, default: Path = Path("data"), fallback: Path = FALLBACK
) -> tuple[Path, str | None]:
    """The data directory, and a notice when it is not the default one.

    As root the servers step down, and a home that is closed to others is closed to them too. What a person chose is
    kept as it is (and refused later, with the reason); only the default gives way.
    """
    place = (chosen or default).absolute()
    if chosen or os.geteuid() != 0:
        return place, None
    run_as = server_user(place)
    closed = run_as.stopped_at(ancestors(place))
    if closed is None:
        return place, None
    return fallback, (
        f"The data is kept in {fallback}: the database does not run as root but as {run_as.name}, "
        f"to whom {closed} is closed. Set DIANABOT_DATA to choose another folder."
    )


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def prepare(data: Path, *, free: Callable[[Path], int] = free_bytes) -> Place:
    """Make what is missing, and refuse with a sentence what cannot work."""
    data = data.absolute()
    run_as = server_user(data)
    _make_data(data, run_as)
    _check_reach(data, run_as)
    _check_owner(data, run_as)
    _check_space(data, free)
    place = Place(data, run_as, _socket_folder(data, run_as))
    try:
        for folder in (place.valkey, place.data / "logs"):
            private_folder(folder, run_as)
    except OSError as error:
        raise _unwritable(data, error) from error
    return place


def private_folder(folder: Path, run_as: RunAs) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700)
        run_as.give(folder)


def write_private(file: Path, text: str, run_as: RunAs) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    run_as.give(Path(draft))
    Path(draft).replace(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """So that a rename in it outlasts a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_data(data: Path, run_as: RunAs) -> None:
    if data.is_dir():
        return
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        private_folder(data, run_as)
    except (FileExistsError, NotADirectoryError) as error:
        raise OperatorError(
            f"{error.filename or data} is a file, and the data needs a folder: set DIANABOT_DATA to another path."
        ) from error
    except OSError as error:
        raise _unwritable(data, error) from error


def _check_reach(data: Path, run_as: RunAs) -> None:
    if run_as.steps_down and (closed := run_as.stopped_at(ancestors(data))):
        raise OperatorError(
            f"The database does not run as root but as {run_as.name}, to whom {closed} is closed: set DIANABOT_DATA "
            f"to a folder that {run_as.name} can reach (such as {FALLBACK}), or give that folder to the user who shall "
            f"own the data (chown {run_as.name} {closed})."
        )
    if not os.access(data, os.W_OK | os.X_OK):
        raise _unwritable(data)


def _check_space(data: Path, free: Callable[[Path], int]) -> None:
    there = free(data)
    needed = NEXT_START_NEEDS if (data / "postgres" / "PG_VERSION").exists() else FIRST_START_NEEDS
    if there < needed:
        raise disk_full(data, f"{there // 2**20} MB are free, {needed // 2**20} MB are needed to start")


def _check_owner(data: Path, run_as: RunAs) -> None:
    folder = data / "postgres"
    owner = folder.stat().st_uid if folder.exists() else run_as.uid
    if owner != run_as.uid and not run_as.steps_down:
        raise OperatorError(
            f"{folder} belongs to the user with id {owner}, and you are {run_as.name}: start DianaBot as that user or "
            "as root, or set DIANABOT_DATA to a folder of your own."
        )


def _socket_folder(data: Path, run_as: RunAs) -> Path:
    """In the data directory, or where that path is too long for a socket, in a short folder named after it."""
    name = "dianabot-" + hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    candidates = [data / "sockets"]
    if runtime and not run_as.steps_down and Path(runtime).is_dir():
        candidates.append(Path(runtime) / name)
    candidates.append(Path("/tmp") / name)  # noqa: S108 - a private folder, whose owner and mode are checked below
    for folder in candidates:
        if len(os.fsencode(folder / _SOCKET)) + len(".lock") <= LONGEST_SOCKET and _private(folder, run_as):
            return folder
    raise OperatorError(
        f"The path of the data directory is too long for a socket ({data} has {len(os.fsencode(data))} bytes, about "
        f"{LONGEST_SOCKET - 25} are possible) and no private folder could be made in /tmp: set DIANABOT_DATA to a "
        "shorter path."
    )


def _private(folder: Path, run_as: RunAs) -> bool:
    """Ours alone; a link or somebody else's folder of that name is not used."""
    try:
        private_folder(folder, run_as)
        found = folder.lstat()
    except OSError:
        return False
    return found.st_uid == run_as.uid and found.st_mode & ~_INHERITED == stat.S_IFDIR | 0o700


def disk_full(data: Path, figures: str) -> OperatorError:
    return OperatorError(f"The disk with {data} is full ({figures}): free some space and start again.", exit_code=3)


def _unwritable(data: Path, error: OSError | None = None) -> OperatorError:
    reason = (error.strerror if error else None) or "permission denied"
    if error and "space" in reason:
        return disk_full(data, reason)
    return OperatorError(
        f"The data directory {data} cannot be written ({reason}): give it to the user who starts DianaBot, or set "
        "DIANABOT_DATA to another folder."
    )
