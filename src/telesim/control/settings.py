"""The world's own knobs: its clock, its faults, its flood limits."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from pydantic import Field

from telesim.control.door import Asked, Nothing
from telesim.control.reading import clock_view
from telesim.sim import Sim

OnClock = Callable[[timedelta], Awaitable[None]]
TEN_YEARS = 10 * 366 * 86_400


class Advance(Asked):
    advance_seconds: float = Field(ge=0, le=TEN_YEARS)


class NewFault(Asked):
    kind: str
    method: str | None = None
    count: int = 1
    retry_after: int = Field(1, le=TEN_YEARS)
    seconds: float = Field(1.0, le=TEN_YEARS)


class Limits(Asked):
    flood: bool


def clock_mover(on_clock: OnClock | None) -> Callable[[Sim, Advance], Awaitable[dict[str, Any]]]:
    """Moves the world first, then the application; only when both stand there, what is due happens."""

    async def advance(sim: Sim, asked: Advance) -> dict[str, Any]:
        sim.world.move_clock(asked.advance_seconds)
        if on_clock is not None:
            await on_clock(timedelta(seconds=sim.clock.offset))
        sim.timeline.catch_up()
        sim.feed.publish("clock")
        return clock_view(sim)

    return advance


def add_fault(sim: Sim, asked: NewFault) -> dict[str, Any]:
    fault = sim.faults.add(
        asked.kind, count=asked.count, method=asked.method, retry_after=asked.retry_after, seconds=asked.seconds
    )
    sim.feed.publish("fault", body={"faults": sim.faults.list()})
    return fault.view()


def faults(sim: Sim, _: Nothing) -> list[dict[str, Any]]:
    return sim.faults.list()


def clear_faults(sim: Sim, _: Nothing) -> dict[str, Any]:
    sim.faults.clear()
    sim.feed.publish("fault", body={"faults": []})
    return {"cleared": True}


def set_limits(sim: Sim, asked: Limits) -> dict[str, Any]:
    sim.limits.enabled = asked.flood
    return {"flood": asked.flood}
