"""Settings in, built objects out: the only constructor of shared things."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from dianabot.kernel.bus import Bus, Consequence, Consumers, Hints, fan_out, routes
from dianabot.kernel.cache import Cache
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.db import Database
from dianabot.kernel.events import Envelope
from dianabot.kernel.limits import Limits
from dianabot.kernel.partitions import make_ahead
from dianabot.kernel.presence import Presence
from dianabot.kernel.settings import Settings
from dianabot.kernel.tx import Transactions, Tx, Woken
from dianabot.kernel.valkey import Valkey
from dianabot.operations.acts import OPERATIONS
from dianabot.operations.consequences import CONSEQUENCES, Row
from dianabot.operations.coordinator import Coordinator
from dianabot.operations.rulebook import LiveRules
from dianabot.operations.unit import Unit

PEOPLE_CONNECTIONS = 12
LANE_CONNECTIONS = 8
LANE_SECONDS = 2.0


@dataclass(frozen=True)
class House:
    """What is built once a process and shared by its parts."""

    settings: Settings
    process: str
    clock: SystemClock
    db: Database
    valkey: Valkey
    cache: Cache
    rules: LiveRules
    presence: Presence
    coordinator: Coordinator
    bus: Bus


@asynccontextmanager
async def build(
    settings: Settings, dsn: str, valkey_url: str | None, clock: SystemClock, *, role: str, works: bool = False
) -> AsyncIterator[House]:
    """Everything that a process shares, open; its background work is started by its modules.

    `works` says that this process will work the lanes itself, so that it need not tell others of what it commits.
    """
    process = f"{role}-{os.getpid()}-{secrets.token_hex(3)}"
    valkey = Valkey(valkey_url, clock)
    async with (
        Database(dsn, size=PEOPLE_CONNECTIONS) as db,
        Database(dsn, size=LANE_CONNECTIONS, statement_timeout=LANE_SECONDS) as lanes,
    ):
        rules = LiveRules(db, clock)
        presence = Presence(db, clock, name=process, role=role, rules_version=lambda: rules.now.version)
        await presence.join()
        await make_ahead(db, clock.now())
        await rules.load()
        consumers = _consumers(rules, valkey)
        heard = routes(consumers.consequences, consumers.outsides)
        hints = Hints(valkey)
        bus: Bus

        def wake(woken: set[Woken]) -> None:
            hints.publish([one for one in woken if not (works and bus.wake(one))])

        bus = Bus(Transactions(lanes, clock, heard, wake), clock, consumers, process=process)
        coordinator = Coordinator(
            db=db,
            transactions=Transactions(db, clock, heard, wake),
            rules=rules,
            limits=Limits(valkey, clock),
            clock=clock,
            operations=OPERATIONS,
        )
        try:
            yield House(settings, process, clock, db, valkey, Cache(valkey, clock), rules, presence, coordinator, bus)
        finally:
            await presence.leave()
            await valkey.close()


def _consumers(rules: LiveRules, valkey: Valkey) -> Consumers:
    return Consumers(
        consequences=tuple(_consequence(row, rules) for row in CONSEQUENCES),
        tails=(fan_out(valkey),),
    )


def _consequence(row: Row, rules: LiveRules) -> Consequence:
    async def effect(tx: Tx, event: Envelope) -> None:
        await row.effect(Unit(tx, rules.now), event)

    return Consequence(row.consumer, row.on, effect, row.concerns, singly=row.singly)
