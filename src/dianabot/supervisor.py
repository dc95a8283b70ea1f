"""Owns the embedded servers; starts and stops the parts of one process in order."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

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
    settings: Settings, clock: Clock, role: embedded.Role, *, migrate: bool = True
) -> AsyncIterator[Addresses]:
    """The servers that the settings name, and our own for those that they do not; the schema stands."""
    database = settings.database_url and settings.database_url.get_secret_value()
    valkey = settings.redis_url and settings.redis_url.get_secret_value()
    async with embedded.servers(
        settings.data, postgres=database is None, valkey=valkey is None, role=role, clock=clock
    ) as own:
        dsn = database or own.dsn
        assert dsn is not None, "embedded servers were asked for PostgreSQL"
        if migrate:
            await asyncio.to_thread(migrations.migrate, dsn)
        yield Addresses(dsn, valkey or own.valkey_url, own)


async def stay(
    registry: Registry,
    modules: Sequence[Module],
    addresses: Addresses,
    told: asyncio.Event,
    *,
    started: Callable[[], None] = lambda: None,
) -> None:
    """Start the parts in the order of their needs, stay until told or until the servers are lost, stop in reverse."""
    for module in modules:
        registry.add(module)
    await registry.start()
    started()
    try:
        lost = asyncio.create_task(addresses.own.over())
        asked = asyncio.create_task(told.wait())
        await asyncio.wait({lost, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if lost.done():
            await lost
        lost.cancel()
    finally:
        await registry.stop()


def until_told() -> asyncio.Event:
    """Set by Ctrl-C or a polite kill."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    return told
