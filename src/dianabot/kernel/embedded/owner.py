"""The one process that starts the servers, keeps them alive, and ends them."""

import asyncio
import contextlib
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog

from dianabot.kernel.clock import Clock
from dianabot.kernel.embedded.binaries import find
from dianabot.kernel.embedded.lock import Role, Run, write_run
from dianabot.kernel.embedded.place import Place
from dianabot.kernel.embedded.postgres import Postgres
from dianabot.kernel.embedded.valkey import Valkey
from dianabot.kernel.errors import OperatorError

_WATCH_EVERY: Final = 0.1
_LIVED: Final = 2.0
_DEATHS: Final = 5
_REST: Final = 30.0
_LOG_EVERY: Final = 60.0
_LOG_SIZE: Final = 8 * 2**20

_log = structlog.get_logger("embedded")


class Owner:
    """The servers of one place. Whoever makes an Owner holds the place's lock."""

    def __init__(self, place: Place, clock: Clock, role: Role, *, postgres: bool, valkey: bool) -> None:
        self._place = place
        self._clock = clock
        self._run = Run(os.getpid(), role, clock.real().isoformat(timespec="seconds"))
        write_run(place, self._run)
        programs = find(place.run_as, place.programs)
        self._postgres = Postgres(place, programs.postgres, clock)
        self._valkey = Valkey(place, programs.valkey, clock)
        self._wanted = [server for server, wanted in ((self._postgres, postgres), (self._valkey, valkey)) if wanted]
        if valkey and not programs.valkey:
            self._wanted.remove(self._valkey)
            _log.warning("without_valkey", reason="there is none for this machine; what it would keep stays in memory")

    @property
    def dsn(self) -> str | None:
        return self._postgres.dsn() if self._postgres in self._wanted else None

    @property
    def valkey_url(self) -> str | None:
        return self._valkey.url if self._valkey in self._wanted else None

    async def start(self) -> None:
        """Both at once. PostgreSQL must answer; Valkey may fail, and is then tried again later."""
        began = self._clock.monotonic()
        postgres, valkey = await asyncio.gather(
            self._begin(self._postgres), self._begin(self._valkey), return_exceptions=True
        )
        if isinstance(valkey, OperatorError):
            _log.warning("without_valkey", reason=str(valkey))
        failure = postgres or (None if isinstance(valkey, OperatorError) else valkey)
        if failure:
            raise failure
        self._note()
        took = round(self._clock.monotonic() - began, 3)
        _log.info("servers_started", postgres=self._run.postgres_pid, valkey=self._run.valkey_pid, seconds=took)

    async def keep(self) -> None:
        """Until cancelled. Ends by itself only with an OperatorError: PostgreSQL cannot be kept alive."""
        try:
            async with asyncio.TaskGroup() as group:
                for server in self._wanted:
                    group.create_task(self._keep(server))
                group.create_task(self._trim())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def stop(self) -> None:
        await asyncio.gather(self._postgres.stop(), self._valkey.stop())
        if self._place.sockets.parent != self._place.data:
            with contextlib.suppress(OSError):
                self._place.sockets.rmdir()

    async def _begin(self, server: Postgres | Valkey) -> None:
        """One that outlived its owner and is not wanted any more is ended: nobody else would."""
        if server in self._wanted:
            await server.start()
        elif await server.adopt():
            await server.stop()

    async def _keep(self, server: Postgres | Valkey) -> None:
        early = 0
        while True:
            born = self._clock.monotonic()
            while server.alive:
                await self._clock.sleep(_WATCH_EVERY)
            early = early + 1 if self._clock.monotonic() - born < _LIVED else 1
            if early > _DEATHS:
                await self._give_up(server)
                early = 0
            _log.warning("server_died", server=server.name, again=early)
            await self._clock.sleep(_WATCH_EVERY * (2 ** (early - 1) - 1))
            await self._again(server)

    async def _again(self, server: Postgres | Valkey) -> None:
        try:
            await server.start()
        except OperatorError:
            if server is self._postgres:
                raise
        else:
            self._note()
            _log.info("server_started_again", server=server.name, pid=server.pid)

    async def _give_up(self, server: Postgres | Valkey) -> None:
        """Without PostgreSQL nothing works; without Valkey everything does, so it is left alone for a while."""
        log = self._place.log(server.name)
        if server is self._postgres:
            raise OperatorError(
                f"PostgreSQL died {_DEATHS} times in a row, each time within {_LIVED:.0f} s of its start: what it said "
                f"stands in {log}.",
                exit_code=3,
            )
        _log.error("without_valkey", reason=f"it died {_DEATHS} times in a row; what it said stands in {log}")
        await self._clock.sleep(_REST)

    def _note(self) -> None:
        postgres, valkey = self._postgres, self._valkey
        if postgres in self._wanted:
            socket = str(self._place.postgres_socket)
            dsn = postgres.dsn(password=False)
            self._run = replace(self._run, dsn=dsn, postgres_pid=postgres.pid, postgres_socket=socket)
        if valkey in self._wanted:
            socket = str(self._place.valkey_socket)
            self._run = replace(self._run, valkey_pid=valkey.pid, valkey_socket=socket)
        write_run(self._place, self._run)

    async def _trim(self) -> None:
        while True:
            for log in (self._place.data / "logs").glob("*.log"):
                _trim(log)
            await self._clock.sleep(_LOG_EVERY)


def _trim(log: Path) -> None:
    """The servers append, so a log that was copied can be emptied under them."""
    with contextlib.suppress(OSError):
        if log.stat().st_size > _LOG_SIZE:
            shutil.copyfile(log, log.with_suffix(".log.old"))
            os.truncate(log, 0)
