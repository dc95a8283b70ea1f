"""Cut everywhere, ask again, compare: an operation and what follows from it, against a run that nothing disturbed."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

import psycopg

from dianabot.kernel.clock import ManualClock
from dianabot.kernel.errors import Refusal, Unavailable
from tests.proof import canonical
from tests.proof.house import House
from tests.proof.ledger import LEDGER
from tests.proof.sample import Sample, World
from tests.proof.samples import world
from tests.proof.stage import SOUND, START, Pieces, tails_may_read
from tests.proof.wire import Cut, Side, Wire

SIDES: Final[tuple[Side, ...]] = ("request", "reply")
Phase = Literal["act", "consequences"]

KEY = "the key"
AWAY = "unavailable"
DRAINED = "done None"
BACK_OFF = 30.0
ROUNDS = 8


@dataclass(frozen=True)
class Played:
    exchanges: int
    first: str
    """How the disturbed attempt ended."""
    answer: str
    """What the same key answered on a healthy connection."""
    database: list[str]


class Hasty(ManualClock):
    """Whoever would wait on it moves it instead."""

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)


class Matrix:
    """One database, used again and again. `pieces` are what the disturbed side is made of."""

    def __init__(self, dsn: str, *, pieces: Pieces = SOUND) -> None:
        self._dsn = dsn
        self._pieces = pieces
        with psycopg.connect(dsn, autocommit=True) as connection:
            LEDGER.prepare(connection)

    async def violations(self, sample: Sample, phase: Phase = "act", *, enough: int = 100) -> list[str]:
        """A sentence for each thing that differs, after some cut, from the run that nothing disturbed."""
        clean = await self.play(sample, phase, None)
        found: list[str] = []
        for number in range(1, clean.exchanges + 1):
            for side in SIDES:
                if len(found) >= enough:
                    return found
                cut = Cut(number, side)
                played = await self.play(sample, phase, cut)
                found += [f"{sample}, {phase}, {cut}: {what}" for what in differences(clean, played)]
        assert clean.exchanges > 1, "nothing went through the cable"
        return found

    async def play(self, sample: Sample, phase: Phase, cut: Cut | None) -> Played:
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            canonical.wipe(connection)
        async with Wire(self._dsn) as wire, self._both_sides(wire) as (near, far):
            there = await world(near)
            if sample.before is not None:
                there = await sample.before(near, there)
            await near.start()
            await far.db.run("SELECT 1")
            if phase == "act":
                wire.arm(cut)
                first = await ending(ask(far, sample, there))
            else:
                await ending(ask(near, sample, there))
                await tails_may_read(near.db)
                wire.arm(cut)
                first = await ending(far.bus.drain())
            exchanges = wire.disarm()
            assert cut is None or wire.happened, f"{sample} never came to {cut}"
            answer = await ending(ask(near, sample, there))
            await come_to_rest(near)
        with psycopg.connect(self._dsn) as connection:
            database = canonical.dump(connection, f"answer: {answer}", timeless=phase != "act")
            return Played(exchanges, first, answer, database)

    @asynccontextmanager
    async def _both_sides(self, wire: Wire) -> AsyncIterator[tuple[House, House]]:
        clock = Hasty(START)
        near = House(self._dsn, (LEDGER,), clock=clock, size=2, process="near")
        far = House(wire.dsn, (LEDGER,), clock=clock, size=1, process="far", pieces=self._pieces)
        async with near, far:
            yield near, far


async def ask(house: House, sample: Sample, there: World) -> str:
    """What came of it, as it is stored: JSON keeps no order of keys."""
    act = sample.act(there)
    outcome = await house.coordinator.run(
        act,
        key=KEY,
        member=sample.member(there),
        actor="somebody",
        beside=None if sample.beside is None else sample.beside(there),
    )
    return json.dumps(type(act).outcome_type().dump_python(outcome, mode="json"), sort_keys=True)


async def ending(deed: Awaitable[Any]) -> str:
    try:
        return f"done {await deed!r}"
    except Refusal as refusal:
        return f"refused {json.dumps(refusal.to_json(), sort_keys=True)}"
    except Unavailable:
        return AWAY


async def come_to_rest(house: House) -> None:
    """Work until nothing is left, through every back-off and lease."""
    for _ in range(ROUNDS):
        await tails_may_read(house.db)
        await house.bus.drain()
        if await house.at_rest():
            return
        house.time.advance(BACK_OFF)
    raise AssertionError("there is still something left to do")


def differences(clean: Played, played: Played) -> list[str]:
    found = []
    if played.first not in {AWAY, played.answer, DRAINED}:
        found.append(f"the cut showed as {played.first}")
    found += [f"lost: {row}" for row in sorted(set(clean.database) - set(played.database))]
    found += [f"too much: {row}" for row in sorted(set(played.database) - set(clean.database))]
    if not found and played.database != clean.database:
        found.append("the same rows, another number of times")
    return found
