"""The embedded Valkey: nothing in it is missed, so it writes nothing to disk and forgets the oldest first."""

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import Final
from urllib.parse import quote

from dianabot.kernel.clock import Clock
from dianabot.kernel.embedded import process
from dianabot.kernel.embedded.place import Place, private_folder
from dianabot.kernel.embedded.process import Process
from dianabot.kernel.errors import OperatorError

_STARTING_TAKES: Final = 10.0
_ANSWER_TAKES: Final = 2.0
_STOP: Final = ((signal.SIGTERM, 3.0), (signal.SIGKILL, 2.0))
_SETTINGS: Final = {
    "port": "0",
    "unixsocketperm": "700",
    "save": "",
    "appendonly": "no",
    "maxmemory": "64mb",
    "maxmemory-policy": "allkeys-lru",
    "maxclients": "256",
    "loglevel": "warning",
    "daemonize": "no",
    "always-show-logo": "no",
}


class Valkey:
    """One server in one place. `start` may be called again after its death."""

    name: Final = "valkey"

    def __init__(self, place: Place, program: Path | None, clock: Clock) -> None:
        self._place = place
        self._program = program
        self._clock = clock
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.alive

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self._place.valkey_socket))}?db=0"

    async def start(self) -> None:
        """Answering when it returns, or an OperatorError."""
        if not await self.adopt():
            self._process = await self._started()

    async def adopt(self) -> bool:
        """Take over one that outlived its owner."""
        pid = await answering(self._place.valkey_socket)
        self._process = Process(pid) if pid else None
        return pid is not None

    async def stop(self, *, at_once: bool = False) -> None:
        if self._process:
            await process.end(self._process, _STOP[1:] if at_once else _STOP, self._clock)
            self._process = None

    async def _started(self) -> Process:
        assert self._program
        private_folder(self._place.sockets, self._place.run_as)
        log = self._place.log("valkey")
        options = [part for name, value in _SETTINGS.items() for part in (f"--{name}", value)]
        where = ["--unixsocket", str(self._place.valkey_socket), "--dir", str(self._place.valkey)]
        child = process.spawn([self._program, *where, *options], run_as=self._place.run_as, log=log)
        deadline = self._clock.monotonic() + _STARTING_TAKES
        while child.alive and self._clock.monotonic() < deadline:
            if await answering(self._place.valkey_socket) == child.pid:
                return child
            await self._clock.sleep(0.005)
        await process.end(child, _STOP, self._clock)
        raise OperatorError(f"Valkey did not start: what it said stands in {log}.", exit_code=3)


async def answering(socket: Path) -> int | None:
    """The pid of the server behind a socket in our private folder; None when nobody answers there."""
    with contextlib.suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
        async with asyncio.timeout(_ANSWER_TAKES):
            reader, writer = await asyncio.open_unix_connection(socket)
            try:
                writer.write(b"INFO server\r\n")
                length = int((await reader.readline())[1:])
                said = (await reader.readexactly(length)).decode()
            finally:
                writer.close()
                await writer.wait_closed()
        return int(said.partition("process_id:")[2].split()[0])
    return None
