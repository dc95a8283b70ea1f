"""Settings in, built objects out: the only constructor of shared things."""

import os
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from starlette.routing import BaseRoute, Route

from dianabot.kernel import log
from dianabot.kernel.bus import EVENTS, Bus, Consequence, Consumers, Hints, Tail, fan_out, routes
from dianabot.kernel.cache import Cache
from dianabot.kernel.clock import SystemClock
from dianabot.kernel.db import Database
from dianabot.kernel.errors import Unavailable
from dianabot.kernel.events import Envelope
from dianabot.kernel.health import Module, Registry, Unwell, background
from dianabot.kernel.limits import Limits
from dianabot.kernel.partitions import make_ahead
from dianabot.kernel.presence import Presence
from dianabot.kernel.settings import TELEGRAM_API, WEBHOOK_PATH, Settings
from dianabot.kernel.tx import Transactions, Tx, Woken
from dianabot.kernel.valkey import Valkey
from dianabot.operations.acts import OPERATIONS
from dianabot.operations.consequences import CONSEQUENCES, SUMS, Row, Summing
from dianabot.operations.coordinator import Coordinator
from dianabot.operations.reports import gauge
from dianabot.operations.rulebook import LiveRules
from dianabot.operations.unit import Unit
from dianabot.rulebook import RulesChanged
from dianabot.screens.words import check_texts
from dianabot.telegram.app import TelegramPart
from dianabot.telegram.sender.pace import USUAL_PACE
from dianabot.telegram.sender.unasked import UNASKED
from dianabot.web.app import Raw, WebServer, create
from dianabot.worker import Worker

LOG = log.get(__name__)

PEOPLE_CONNECTIONS = 6
LANE_CONNECTIONS = 8
LANE_SECONDS = 2.0
PARTITIONS_SECONDS = 3600.0
GAUGE_SECONDS = 10.0


Part = Literal["telegram", "web", "worker"]


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
    registry: Registry


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
        rules = LiveRules(db, clock, check=lambda changed: check_texts(changed.texts))
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
            yield House(
                settings=settings,
                process=process,
                clock=clock,
                db=db,
                valkey=valkey,
                cache=Cache(valkey, clock),
                rules=rules,
                presence=presence,
                coordinator=coordinator,
                bus=bus,
                registry=Registry(clock),
            )
        finally:
            await _leave(presence)
            await hints.close()
            await valkey.close()


async def _leave(presence: Presence) -> None:
    """Without PostgreSQL nobody can be told; the others notice by themselves."""
    try:
        await presence.leave()
    except Unavailable as away:
        LOG.info("not_left", error=str(away))


def _consumers(rules: LiveRules, valkey: Valkey) -> Consumers:
    return Consumers(
        consequences=tuple(_consequence(row, rules) for row in (*CONSEQUENCES, *UNASKED)),
        tails=(fan_out(valkey), *(_tail(row, rules) for row in SUMS)),
    )


def _consequence(row: Row, rules: LiveRules) -> Consequence:
    async def effect(tx: Tx, event: Envelope) -> None:
        await row.effect(Unit(tx, rules.now), event)

    return Consequence(row.consumer, row.on, effect, row.concerns, singly=row.singly)


def _tail(row: Summing, rules: LiveRules) -> Tail:
    async def effect(tx: Tx, events: Sequence[Envelope]) -> None:
        await row.effect(Unit(tx, rules.now), events)

    return Tail(row.consumer, row.on, effect, linger=row.behind, from_the_first=True)


def modules(house: House, parts: frozenset[Part], *, port: int, routes: Sequence[BaseRoute] = ()) -> list[Module]:
    """The parts of this process with what they need. Health and metrics are answered whatever the parts are."""
    found = [
        Module("database", check=lambda: _database_answers(house)),
        Module("valkey", check=lambda: _valkey_answers(house), vital=False),
        background("presence", house.presence.run, needs=("database",), trouble=lambda: house.presence.trouble),
        background("rule hints", lambda: _hear_of_rules(house), vital=False),
        background("rules", house.rules.run, needs=("database",), vital=False, trouble=lambda: house.rules.trouble),
        background("cache", house.cache.run, vital=False),
        background("gauges", lambda: _keep_gauges(house), needs=("database",), vital=False),
        background("partitions", lambda: _keep_partitions(house), needs=("database",), vital=False),
    ]
    if "worker" in parts:
        worker = Worker(house.bus, house.valkey)
        found.append(Module("worker", ("database",), worker.start, worker.stop, worker.check))
    if "telegram" in parts:
        telegram = _telegram(house)
        routes = [*routes, Route(WEBHOOK_PATH, Raw(telegram.webhook))]
        found.append(Module("telegram", ("database", "web"), telegram.start, telegram.stop, telegram.check))
    server = WebServer(create(house.registry, routes), house.settings.host, port)
    return [*found, Module("web", start=server.start, stop=server.stop, check=server.check)]


def _telegram(house: House) -> TelegramPart:
    at_home = house.settings.bot_api_url != TELEGRAM_API
    return TelegramPart(
        house.settings,
        process=house.process,
        clock=house.clock,
        db=house.db,
        valkey=house.valkey,
        rules=house.rules,
        coordinator=house.coordinator,
        pace=None if at_home else USUAL_PACE,
    )


async def _hear_of_rules(house: House) -> None:
    """Sooner than the poll. The stream tells of every change that was committed."""
    await house.valkey.subscribe(EVENTS + RulesChanged.event_type, hear=lambda *_: house.rules.hint())


async def _database_answers(house: House) -> None:
    if not await house.db.alive():
        raise Unwell("PostgreSQL does not answer.")


async def _valkey_answers(house: House) -> None:
    if not await house.valkey.ping():
        raise Unwell("Valkey does not answer: everything works, more slowly.")


async def _keep_gauges(house: House) -> None:
    while True:
        try:
            await gauge(house.db)
        except Unavailable as away:
            LOG.debug("not_gauged", error=str(away))
        await house.clock.sleep(GAUGE_SECONDS)


async def _keep_partitions(house: House) -> None:
    while True:
        await make_ahead(house.db, house.clock.now())
        await house.clock.sleep(PARTITIONS_SECONDS)
