"""Owns the embedded servers; starts and stops the parts of one process in order."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from dianabot import migrations
from dianabot.kernel import embedded, log
from dianabot.kernel.clock import Clock
from dianabot.kernel.health import Module, Registry
from dianabot.kernel.settings import Settings

LOG = log.get(__name__)


@dataclass(frozen=True)
class Addresses:
    """Where PostgreSQL and (if there is one) Valkey answer."""

    dsn: str
    valkey_url: str | None
    own: embedded.Servers


@asynccontextmanager
async def servers(
    settings: Settings,
    clock: Clock,
    role: embedded.Role,
    *,
    migrate: bool = True,
    tell: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Addresses]:
    """The servers that the settings name, and our own for those that they do not; the schema stands.

    What may take a while is told before it begins.
    """
    database = settings.database_url and settings.database_url.get_secret_value()
    valkey = settings.redis_url and settings.redis_url.get_secret_value()
    if database is None:
        first = not (settings.data / "postgres").exists()
        tell("making the database (only the first start does)" if first else "starting the database")
    async with embedded.servers(
        settings.data, postgres=database is None, valkey=valkey is None, role=role, clock=clock
    ) as own:
        dsn = database or own.dsn
        assert dsn is not None, "embedded servers were asked for PostgreSQL"
        if migrate:
            tell("bringing the schema up to date")
            await asyncio.to_thread(migrations.migrate, dsn)
        yield Addresses(dsn, valkey or own.valkey_url, own)


async def stay(
    registry: Registry,
    modules: Sequence[Module],
    addresses: Addresses,
    *,
    started: Callable[[], None] = lambda: None,
) -> None:
    """Start the parts in the order of their needs, stay until cancelled or the servers are lost, stop in reverse."""
    for module in modules:
        registry.add(module)
    try:
        await registry.start()
        started()
        await addresses.own.over()
    finally:
        await registry.stop()


async def until_told(work: Coroutine[Any, Any, None]) -> None:
    """Do the work until it ends, or until Ctrl-C or a polite kill: whatever it has begun by then is ended in order.

    Impatience changes nothing: the second signal finds the work ending already.
    """
    working = asyncio.ensure_future(work)
    told = False

    def tell() -> None:
        nonlocal told
        if not told:
            told = True
            working.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, tell)
    try:
        await working
    except asyncio.CancelledError:
        if not told:
            raise
