"""What one process answers over HTTP, and how it goes."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.errors import OperatorError
from dianabot.kernel.health import Module, Registry, Unwell
from dianabot.web.app import WebServer, address, create

DEADLINE = 60


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


class Stage:
    def __init__(self, *routes: BaseRoute) -> None:
        self.problem: str | None = None
        self.registry = Registry(SystemClock(), [Module("heart", check=self._check), Module("hat", vital=False)])
        self.port = free_port()
        self.server = WebServer(create(self.registry, routes), "127.0.0.1", self.port)

    async def _check(self) -> None:
        if self.problem is not None:
            raise Unwell(self.problem)

    def at(self, path: str) -> str:
        return address("127.0.0.1", self.port) + path


@asynccontextmanager
async def serving(*routes: BaseRoute) -> AsyncIterator[tuple[Stage, aiohttp.ClientSession]]:
    stage = Stage(*routes)
    await stage.registry.start()
    await stage.server.start()
    try:
        async with asyncio.timeout(DEADLINE), aiohttp.ClientSession() as session:
            yield stage, session
    finally:
        await stage.server.stop()
        await stage.registry.stop()


async def test_it_is_alive_and_ready_and_says_so() -> None:
    async with serving() as (stage, session):
        async with session.get(stage.at("/healthz")) as alive:
            assert (alive.status, await alive.json()) == (200, {"alive": True})
        async with session.get(stage.at("/readyz")) as ready:
            said = await ready.json()
            assert (ready.status, said["state"]) == (200, "ready")
            assert said["modules"]["heart"]["state"] == "up"


async def test_it_is_not_ready_while_a_vital_part_is_unwell_and_then_it_is_again() -> None:
    async with serving() as (stage, session):
        stage.problem = "It skips a beat."
        await stage.registry.look()
        async with session.get(stage.at("/readyz")) as ready:
            said = await ready.json()
            assert (ready.status, said["state"]) == (503, "not ready")
            assert said["modules"]["heart"]["problem"] == "It skips a beat."
        async with session.get(stage.at("/healthz")) as alive:
            assert alive.status == 200, "who is unwell is alive: nobody must kill it for that"
        stage.problem = None
        await stage.registry.look()
        async with session.get(stage.at("/readyz")) as ready:
            assert ready.status == 200


async def test_its_metrics_are_what_prometheus_reads() -> None:
    async with serving() as (stage, session), session.get(stage.at("/metrics")) as answer:
        assert answer.headers["content-type"].startswith("text/plain; version=")
        families = {family.name for family in text_string_to_metric_families(await answer.text())}
    assert {"modules_up", "operations", "updates"} <= families


async def test_a_taken_port_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = WebServer(create(Registry(SystemClock())), "127.0.0.1", port)
        with pytest.raises(OperatorError, match=f"Port {port} on 127.0.0.1 is taken by "):
            await server.start()
    await server.stop()
    await server.start()
    await server.check()
    await server.stop()


async def test_who_waits_when_it_stops_is_told_to_come_back(caplog: pytest.LogCaptureFixture) -> None:
    inside = asyncio.Event()

    async def wait(_: Request) -> Response:
        inside.set()
        await asyncio.Event().wait()
        return Response()

    async with serving(Route("/wait", wait)) as (stage, session):
        asked = asyncio.create_task(session.get(stage.at("/wait")))
        await inside.wait()
        await stage.server.stop()
        async with await asked as answer:
            assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert not caplog.records, "this is no error"
        with pytest.raises(Unwell):
            await stage.server.check()


async def test_a_live_stream_ends_as_if_all_were_said_when_it_stops() -> None:
    async def tell(_: Request) -> Response:
        async def words() -> AsyncIterator[str]:
            yield "once upon a time"
            await asyncio.Event().wait()

        return StreamingResponse(words())

    async with serving(Route("/story", tell)) as (stage, session), session.get(stage.at("/story")) as answer:
        assert await answer.content.readany() == b"once upon a time"
        await stage.server.stop()
        assert await answer.content.read() == b""


async def test_what_is_being_answered_is_answered_before_it_stops() -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def work(_: Request) -> Response:
        inside.set()
        await go_on.wait()
        return PlainTextResponse("done")

    async with serving(Route("/work", work)) as (stage, session):
        asked = asyncio.create_task(session.get(stage.at("/work")))
        await inside.wait()
        stopping = asyncio.create_task(stage.server.stop())
        go_on.set()
        async with await asked as answer:
            assert await answer.text() == "done"
        await stopping


@pytest.mark.parametrize(
    ("host", "reached"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),  # noqa: S104 - compared, not bound
        ("::", "http://[::1]:8080"),
        ("::1", "http://[::1]:8080"),
        ("club.example.org", "http://club.example.org:8080"),
    ],
)
def test_an_address_is_one_that_can_be_called(host: str, reached: str) -> None:
    assert address(host, 8080) == reached
