"""What one process answers over HTTP: alive, ready, metrics, and whatever parts it carries beside."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dianabot.kernel import metrics
from dianabot.kernel.embedded import check_port
from dianabot.kernel.health import Registry, Unwell

PATIENCE: Final = 0.5
CLOSING: Final = Response("It is closing. Come back in a moment.", 503, {"retry-after": "1"})


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


class Patient:
    """Lets whoever waits in a request (a long poll, a live stream) be sent home kindly when the server stops."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._inside: set[asyncio.Task[Any]] = set()
        self._closing = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        assert task is not None
        begun = complete = False

        async def noted(message: Message) -> None:
            nonlocal begun, complete
            begun = True
            complete = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        self._inside.add(task)
        try:
            await self._app(scope, receive, noted)
        except asyncio.CancelledError:
            if not self._closing:
                raise
            task.uncancel()
            if not begun:
                await CLOSING(scope, receive, send)
            elif not complete:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._inside.discard(task)

    def close(self) -> None:
        self._closing = True
        for task in self._inside:
            task.cancel()


class _Server(uvicorn.Server):
    """Signals belong to the supervisor."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """uvicorn on a socket that we bind ourselves, so that a taken port is a sentence and not an exit."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._app = Patient(app)
        self._host = host
        self._port = port
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        listening = listen(self._host, self._port)
        config = uvicorn.Config(
            self._app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=5, ws="none"
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]))
        while not self._server.started:
            if self._serving.done():
                await self._serving
            await asyncio.sleep(0)

    async def stop(self) -> None:
        """Finish what is being answered; what only waits is told to come back."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        done, _ = await asyncio.wait({self._serving}, timeout=PATIENCE)
        if not done:
            self._app.close()
        await self._serving

    async def check(self) -> None:
        if self._serving is None or self._serving.done():
            raise Unwell("The web server has ended.")


def address(host: str, port: int) -> str:
    """Where this machine reaches what listens there: nobody can call on `any address`."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - this is compared, not bound
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


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
