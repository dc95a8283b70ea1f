"""A simulator on a real port for one test, and the two ways to use it: as a bot, and as a person."""

import asyncio
import itertools
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import uvicorn
from aiogram.types import Update
from starlette.applications import Starlette

from telesim.app import create
from telesim.clock import Clock, ManualClock
from telesim.control.settings import OnClock
from telesim.serve import standing_alone
from telesim.sim import Sim
from telesim.world.scene import TOKEN
from tests.telesim.reading import read_strictly, understood

DEADLINE = 60
PATIENCE = aiohttp.ClientTimeout(total=90)
ANOTHER = itertools.count(10**6)
"""Offsets that differ every time, so that nobody is slowed down for asking the same again at once."""
Object = dict[str, Any]

DIANA, LUCIA, ALEX = 7_000_000_101, 7_000_000_102, 7_000_000_103
BOT = 7_000_000_001
FREE, VIP, TALK = -1_002_000_000_001, -1_002_000_000_002, -1_002_000_000_003
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a73"
    "0000001249444154789c63606060f8cf00040c0c0c0000180003fea0c8d70000000049454e44ae426082"
)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def result(self) -> Any:
        assert self.body.get("ok") is True, self.body
        return self.body["result"]

    @property
    def error(self) -> str:
        assert self.body.get("ok") is False, self.body
        return str(self.body["description"])


@dataclass(frozen=True, slots=True)
class Home:
    address: str
    app: Starlette
    clock: Clock
    session: aiohttp.ClientSession
    token: str = TOKEN

    @property
    def sim(self) -> Sim:
        sim: Sim = self.app.state.sim
        return sim

    @property
    def hands(self) -> ManualClock:
        """The clock of a test that moves it by hand."""
        assert isinstance(self.clock, ManualClock)
        return self.clock

    async def call(self, method: str, **given: Any) -> Answer:
        """A Bot API call, sent as JSON; aiogram must be able to read what is answered."""
        answer = await self.request("POST", f"/bot{self.token}/{method}", json=given)
        understood(method, answer.body)
        return answer

    async def ok(self, method: str, **given: Any) -> Any:
        return (await self.call(method, **given)).result

    async def refused(self, method: str, **given: Any) -> str:
        return (await self.call(method, **given)).error

    async def updates(self, **given: Any) -> list[Object]:
        """What has not been confirmed; confirms it."""
        given.setdefault("offset", -next(ANOTHER))
        found: list[Object] = await self.ok("getUpdates", **given)
        if found:
            self.sim.inbox(BOT).queue.confirm_below(found[-1]["update_id"] + 1)
        return found

    async def update(self, kind: str) -> Any:
        """The content of the only update that waits."""
        found = await self.updates()
        assert [set(one) for one in found] == [{"update_id", kind}], found
        return found[0][kind]

    async def next_update(self, kind: str) -> Any:
        """Wait for the next one of this kind."""
        async with asyncio.timeout(DEADLINE):
            while True:
                for one in self.sim.inbox(BOT).queue:
                    shown: Object = json.loads(one.body)
                    if kind in shown:
                        read_strictly(Update, shown)
                        self.sim.inbox(BOT).queue.forget(one.id)
                        return shown[kind]
                await asyncio.sleep(0)

    async def act(self, person: int, what: str, **given: Any) -> Any:
        answer = await self.control("POST", f"people/{person}/{what}", given)
        assert answer.status == 200, answer
        return answer.body

    async def control(self, method: str, path: str, given: Object | None = None) -> Answer:
        return await self.request(method, f"/api/{path}", json=given)

    async def says(self, person: int, text: str, **more: Any) -> int:
        return int((await self.act(person, "send", text=text, **more))["message_id"])

    async def messages(self, person: int, **query: Any) -> list[Object]:
        shown = "&".join(f"{name}={value}" for name, value in query.items())
        answer = await self.control("GET", f"people/{person}/messages?{shown}")
        assert answer.status == 200, answer
        found: list[Object] = answer.body
        return found

    async def request(self, method: str, path: str, **more: Any) -> Answer:
        async with self.session.request(method, self.address + path, **more) as response:
            text = await response.text()
            return Answer(response.status, json.loads(text) if text else None, dict(response.headers))


def listener_of_tcp() -> socket.socket:
    """A socket that knows that it speaks TCP: only then does asyncio send small packets without waiting for more."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(512)
    return listening


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """Any application on a free port; its address."""
    listening = listener_of_tcp()
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none", lifespan="on"))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup(sockets=[listening])
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        for listener in server.servers:
            listener.close()
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        at_work = list(server.server_state.tasks)
        for request in at_work:
            request.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)  # or what they opened is never closed
        await server.lifespan.shutdown()


@asynccontextmanager
async def home(
    *, data: Path | None = None, clock: Clock | None = None, on_clock: OnClock | None = None, **more: Any
) -> AsyncIterator[Home]:
    chosen = clock or Clock()
    app = create(data=data, clock=chosen, on_clock=on_clock, **more)
    async with served(standing_alone(app)) as address, aiohttp.ClientSession(timeout=PATIENCE) as session:
        yield Home(f"{address}/sim", app, chosen, session)
