"""After the storm: one process works off whatever is left, as if a few hours had gone by."""

import asyncio
from datetime import datetime, timedelta

from dianabot.kernel.clock import SystemClock
from tests.proof.all_parts import PARTS
from tests.proof.forks import quiet
from tests.proof.house import House

ROUNDS = 40
STEP = timedelta(minutes=2)


class Later(SystemClock):
    """Real time too has moved on, so that nobody's lease holds any more."""

    passed = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.passed

    def real(self) -> datetime:
        return super().real() + self.passed


def come_to_rest(dsn: str) -> list[str]:
    """Nothing, or what could not be worked off."""
    quiet()
    return asyncio.run(_work(dsn))


def make_known(dsn: str) -> None:
    """Before anybody acts: consumers that are known miss nothing."""
    asyncio.run(_start(dsn))


async def _start(dsn: str) -> None:
    async with House(dsn, PARTS, clock=SystemClock()) as house:
        await house.start()
        for part in PARTS:
            if part.begin is not None:
                await part.begin(house)


async def _work(dsn: str) -> list[str]:
    clock = Later()
    async with House(dsn, PARTS, clock=clock, process="rest") as house:
        for _ in range(ROUNDS):
            await house.bus.drain()
            if await house.at_rest():
                return []
            clock.passed += STEP
        left = await house.count("deliveries")
    return [f"NOT: work comes to an end: {left} deliveries are left"]
