"""What one process answers over HTTP: alive, ready, metrics, and whatever parts it carries beside."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dianabot.kernel import metrics
from dianabot.kernel.embedded import check_port
from dianabot.kernel.health import Registry, Unwell


def create(registry: Registry, routes: Sequence[BaseRoute] = ()) -> Starlette:

    async def healthz(_: Request) -> Response:
        return JSONResponse({"alive": True})

    async def readyz(_: Request) -> Response:
        return JSONResponse(registry.report(), status_code=200 if registry.ready else 503)

    async def show_metrics(_: Request) -> Response:
        return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)

    own = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", show_metrics)]
    return Starlette(routes=[*own, *routes])


class Raw:
    """Lets a method be the ASGI application of a route, which takes methods for handlers of requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


class _Server(uvicorn.Server):
    """Signals belong to the supervisor."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """uvicorn on a socket that we bind ourselves, so that a taken port is a sentence and not an exit."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=5, ws="none"
        )
        self._server = _Server(self._config)
        self._host = host
        self._port = port
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        listening = listen(self._host, self._port)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]))
        while not self._server.started:
            if self._serving.done():
                await self._serving
            await asyncio.sleep(0)

    async def stop(self) -> None:
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving

    async def check(self) -> None:
        if self._serving is None or self._serving.done():
            raise Unwell("The web server has ended.")


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        check_port(host, port)
        raise
    listening.listen(2048)
    listening.setblocking(False)
    return listening
