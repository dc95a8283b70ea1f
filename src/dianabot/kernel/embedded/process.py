"""Processes that outlive a kill of their owner, watched by pid."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from dianabot.kernel.clock import Clock
from dianabot.kernel.embedded.user import RunAs

Found = TypeVar("Found")
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Process:
    """One that we started (`child`), or one that was there before us."""

    pid: int
    child: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        return self.child.poll() is None if self.child else alive(self.pid)

    @property
    def exit_code(self) -> int | None:
        return self.child.poll() if self.child else None

    def signal(self, number: signal.Signals) -> None:
        if self.alive:
            os.kill(self.pid, number)


def spawn(
    command: Sequence[str | Path], *, run_as: RunAs, log: Path, extra: Mapping[str, str] | None = None
) -> Process:
    """In a session of its own, so that Ctrl-C in a terminal reaches us alone and we stop it in order."""
    if not log.exists():
        log.touch(mode=0o600)
        run_as.give(log)
    with log.open("ab") as out:
        child = subprocess.Popen(
            command,
            cwd="/",
            env={**_ENVIRONMENT, **(extra or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            umask=0o077,
            **run_as.arguments,
        )
    return Process(child.pid, child)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _status(pid, "stat", 2).startswith("Z")


def name(pid: int) -> str:
    """The program's name, or nothing when there is no such process."""
    return Path(_status(pid, "comm", 1)).name


def folder(pid: int) -> Path | None:
    """Where it works; None on systems that do not tell. What is hidden from us is not ours."""
    if not Path("/proc/self/cwd").exists():
        return None
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return Path("/")


def _status(pid: int, column: str, field: int) -> str:
    """From /proc where there is one, else from ps."""
    if Path("/proc/self/stat").exists():
        try:
            text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return ""
        inside = text.rpartition(")")
        return inside[0].partition("(")[2] if field == 1 else inside[2].split()[0]
    shown = subprocess.run(["ps", "-o", f"{column}=", "-p", str(pid)], text=True, capture_output=True, check=False)
    return shown.stdout.strip()


async def until(
    fact: Callable[[], Found | None], *, clock: Clock, seconds: float, every: float = 0.005
) -> Found | None:
    """What `fact` finds, asked again and again, or None after `seconds`."""
    deadline = clock.monotonic() + seconds
    while (found := fact()) is None and clock.monotonic() < deadline:
        await clock.sleep(every)
    return found


async def end(process: Process, steps: Sequence[tuple[signal.Signals, float]], clock: Clock) -> None:
    """Ask ever less kindly until it is gone."""
    for number, patience in steps:
        process.signal(number)
        if await until(lambda: None if process.alive else True, clock=clock, seconds=patience):
            return
