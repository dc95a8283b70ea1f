"""The command `dianabot` as processes of their own, forked from a warm parent so that a start costs little."""

import atexit
import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from dianabot.cli import main

PATIENCE = 60.0
WARM = multiprocessing.get_context("forkserver")
WARM.set_forkserver_preload(
    ["pytest", "tests.dianabot.processes", *(f"dianabot.cli.{name}" for name in ("demo", "doctor", "events", "rules"))]
)
UNSET = {"DATABASE_URL", "REDIS_URL", "BOT_TOKEN", "BOT_API_URL", "WEBHOOK_URL", "LOG_LEVEL", "LOG_FORMAT"}


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout: anything beside it fails to parse."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """What it said of why it ended, which is no trace."""
        assert "Traceback" not in self.err, self.err
        return self.err.strip()


@dataclass(frozen=True)
class Part:
    """A command that stays."""

    process: ForkServerProcess
    folder: Path

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    @property
    def err(self) -> str:
        return (self.folder / "err").read_text(encoding="utf-8")

    @property
    def ended(self) -> bool:
        return self.process.exitcode is not None

    def kill(self) -> None:
        self.process.kill()
        self.process.join(PATIENCE)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> Ran:
        if not self.ended:
            os.kill(self.pid, number)
        return self.end()

    def end(self) -> Ran:
        self.process.join(PATIENCE)
        assert self.process.exitcode is not None, f"it did not end within {PATIENCE:.0f} s: {self.err}"
        return Ran(self.process.exitcode, (self.folder / "out").read_text(encoding="utf-8"), self.err)

    def until_says(self, words: str) -> None:
        until(lambda: words in self.err, lambda: f"{words!r} was not said: {self.err}")


def begin(*words: str, typed: str = "", **variables: object) -> Part:
    """Start `dianabot WORDS`; only the variables that are given say anything to it."""
    folder = Path(tempfile.mkdtemp(dir=_said()))
    for name, text in (("in", typed), ("out", ""), ("err", "")):
        (folder / name).write_text(text, encoding="utf-8")
    given = {name: value for name, value in os.environ.items() if name not in UNSET}
    given.update({name: str(value) for name, value in variables.items()})
    process = WARM.Process(target=_enter, args=(words, given, str(folder)))
    process.start()
    return Part(process, folder)


def ask(*words: str, typed: str = "", **variables: object) -> Ran:
    """Run `dianabot WORDS` to its end."""
    return begin(*words, typed=typed, **variables).end()


@cache
def _said() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="dianabot-said-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _enter(words: tuple[str, ...], variables: dict[str, str], folder: str) -> None:
    os.setsid()
    os.chdir(folder)
    for number, name, how in ((0, "in", os.O_RDONLY), (1, "out", os.O_WRONLY), (2, "err", os.O_WRONLY)):
        os.dup2(os.open(name, how), number)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["dianabot", *words]
    main()


def until(true: Callable[[], object], sadly: Callable[[], str] = lambda: "it did not come true") -> None:
    """Wait for a fact that only asking can tell."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, sadly()
        time.sleep(0.02)


def http(address: str, given: Any = None, *, patience: float = PATIENCE) -> tuple[int, Any]:
    """Status and JSON (or text); 0 when nobody is there."""
    body = None if given is None else json.dumps(given).encode()
    try:
        with urlopen(Request(address, body), timeout=patience) as answer:  # noqa: S310 - an address of this test's
            return answer.status, _read(answer.read())
    except HTTPError as error:
        with error:
            return error.code, _read(error.read())
    except (URLError, ConnectionError, TimeoutError):
        return 0, None


def _read(body: bytes) -> Any:
    with contextlib.suppress(ValueError):
        return json.loads(body)
    return body.decode()


@contextmanager
def data_folder() -> Iterator[Path]:
    """A data directory that whoever runs the servers may enter, which pytest's own folders are not.

    Whatever was left running in it is ended with it.
    """
    with tempfile.TemporaryDirectory(prefix="dianabot-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "data"
        try:
            yield data
        finally:
            for pid in noted_pids(data).values():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def noted_pids(data: Path) -> dict[str, int]:
    """What `run.json` says of the servers of a data directory."""
    try:
        run = json.loads((data / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name.removesuffix("_pid"): pid for name, pid in run.items() if name.endswith("_pid") and pid}
