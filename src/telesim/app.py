"""The ASGI application: the bots' door, the control API, files and the page.

    app = create(data=Path("data/telegram"))

runs alone under any prefix. Mounted into another application, its parts have to be started by that one, since a
mounted application is not told when the server starts:

    simulator = create(...)
    async with running(simulator): ...
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telesim.acts.moments import take_up
from telesim.acts.recalling import recall
from telesim.bot_api import BotApi, nowhere
from telesim.calls import Calls
from telesim.clock import Clock
from telesim.control.routes import routes
from telesim.control.settings import OnClock
from telesim.faults import Faults
from telesim.limits import FloodLimits
from telesim.live import Feed
from telesim.pages import Guard, file_routes, lost
from telesim.questions import Questions
from telesim.sim import Chores, Sim
from telesim.timeline import Timeline
from telesim.updates.inbox import Inboxes
from telesim.world.journal import Journal
from telesim.world.scene import Scene, furnish
from telesim.world.world import World


def build(*, data: Path | None, scene: Scene, clock: Clock, flood_limits: bool) -> Sim:
    """The parts of a simulator, not yet running. Without `data` its world ends with it."""
    world = World(clock, data)
    places = furnish(world, scene) if world.is_empty else {}
    timeline = Timeline(clock)
    faults = Faults()
    sim = Sim(
        clock=clock,
        world=world,
        inboxes=Inboxes(world, clock, timeline, faults),
        feed=Feed(),
        timeline=timeline,
        faults=faults,
        calls=Calls(),
        limits=FloodLimits(clock, enabled=flood_limits),
        questions=Questions(clock),
        chores=Chores(),
    )
    if places:
        recall(sim, scene, places)
    return sim


def create(
    *,
    data: Path | None = None,
    scene: Scene | None = None,
    clock: Clock | None = None,
    on_clock: OnClock | None = None,
    flood_limits: bool = False,
) -> Starlette:
    """A simulator that keeps its world in `data` (or nowhere).

    `on_clock(offset)` is awaited when somebody moves the world's clock, before the call answers and before anything
    that is due then happens: an application moves its own time there.
    """
    sim = build(data=data, scene=scene or Scene(), clock=clock or Clock(), flood_limits=flood_limits)
    door = BotApi(sim)
    sim.inboxes.reply_of = door.from_webhook
    app = Starlette(
        routes=[
            Route("/bot{token}/{method:path}", door, methods=["GET", "POST"]),
            Route("/bot{rest:path}", nowhere, methods=["GET", "POST"]),
            *routes(sim, on_clock),
            *file_routes(sim),
        ],
        middleware=[Middleware(Guard), Middleware(Kept, journal=sim.world.journal)],
        exception_handlers={HTTPException: lost},
        lifespan=running,
    )
    app.state.sim = sim
    return app


class Kept:
    """What an answer tells of is on disk before the answer leaves: a kill -9 takes back nothing that was said."""

    def __init__(self, app: ASGIApp, journal: Journal) -> None:
        self._app = app
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def after_writing(message: Message) -> None:
            self._journal.write()
            await send(message)

        await self._app(scope, receive, after_writing)


@asynccontextmanager
async def running(app: Starlette) -> AsyncIterator[None]:
    """Everything that goes on by itself goes on inside; the world is on disk when this ends."""
    sim: Sim = app.state.sim
    sim.world.journal.write()
    sim.inboxes.open()
    take_up(sim)
    sim.chores.start(sim.timeline.run())
    try:
        yield
    finally:
        sim.inboxes.close()
        sim.timeline.close()
        await sim.chores.end()
        sim.world.close()
