"""A Bot API server that nobody here wrote (`lo-bot-api-emulator`), in a thread of its own, and one person who uses it.

It knows 24 methods, keeps no messages and invents nothing about people: what a person does is put into the bot's queue
as a whole update, and what the bot calls is noted with the answer that it got.
"""

import asyncio
import itertools
import json
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from lo_bot_api_emulator import ApiRefusal, LoBotApiEmulator  # type: ignore[import-untyped]  # it ships no types

from dianabot.kernel.settings import Settings
from dianabot.operations.publish import Publish
from tests.dianabot.telegram.cottage import WORLD
from tests.dianabot.telegram.stage import DEADLINE, house_for, part_of

TOKEN = "123456789:synthetic-token-for-a-server-elsewhere"
PERSON = 501
Object = dict[str, Any]
ANA: Object = {"id": PERSON, "is_bot": False, "first_name": "Ana <b>", "language_code": "es"}


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    fields: Object
    files: dict[str, bytes]
    answer: Any
    refused: str | None = None

    @property
    def buttons(self) -> dict[str, str]:
        """Label -> callback data."""
        markup = self.fields.get("reply_markup") or {"inline_keyboard": []}
        shown = json.loads(markup) if isinstance(markup, str) else markup
        return {button["text"]: button["callback_data"] for row in shown["inline_keyboard"] for button in row}


class Attentive(LoBotApiEmulator):  # type: ignore[misc]  # it ships no types
    """Says who the bot is, as Telegram does, and passes on what was called."""

    def __init__(self, heard: "asyncio.Queue[Call]", loop: asyncio.AbstractEventLoop, username: str | None) -> None:
        super().__init__()
        self._heard, self._loop, self._username = heard, loop, username

    def validate(self, method: str, fields: Object, uploads: dict[str, Object]) -> Any:
        files = {name: upload["data"] for name, upload in uploads.items()}
        try:
            answer = super().validate(method, fields, uploads)
        except ApiRefusal as refusal:
            self._tell(Call(method, dict(fields), files, None, refusal.description))
            raise
        if method == "getMe" and self._username is not None:
            answer = {**answer, "username": self._username}
        self._tell(Call(method, dict(fields), files, answer))
        return answer

    def _tell(self, call: Call) -> None:
        self._loop.call_soon_threadsafe(self._heard.put_nowait, call)


@dataclass
class Elsewhere:
    address: str
    emulator: Attentive
    heard: "asyncio.Queue[Call]"
    loop: asyncio.AbstractEventLoop
    calls: list[Call] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(10_000))

    async def next(self, *methods: str) -> Call:
        """The next call of one of these; what comes before it is kept in `calls`."""
        async with asyncio.timeout(DEADLINE):
            while True:
                call = await self.heard.get()
                self.calls.append(call)
                if call.method in methods:
                    return call

    async def says(self, text: str) -> Call:
        """Write to the bot; what it answers with."""
        await self.sends(text=text)
        return await self.next("sendMessage")

    async def sends(self, **content: object) -> None:
        await self._enqueue({"message": {**self._message(next(self.numbers)), "from": ANA, **content}})

    async def taps(self, screen: Call, label: str) -> Call:
        """Press a button of what the bot has shown; what it shows then."""
        await self.presses(screen, label)
        return await self.next("editMessageText", "sendDocument", "sendMessage")

    async def presses(self, screen: Call, label: str) -> None:
        query = {
            "id": str(next(self.numbers)),
            "from": ANA,
            "chat_instance": "1",
            "message": {**self._message(screen.answer["message_id"]), "text": "what was shown"},
            "data": screen.buttons[label],
        }
        await self._enqueue({"callback_query": query})

    def _message(self, number: int) -> Object:
        chat = {"id": PERSON, "type": "private", "first_name": "Ana <b>"}
        return {"message_id": number, "date": 1_700_000_000, "chat": chat}

    async def _enqueue(self, update: Object) -> None:
        await self._there(self.emulator.enqueue_update(update, token=TOKEN))

    async def _there(self, work: Coroutine[Any, Any, Any]) -> Any:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    def refused(self) -> list[tuple[str, str]]:
        """Of all calls so far."""
        while not self.heard.empty():
            self.calls.append(self.heard.get_nowait())
        return [(call.method, call.refused) for call in self.calls if call.refused is not None]


@asynccontextmanager
async def elsewhere(dsn: str, *, username: str | None = "someones_bot") -> AsyncIterator[Elsewhere]:
    """Our bot, polling that server."""
    async with _served(username) as there:
        settings = Settings(_env_file=None, bot_token=TOKEN, bot_api_url=there.address, database_url=dsn)
        async with house_for(settings) as house:
            await house.coordinator.run(Publish(world=WORLD), key="publish", member=None, actor="test")
            part = part_of(house, pace=None)
            await part.start()
            try:
                yield there
            finally:
                await part.stop()


@asynccontextmanager
async def _served(username: str | None) -> AsyncIterator[Elsewhere]:
    heard: asyncio.Queue[Call] = asyncio.Queue()
    emulator = Attentive(heard, asyncio.get_running_loop(), username)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="lo-bot-api-emulator")
    thread.start()
    runner = web.AppRunner(emulator.app(), shutdown_timeout=0)

    async def begin() -> str:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    def there(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))

    try:
        yield Elsewhere(await there(begin()), emulator, heard, loop)
    finally:
        await there(runner.cleanup())
        loop.call_soon_threadsafe(loop.stop)
        await asyncio.to_thread(thread.join)
        loop.close()
