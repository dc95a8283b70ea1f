"""Run the simulator alone, on a port of its own."""

import argparse
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from telesim.app import create, running


def standing_alone(simulator: Starlette) -> Starlette:
    """The simulator under `/sim`, as everybody expects it."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with running(simulator):
            yield

    routes = [
        Route("/", lambda _: RedirectResponse("/sim/")),
        Mount("/sim", simulator),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def serve(app: Starlette, *, host: str = "127.0.0.1", port: int = 8081, log_level: str = "warning") -> None:
    uvicorn.run(
        app, host=host, port=port, log_level=log_level, access_log=False, timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
    )  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="telesim", description="Telegram at home: a Bot API server and a chat page.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument(
        "--data", type=Path, help="folder that keeps the world; without it the world ends with this run"
    )
    parser.add_argument(
        "--flood-limits", action="store_true", help="answer 429 as Telegram does when a bot is too fast"
    )
    given = parser.parse_args(arguments)
    simulator = create(data=given.data, flood_limits=given.flood_limits)
    bot = next(iter(simulator.state.sim.world.bots.values()))
    address = f"http://{given.host}:{given.port}/sim"
    sys.stderr.write(f"Chat page: {address}/\nBot API:   {address}/bot{bot.token}/getMe\n")
    serve(standing_alone(simulator), host=given.host, port=given.port)
    return 0
