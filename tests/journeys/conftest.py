"""The whole demo, started as a newcomer starts it, and somebody in front of a real Chromium."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.telesim.page.conftest import browser, window

__all__ = ["browser"]

ADDRESS = re.compile(r"http://\S+?(?=/sim/)")
Object = dict[str, Any]


@dataclass
class Demo:
    address: str
    said: list[str] = field(default_factory=list)
    """Everything that the terminal showed."""


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """With its simulated fans, as it comes. It must have nothing to complain about, and end when it is told to."""
    with started() as running:
        made = Demo("")
        assert running.stderr
        for line in running.stderr:
            made.said.append(line)
            if found := ADDRESS.search(line):
                made.address = found[0]
                break
        assert made.address, "".join(made.said)
        reading = Thread(target=lambda: made.said.extend(running.stderr or ()))
        reading.start()
        yield made
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 0
        reading.join()
    assert "Everything is kept" in made.said[-1]
    assert not re.search(r"Traceback|\"level\": \"(error|critical)\"", "".join(made.said))


@contextmanager
def started() -> Iterator["subprocess.Popen[str]"]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="dianabot-journey-") as folder:
        Path(folder).chmod(0o755)  # as root the servers run as another user, who must be able to get in
        settings = {**os.environ, "DIANABOT_PORT": port, "DIANABOT_DATA": f"{folder}/data", "LOG_LEVEL": "warning"}
        command = [sys.executable, "-m", "dianabot", "demo"]
        with subprocess.Popen(command, env=settings, cwd=folder, stderr=subprocess.PIPE, text=True) as running:
            try:
                yield running
            finally:
                running.kill()


class Visit:
    """One person in front of one window."""

    def __init__(self, address: str, page: Page) -> None:
        self.address, self.page = address, page
        self.complaints: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.set_default_timeout(15_000)

    async def arrives(self) -> None:
        await self.page.goto(self.address)
        await self.alive()

    async def alive(self) -> None:
        await self.page.locator("body[data-live]").wait_for()

    async def comes_as(self, name: str, language: str) -> int:
        """Somebody of whom nobody here has heard, in front of the bot's door."""
        new = {"first_name": name, "language_code": language}
        person = int((await self.ask("POST", "people", new))["id"])
        bot = (await self.ask("GET", "state"))["bot"]["id"]
        await self.page.goto(f"{self.address}/sim/#/{person}/{bot}")
        await self.page.reload()
        await self.alive()
        return person

    async def starts(self) -> None:
        await self.page.locator(".start").click()
        await self.key("").first.wait_for()

    async def writes(self, text: str) -> None:
        await self.page.locator("#composer-field").fill(text)
        await self.page.keyboard.press("Enter")

    async def presses(self, *labels: str) -> None:
        """One button after another, each on the newest message that has it."""
        for label in labels:
            await self.key(label).last.click()

    def key(self, label: str) -> Locator:
        return self.page.locator(".key", has_text=label)

    async def reads(self, *texts: str) -> None:
        """The newest thing the bot said says so, now or in a moment."""
        for text in texts:
            await expect(self.said.last).to_contain_text(text)

    @property
    def said(self) -> Locator:
        return self.page.locator(".message:not(.mine)")

    async def ask(self, method: str, path: str, body: Object | None = None) -> Any:
        answer = await self.page.request.fetch(
            f"{self.address}/sim/api/{path}", method=method, data=json.dumps(body) if body else None
        )
        assert answer.ok, await answer.text()
        return await answer.json()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(demo: Demo, browser: Browser) -> AsyncIterator[Visit]:
    async with window(browser) as context:
        made = Visit(demo.address, await context.new_page())
        yield made
        assert made.complaints == []
