"""Run the simulator alone, on a port of its own."""

import argparse
import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telesim.app import create, running
from telesim.errors import ApiError
from telesim.methods.table import refusal

RESTART = Response(refusal(ApiError(500, "Internal Server Error: restart")), 500, media_type="application/json")


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


class Patient:
    """Whoever waits in a request (a long poll, a live feed) can be sent home with an answer when the server stops."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._inside: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        begun = over = False

        async def noted(message: Message) -> None:
            nonlocal begun, over
            begun = True
            over = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        task = asyncio.current_task()
        assert task is not None
        self._inside.add(task)
        try:
            await self._app(scope, receive, noted)
        except asyncio.CancelledError:  # only a server that stops cancels a request
            task.uncancel()
            if not begun:
                await RESTART(scope, receive, send)
            elif not over:
                await send({"type": "http.response.body", "body": b""})
        finally:
            self._inside.discard(task)

    def close(self) -> None:
        for task in self._inside:
            task.cancel()


class Server(uvicorn.Server):
    """Stops at once, whoever waits."""

    def __init__(self, config: uvicorn.Config, patient: Patient) -> None:
        super().__init__(config)
        self._patient = patient

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._patient.close()
        await super().shutdown(sockets)


def serve(app: Starlette, *, host: str = "127.0.0.1", port: int = 8081, log_level: str = "warning") -> None:
    patient = Patient(app)
    config = uvicorn.Config(
        patient, host=host, port=port, log_level=log_level, access_log=False, timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
    )  # fmt: skip
    server = Server(config, patient)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(1)


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
