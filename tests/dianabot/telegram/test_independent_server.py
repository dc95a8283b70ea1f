"""The bot against a Bot API server that nobody here wrote: words, menus, callbacks, a file."""

import asyncio
from typing import Any

from aiohttp import web
from lo_bot_api_emulator import LoBotApiEmulator  # type: ignore[import-untyped]  # it ships no types

from dianabot.kernel.settings import Settings
from tests.dianabot.telegram.stage import house_for, part_of

TOKEN = "123456789:" + "T" * 35
ANA = {"id": 77, "is_bot": False, "first_name": "Ana <3", "language_code": "es"}
CHAT = {"id": 77, "type": "private", "first_name": "Ana <3"}
NOT_MODELLED = {"getMyCommands", "setMyCommands", "getMyName", "getMyDescription", "getMyShortDescription"}


def writes(text: str) -> dict[str, Any]:
    return {"message": {"message_id": 1, "date": 1, "chat": CHAT, "from": ANA, "text": text}}


def taps(data: str) -> dict[str, Any]:
    message = {"message_id": 2, "date": 1, "chat": CHAT, "text": "x"}
    return {"callback_query": {"id": "9", "from": ANA, "chat_instance": "1", "data": data, "message": message}}


SCRIPT = (
    (writes("/start hola"), "sendMessage"),
    (taps("me"), "editMessageText"),
    (taps("langs"), "editMessageText"),
    (taps("lang:en"), "editMessageText"),
    (taps("zone?"), "editMessageText"),
    (writes("Madrid"), "sendMessage"),
    (taps("mine"), "sendDocument"),
    (taps("erase?"), "editMessageText"),
    (writes("no such thing"), "sendMessage"),
    (writes("/nobody"), "sendMessage"),
)


async def test_every_call_is_one_that_the_bot_api_takes(postgres_dsn: str) -> None:
    emulator = LoBotApiEmulator()
    runner = web.AppRunner(emulator.app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    settings = Settings(_env_file=None, bot_token=TOKEN, bot_api_url=address, database_url=postgres_dsn)
    async with house_for(settings) as house:
        part = part_of(house, pace=None)
        await part.start()
        for update, method in SCRIPT:
            before = len(called(emulator, method))
            await emulator.enqueue_update(update, token=TOKEN)
            async with asyncio.timeout(10):
                while len(called(emulator, method)) == before:
                    await asyncio.sleep(0.005)
        await part.stop()
    await runner.cleanup()

    refused = [(one["method"], one["status"]) for one in emulator.requests if one["status"] != 200]
    assert {method for method, _ in refused} <= NOT_MODELLED
    assert len(called(emulator, "answerCallbackQuery")) == 6


def called(emulator: LoBotApiEmulator, method: str) -> list[dict[str, Any]]:
    return [one for one in emulator.requests if one["method"] == method]
