"""Attach to what runs, or run it: the same two addresses either way."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import structlog

from dianabot.kernel.clock import Clock, SystemClock
from dianabot.kernel.embedded import process
from dianabot.kernel.embedded.lock import Lock, Role, Run, read_run, remove_run
from dianabot.kernel.embedded.owner import Owner
from dianabot.kernel.embedded.place import Place, free_bytes, prepare
from dianabot.kernel.errors import OperatorError

_OTHER_TAKES: Final = 30.0
_ASK_EVERY: Final = 0.05
_HEIR_LOOKS_EVERY: Final = 0.5

_log = structlog.get_logger("embedded")


@dataclass
class Servers:
    """The addresses of the servers, for as long as the `servers` block lasts."""

    dsn: str | None
    valkey_url: str | None
    owner: bool = False
    """Becomes true for a part that took over."""
    keeper: asyncio.Task[None] | None = None

    async def over(self) -> None:
        """Wait until PostgreSQL cannot be kept alive any more: raises the OperatorError that says so."""
        if self.keeper is None:
            await asyncio.Event().wait()
        else:
            await asyncio.shield(self.keeper)


@asynccontextmanager
async def servers(
    data: Path,
    *,
    postgres: bool = True,
    valkey: bool = True,
    role: Role = "command",
    clock: Clock | None = None,
    free: Callable[[Path], int] = free_bytes,
) -> AsyncIterator[Servers]:
    """The servers that are wanted, answering.

    A `supervisor` owns them or refuses. A `command` and a `part` own them when nobody does, and else attach; a part,
    which lives long, also takes over when the owner has gone. Only the owner ends the servers.
    """
    if not postgres and not valkey:
        yield Servers(None, None)
        return
    clock = clock or SystemClock()
    place = prepare(data, free=free)
    lock = Lock(place.lock, place.run_as)
    house = _House(place, lock, clock, role, postgres=postgres, valkey=valkey)
    try:
        yield await house.enter()
    finally:
        await house.leave()


async def attach(data: Path) -> Servers | None:
    """What somebody runs on this data directory; None when nobody does."""
    run = running(data)
    if run is None:
        return None
    for socket in (run.postgres_socket, run.valkey_socket):
        if socket and not await _accepts(socket):
            return None
    return Servers(_with_password(data, run), f"unix://{quote(run.valkey_socket)}?db=0" if run.valkey_socket else None)


def running(data: Path) -> Run | None:
    """Who owns the servers, and their pids; None when its owner has gone, whatever may still be alive."""
    run = read_run(data.absolute() / "run.json")
    return run if run and process.alive(run.pid) else None


class _House:
    def __init__(self, place: Place, lock: Lock, clock: Clock, role: Role, *, postgres: bool, valkey: bool) -> None:
        self._place = place
        self._lock = lock
        self._clock = clock
        self._role = role
        self._postgres = postgres
        self._valkey = valkey
        self._owner: Owner | None = None
        self._servers = Servers(None, None)

    async def enter(self) -> Servers:
        deadline = self._clock.monotonic() + _OTHER_TAKES
        while not self._lock.take():
            if found := await self._attached():
                return found
            if self._clock.monotonic() > deadline:
                raise self._stuck()
            await self._clock.sleep(_ASK_EVERY)
        owner = await self._own()
        self._servers.dsn, self._servers.valkey_url = owner.dsn, owner.valkey_url
        self._servers.keeper = asyncio.create_task(owner.keep())
        return self._servers

    async def leave(self) -> None:
        keeper = self._servers.keeper
        if keeper:
            keeper.cancel()
            await asyncio.wait([keeper])
            if not keeper.cancelled() and (failure := keeper.exception()):
                _log.error("servers_lost", reason=str(failure))
        if self._owner:
            await self._owner.stop()
        if self._lock.held:
            remove_run(self._place)
        self._lock.release()

    async def _own(self) -> Owner:
        self._owner = Owner(self._place, self._clock, self._role, postgres=self._postgres, valkey=self._valkey)
        await self._owner.start()
        self._servers.owner = True
        return self._owner

    async def _inherit(self) -> None:
        while not self._lock.take():
            await self._clock.sleep(_HEIR_LOOKS_EVERY)
        _log.warning("servers_inherited", reason="their owner has gone")
        owner = await self._own()
        await owner.keep()

    async def _attached(self) -> Servers | None:
        """None while the other one is still starting, or on its way out."""
        run = running(self._place.data)
        if run and self._role == "supervisor" and run.role != "command":
            raise OperatorError(
                f"DianaBot already runs on {self._place.data} (process {run.pid}): end that one first, or set "
                "DIANABOT_DATA to another folder."
            )
        complete = run and (run.postgres_pid or run.valkey_pid)
        if not complete or self._role == "supervisor":
            return None
        assert run
        if self._postgres and not run.dsn:
            raise OperatorError(
                f"The DianaBot that runs on {self._place.data} (process {run.pid}) uses a PostgreSQL of its own: set "
                "the same DATABASE_URL here."
            )
        found = await attach(self._place.data)
        if found:
            self._servers = found
            if self._role == "part":
                found.keeper = asyncio.create_task(self._inherit())
        return found

    def _stuck(self) -> OperatorError:
        run = running(self._place.data)
        who = f"a {run.role} (process {run.pid})" if run else "another process"
        return OperatorError(
            f"The data directory {self._place.data} has been held by {who} for {_OTHER_TAKES:.0f} s, without servers "
            "that answer: wait for it or end it, then start again.",
            exit_code=3,
        )


def _with_password(data: Path, run: Run) -> str | None:
    if run.dsn is None:
        return None
    file = data.absolute() / "postgres_password"
    try:
        password = file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise OperatorError(
            f"{file} cannot be read ({error.strerror}): start this command as the user who runs DianaBot."
        ) from error
    return run.dsn.replace("@", f":{password}@", 1)


async def _accepts(socket: str) -> bool:
    with contextlib.suppress(OSError):
        _, writer = await asyncio.open_unix_connection(socket)
        writer.close()
        await writer.wait_closed()
        return True
    return False
