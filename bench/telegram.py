"""The bot's own speed beside its yardsticks: updates dispatched, messages sent. `python -m bench.telegram` shows it."""

import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final

import aiogram
import aiohttp.web
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram import Bot, Update, User
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.ids import uuid7
from dianabot.kernel.valkey import Valkey
from dianabot.screens.screen import Screen
from dianabot.telegram.ingest.arrival import Job
from dianabot.telegram.ingest.queues import Queues
from dianabot.telegram.request import AiohttpRequest
from dianabot.telegram.routes import BUTTONS, COMMANDS, handler_of, heard_in, read
from dianabot.telegram.sender.pace import Turns
from dianabot.telegram.sender.voice import Voice

TOKEN: Final = "123456789:" + "A" * 35
IN_FLIGHT: Final = 32
UPDATES: Final = 3000
SENDS: Final = 4000
ROUNDS: Final = 3

PERSON: Final = {"id": 7, "is_bot": False, "first_name": "Ana", "language_code": "es", "username": "ana"}
CHAT: Final = {"id": 7, "type": "private", "first_name": "Ana", "username": "ana"}
MESSAGE: Final = {"message_id": 5, "date": 1_700_000_000, "chat": CHAT, "from": PERSON}
ME: Final[dict[str, Any]] = {"id": 123456789, "is_bot": True, "first_name": "Bot", "username": "bench_bot"}
SAID: Final = {"ok": True, "result": {**MESSAGE, "from": ME, "text": "hola"}}


def _update(number: int) -> dict[str, Any]:
    """Commands, taps and words, as they come."""
    kind = number % 3
    if kind == 0:
        entities = [{"type": "bot_command", "offset": 0, "length": 7}]
        return {"update_id": number, "message": {**MESSAGE, "text": "/perfil", "entities": entities}}
    if kind == 1:
        query = {"id": "1", "from": PERSON, "chat_instance": "2", "data": "set", "message": {**MESSAGE, "text": "x"}}
        return {"update_id": number, "callback_query": query}
    return {"update_id": number, "message": {**MESSAGE, "text": "hola"}}


async def measure_dispatch() -> dict[str, float]:
    """Updates a CPU-second from JSON text to a handler that does nothing; the better of several rounds."""
    texts = [json.dumps(_update(number)) for number in range(UPDATES)]
    ours = await _best(lambda: _dispatch_ours(texts))
    ptb = await _best(lambda: _dispatch_ptb(texts))
    gram = await _best(lambda: _dispatch_aiogram(texts))
    return {"ours": ours, "ptb": ptb, "aiogram": gram, "of_ptb": ours / ptb, "of_aiogram": ours / gram}


async def measure_sends() -> dict[str, float]:
    """Messages a CPU-second of this process, 32 in flight, to a server that answers always the same."""
    async with _server() as address:
        ours = await _best(lambda: _send_ours(address))
        gram = await _best(lambda: _send_aiogram(address))
    return {"ours": ours, "aiogram": gram, "of_aiogram": ours / gram}


async def _best(measured: Callable[[], Awaitable[float]]) -> float:
    found = []
    for _ in range(ROUNDS):
        gc.collect()
        found.append(await measured())
    return max(found)


async def _dispatch_ours(texts: list[str]) -> float:
    """Through the lines of the desk, so that what keeps each person's order is paid for."""
    bot = Bot(TOKEN)
    at, correlation = datetime(2026, 1, 1, tzinfo=UTC), uuid7(datetime(2026, 1, 1, tzinfo=UTC))
    done = asyncio.Event()
    left = len(texts)

    async def work(job: Job) -> float | None:
        nonlocal left
        content = read(job.said, bot)
        assert content is not None
        heard = heard_in(content, "bench_bot", job)
        assert heard is not None
        handler_of(heard)
        left -= 1
        if not left:
            done.set()
        return None

    async def fetch(_: int, __: int, ___: int) -> list[Job]:
        return []

    queues = Queues(work, fetch, SystemClock(), most=UPDATES + 1)
    began = time.process_time()
    for number, text in enumerate(texts):
        queues.add(Job(number, number, json.loads(text), False, at, correlation))
    await done.wait()
    return len(texts) / (time.process_time() - began)


