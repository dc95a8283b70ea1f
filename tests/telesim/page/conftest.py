"""The chat page in a real Chromium, on a real simulator; the bot is a few calls of the Bot API."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright
from starlette.applications import Starlette

from telesim.app import create, running
from telesim.serve import standing_alone
from tools.chromium import find

PATIENCE = 60_000
HEARD = ["message", "callback_query", "poll_answer", "pre_checkout_query", "chat_join_request", "message_reaction",
         "my_chat_member", "subscription", "edited_message"]  # fmt: skip
AWAY = re.compile(r"ERR_CONNECTION|ERR_CONTENT_LENGTH|ERR_INCOMPLETE|ERR_EMPTY|ERR_SOCKET|ERR_NETWORK")
REFUSED = re.compile(r"status of 4\d\d|" + AWAY.pattern)
Object = dict[str, Any]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


class Home:
    """A simulator on a port of its own, whose network can be cut and mended."""

    def __init__(self, app: Starlette, port: int | None = None) -> None:
        self._app = standing_alone(app)
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}/sim"

    async def up(self) -> None:
        config = uvicorn.Config(
            self._app, port=self.port, lifespan="off", log_level="critical", access_log=False, timeout_keep_alive=60
        )
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server._serve())
        while not self._server.started:
            await asyncio.sleep(0)

    async def down(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        for connection in list(self._server.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        await self._serving


class Bot:
    def __init__(self, client: httpx.AsyncClient, home: Home, about: Object) -> None:
        self._client = client
        self._url = f"{home.url}/bot{about['token']}"
        self.id: int = about["id"]
        self.name: str = about["first_name"]
        self.username: str = about["username"]
        self._offset = 0
        self._heard: list[Object] = []

    async def call(self, method: str, **params: Any) -> Any:
        answer = (await self._client.post(f"{self._url}/{method}", json=params)).json()
        assert answer["ok"], answer
        return answer["result"]

    async def send(self, chat: int, text: str, **more: Any) -> Object:
        sent: Object = await self.call("sendMessage", chat_id=chat, text=text, **more)
        return sent

    async def upload(self, method: str, files: Object, **params: Any) -> Object:
        answer = (await self._client.post(f"{self._url}/{method}", data=params, files=files)).json()
        assert answer["ok"], answer
        sent: Object = answer["result"]
        return sent

    async def heard(self, kind: str) -> Object:
        """The next update of this kind; others are kept for whoever asks for them."""
        while True:
            for update in self._heard:
                if kind in update:
                    self._heard.remove(update)
                    found: Object = update[kind]
                    return found
            fresh = await self.call("getUpdates", offset=self._offset, timeout=10, allowed_updates=HEARD)
            assert fresh, f"no {kind} came"
            self._heard += fresh
            self._offset = fresh[-1]["update_id"] + 1


class Stage:
    """One browser window on one simulator."""

    def __init__(self, home: Home, bot: Bot, client: httpx.AsyncClient, page: Page) -> None:
        self.home, self.bot, self.page = home, bot, page
        self._client = client
        self.complaints: list[str] = []
        self.may_be_refused = False
        """A browser writes every refused call to its console; a scene that wants one says so."""
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.set_default_timeout(PATIENCE)

    async def ask(self, path: str, body: Object | None = None, *, method: str = "POST") -> Any:
        answer = await self._client.request(method, f"{self.home.url}/api/{path}", json=body or {})
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    async def look(self, path: str) -> Any:
        answer = await self._client.get(f"{self.home.url}/api/{path}")
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    async def person(self, name: str = "Ana", language: str = "es", **more: Any) -> int:
        made: int = (await self.ask("people", {"first_name": name, "language_code": language, **more}))["id"]
        return made

    async def public(self, kind: str, *, vip: bool = False) -> Object:
        chats = (await self.look("state"))["chats"]
        found: Object = next(chat for chat in chats if chat["type"] == kind and bool(chat.get("vip")) == vip)
        return found

    async def open(self, person: int, chat: int | None = None) -> Page:
        """This person's page with this chat (the bot's) open and alive."""
        place = self.bot.id if chat is None else chat
        await self.page.goto(f"{self.home.url}/#/{person}/{place}")
        await self.page.locator(f'.conversation[data-chat="{place}"]').wait_for()
        await self.page.locator("body[data-live]").wait_for()
        return self.page

    async def started(self, name: str = "Ana", language: str = "es", **more: Any) -> int:
        """A person who has already written to the bot, with the page open on it."""
        person = await self.person(name, language, **more)
        await self.ask(f"people/{person}/send", {"text": "/start"})
        await self.bot.heard("message")
        await self.open(person)
        await self.bubble("/start").wait_for()
        return person

    async def well_read(self, texts: list[str]) -> int:
        """A person who has read all this before she opens the page."""
        person = await self.person()
        await self.ask(f"people/{person}/send", {"text": "/start"})
        sent = [await self.bot.send(person, text) for text in texts]
        await self.ask(f"people/{person}/read", {"message_id": sent[-1]["message_id"]})
        await self.open(person)
        return person

    def bubble(self, text: str) -> Locator:
        return self.page.locator(".item:not(.going) .bubble", has_text=text).last

    def key(self, label: str) -> Locator:
        return self.page.locator(".key", has_text=label).last

    def toast(self, text: str) -> Locator:
        return self.page.locator(".toast", has_text=text)

    async def words(self) -> list[str]:
        """What the bubbles of the open chat say, from above to below."""
        return [text.strip() for text in await self.page.locator(".item:not(.going) .bubble .words").all_inner_texts()]


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    found = find()
    if found is None:
        pytest.skip("no Chromium on this machine")
    async with async_playwright() as driver:
        chromium = await driver.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        await chromium.close()


@asynccontextmanager
async def window(browser: Browser, **options: Any) -> AsyncIterator[BrowserContext]:
    """Nothing moves unless a test asks for it: gliding costs a browser without graphics most of its time."""
    wanted = {
        "viewport": {"width": 1280, "height": 800},
        "locale": "es-ES",
        "timezone_id": "Europe/Madrid",
        "reduced_motion": "reduce",
    }
    context = await browser.new_context(**{**wanted, **options})
    try:
        yield context
    finally:
        await context.close()


@asynccontextmanager
async def staged(browser: Browser, **options: Any) -> AsyncIterator[Stage]:
    app = create()
    async with running(app), httpx.AsyncClient(timeout=30) as client:
        home = Home(app)
        await home.up()
        try:
            state = (await client.get(f"{home.url}/api/state")).json()
            async with window(browser, **options) as context:
                yield Stage(home, Bot(client, home, state["bot"]), client, await context.new_page())
        finally:
            await home.down()


@pytest_asyncio.fixture(loop_scope="session")
async def stage(browser: Browser) -> AsyncIterator[Stage]:
    """Whatever a test does, the page must neither complain on its console nor break its own content policy."""
    async with staged(browser) as made:
        yield made
        harmless = REFUSED if made.may_be_refused else AWAY
        assert not [line for line in made.complaints if not harmless.search(line)]
