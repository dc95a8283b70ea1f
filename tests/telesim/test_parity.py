"""Against a Bot API server that somebody else wrote: where both know a rule, both say the same.

(It counts text in UTF-16 units; Telegram's own sources count code points, and so do we.)
"""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from lo_bot_api_emulator import LoBotApiEmulator  # type: ignore[import-untyped]  # it ships no types

from tests.telesim.home import LUCIA, Home

TOKEN = "123456789:synthetic-token-for-the-emulator-00"


@pytest.fixture
async def emulator() -> AsyncIterator[str]:
    runner = web.AppRunner(LoBotApiEmulator().app(), shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/bot{TOKEN}"
    await runner.cleanup()


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("sendMessage", {"text": "hi"}),
        ("sendMessage", {"text": ""}),
        ("sendMessage", {"text": "x" * 4097}),
        ("sendMessage", {"text": "hi", "chat_id": ""}),
        ("sendChatAction", {"action": "typing"}),
        ("sendChatAction", {"action": "dancing"}),
        ("sendPhoto", {"photo": "nonsense"}),
        ("nonsense", {}),
        ("getWebhookInfo", {"chat_id": None}),
        ("setMyCommands", {"chat_id": None, "commands": [{"command": "a", "description": "b"}]}),
        ("answerCallbackQuery", {"chat_id": None, "callback_query_id": "1", "text": "x" * 201}),
    ],
)
async def test_both_accept_and_refuse_alike(chat: Home, emulator: str, method: str, given: dict[str, Any]) -> None:
    given = {key: value for key, value in ({"chat_id": LUCIA} | given).items() if value is not None}
    ours = await chat.call(method, **given)
    async with aiohttp.ClientSession() as session, session.post(f"{emulator}/{method}", json=given) as answer:
        theirs = await answer.json()
    assert ours.body["ok"] == theirs["ok"], (ours, theirs)
    assert ours.body.get("error_code") == theirs.get("error_code")