async def _dispatch_ptb(texts: list[str]) -> float:
    """The same commands, buttons and words in python-telegram-bot's own Application."""
    app = Application.builder().token(TOKEN).updater(None).build()
    app.bot._bot_user = User.de_json(ME)  # noqa: SLF001 - nobody is there to ask who we are

    async def nothing(_: object, __: object) -> None: ...

    for command in COMMANDS:
        app.add_handler(CommandHandler(command, nothing))
    for kind in BUTTONS:
        app.add_handler(CallbackQueryHandler(nothing, pattern=f"^{kind.prefix}(:|$)"))
    app.add_handler(MessageHandler(filters.TEXT, nothing))
    app._initialized = True  # noqa: SLF001 - as above
    began = time.process_time()
    for text in texts:
        await app.process_update(Update.de_json(json.loads(text), app.bot))
    return len(texts) / (time.process_time() - began)


async def _dispatch_aiogram(texts: list[str]) -> float:
    bot = aiogram.Bot(TOKEN)
    router = aiogram.Dispatcher()

    async def nothing(_: object) -> None: ...

    for command in COMMANDS:
        router.message.register(nothing, aiogram.filters.Command(command))
    for kind in BUTTONS:
        router.callback_query.register(nothing, aiogram.F.data.startswith(kind.prefix))
    router.message.register(nothing, aiogram.F.text)
    bot._me = aiogram.types.User.model_validate(ME)  # noqa: SLF001 - as above
    began = time.process_time()
    for text in texts:
        await router.feed_update(bot, aiogram.types.Update.model_validate(json.loads(text), context={"bot": bot}))
    return len(texts) / (time.process_time() - began)


async def _send_ours(address: str) -> float:
    request = AiohttpRequest(SystemClock())
    await request.initialize()
    bot = Bot(TOKEN, f"{address}/bot", request=request, get_updates_request=request)
    clock = SystemClock()
    voice = Voice(bot, request, Turns(Valkey(None, clock), clock, 1, None))
    screen = Screen("hola")
    try:
        return await _flood(lambda: voice.say(7, screen))
    finally:
        await request.shutdown()


async def _send_aiogram(address: str) -> float:
    session = AiohttpSession(api=TelegramAPIServer.from_base(address))
    bot = aiogram.Bot(TOKEN, session=session)
    try:
        return await _flood(lambda: bot.send_message(7, "hola", parse_mode="HTML"))
    finally:
        await session.close()


async def _flood(send: Callable[[], Awaitable[object]]) -> float:
    left = SENDS

    async def worker() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await send()

    await send()
    began = time.process_time()
    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    return SENDS / (time.process_time() - began)


@asynccontextmanager
async def _server() -> AsyncIterator[str]:
    """In a process of its own, so that its work is not counted."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        port = await asyncio.to_thread(ours.recv)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection) -> None:
    asyncio.run(_answer_always_the_same(pipe))


async def _answer_always_the_same(pipe: Connection) -> None:
    body = json.dumps(SAID).encode()

    async def answer(request: aiohttp.web.BaseRequest) -> aiohttp.web.Response:
        await request.read()
        return aiohttp.web.Response(body=body, content_type="application/json")

    runner = aiohttp.web.ServerRunner(aiohttp.web.Server(answer))
    await runner.setup()
    site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert runner.addresses
    pipe.send(runner.addresses[0][1])
    await asyncio.Event().wait()


if __name__ == "__main__":
    for measure in (measure_dispatch, measure_sends):
        print(measure.__name__, {name: round(value, 2) for name, value in asyncio.run(measure()).items()})
