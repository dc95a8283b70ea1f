"""A taken port is told before anything is started, with the name of who has it."""

import contextlib
import errno
import shutil
import socket
import subprocess
from pathlib import Path

from dianabot.kernel.embedded import process
from dianabot.kernel.errors import OperatorError

_LISTENING = "0A"


def check_port(host: str, port: int, *, variable: str = "DIANABOT_PORT") -> None:
    """Refuse with a sentence what could not be listened on."""
    try:
        address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except socket.gaierror as error:
        raise OperatorError(f"DIANABOT_HOST {host!r} is no address of this machine: 127.0.0.1 always is.") from error
    with socket.socket(address[0], socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(address[4])
            trial.listen(1)
        except OSError as error:
            raise OperatorError(_sentence(error, host, port, variable), exit_code=3) from error


def _sentence(error: OSError, host: str, port: int, variable: str) -> str:
    if error.errno == errno.EADDRINUSE:
        pid = _listener(port)
        who = f"{process.name(pid) or 'a process'} (process {pid})" if pid else "another program"
        return f"Port {port} on {host} is taken by {who}: end it, or choose another port with {variable}."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"DIANABOT_HOST {host!r} is no address of this machine: 127.0.0.1 always is."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"Port {port} may not be used by this user: choose one from 1024 upwards with {variable}."
    return f"Port {port} on {host} cannot be listened on ({error.strerror}): choose another with {variable}."


def _listener(port: int) -> int | None:
    """Who has it, as far as we may see."""
    if Path("/proc/net/tcp").exists():
        return _holder({inode for table in ("tcp", "tcp6") for inode in _inodes(Path("/proc/net") / table, port)})
    if lsof := shutil.which("lsof"):
        command = [lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-t"]
        said = subprocess.run(command, text=True, capture_output=True, check=False).stdout.split()
        return int(said[0]) if said else None
    return None


def _inodes(table: Path, port: int) -> list[str]:
    if not table.exists():
        return []
    rows = (line.split() for line in table.read_text(encoding="ascii").splitlines()[1:])
    return [row[9] for row in rows if row[3] == _LISTENING and row[1].endswith(f":{port:04X}")]


def _holder(inodes: set[str]) -> int | None:
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and wanted & _open_files(folder / "fd"):
            return int(folder.name)
    return None


def _open_files(folder: Path) -> set[str]:
    """As far as we may look; what is closed meanwhile is passed over."""
    found = set()
    with contextlib.suppress(OSError):
        for entry in folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                found.add(str(entry.readlink()))
    return found
