"""Where Telegram brings updates by itself: stored, then 200; everything else is turned away with a reason."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from dianabot.telegram.app import TelegramPart
from dianabot.telegram.ingest.webhook import MOST_BYTES
from tests.dianabot.telegram.stage import Stage, house_for, part_of, settings_for
from tests.telesim.home import LUCIA, home, served

SECRET = "s3cret_of-this.test".replace(".", "_")
START = {
    "update_id": 10**9,
    "message": {
        "message_id": 1,
        "date": 1,
        "chat": {"id": LUCIA, "type": "private"},
        "from": {"id": LUCIA, "is_bot": False, "first_name": "Lucía", "language_code": "es"},
        "text": "/start",
    },
}


class Door:
    """Stands before the bot, which comes later."""

    part: TelegramPart | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.part is not None
        await self.part.webhook(scope, receive, send)


@asynccontextmanager
async def brought(dsn: str) -> AsyncIterator[tuple[Stage, str]]:
    door = Door()
    app = Starlette(routes=[Route("/telegram/webhook", door)])
    async with home() as sim, served(app) as address:
        url = f"{address}/telegram/webhook"
        settings = settings_for(sim, dsn, webhook_url=url, webhook_secret=SecretStr(SECRET))
        async with house_for(settings) as house:
            door.part = part_of(house, pace=None)
            yield Stage(sim, house, settings, door.part), url


@pytest.fixture
async def bot(postgres_dsn: str) -> AsyncIterator[tuple[Stage, str]]:
    async with brought(postgres_dsn) as (stage, url):
        await stage.part.start()
        yield stage, url
        await stage.part.stop()


async def post(stage: Stage, url: str, body: bytes | None = None, **more: Any) -> tuple[int, str]:
    headers = more.pop("headers", {"X-Telegram-Bot-Api-Secret-Token": SECRET})
    async with stage.sim.session.post(url, data=io.BytesIO(body or b""), headers=headers, **more) as answer:
        return answer.status, await answer.text()


async def test_telegram_brings_updates_and_they_are_answered(bot: tuple[Stage, str]) -> None:
    stage, _ = bot

    assert "soy Lucien" in (await stage.says(LUCIA, "/start"))["text"]
    assert "Ajustes" in (await stage.says(LUCIA, "/ajustes"))["text"]
    assert (await stage.sim.ok("getWebhookInfo"))["pending_update_count"] == 0
    assert await stage.calls("getUpdates") == []


TURNED_AWAY: tuple[tuple[dict[str, str] | None, bytes, int], ...] = (
    ({}, b"{}", 403),
    ({"X-Telegram-Bot-Api-Secret-Token": "wrong"}, b"{}", 403),
    ({"X-Telegram-Bot-Api-Secret-Token": SECRET + "x"}, b"{}", 403),
    (None, b"", 400),
    (None, b"nonsense", 400),
    (None, b"\xff\xfe", 400),
    (None, b"[1]", 400),
    (None, b'{"message": {}}', 400),
    (None, b"[" * 100_000, 400),
    (None, b"x" * (MOST_BYTES + 1), 413),
)


async def test_whoever_is_not_telegram_is_turned_away(bot: tuple[Stage, str]) -> None:
    stage, url = bot
    for headers, body, status in TURNED_AWAY:
        given = {} if headers is None else {"headers": headers}
        answered, sentence = await post(stage, url, body, **given)

        assert (answered, bool(sentence)) == (status, True), body[:40]
    assert await stage.value("SELECT count(*) FROM telegram_updates") == 0


async def test_only_posts_are_taken(bot: tuple[Stage, str]) -> None:
    stage, url = bot
    async with stage.sim.session.get(url) as answer:
        assert answer.status == 405


async def test_an_update_brought_twice_is_answered_once(bot: tuple[Stage, str]) -> None:
    stage, url = bot
    await stage.says(LUCIA, "/start")
    body = json.dumps(START).encode()

    assert (await post(stage, url, body))[0] == 200
    assert (await post(stage, url, body))[0] == 200
    await stage.until(
        "SELECT count(*) FROM telegram_updates WHERE state IN ('new', 'done')", lambda number: number == 0
    )
    assert (await post(stage, url, body))[0] == 200

    assert len(await stage.calls("sendMessage")) == 2


async def test_before_it_stands_and_after_it_stopped_telegram_is_asked_to_come_back(postgres_dsn: str) -> None:
    async with brought(postgres_dsn) as (stage, url):
        assert (await post(stage, url, b"{}"))[0] == 503
        await stage.part.start()
        await stage.part.stop()
        assert (await post(stage, url, b"{}"))[0] == 503


async def test_without_postgres_it_is_not_acknowledged_and_she_is_told_once(bot: tuple[Stage, str], admin: Any) -> None:
    stage, url = bot
    await stage.says(LUCIA, "/start")
    body = json.dumps(START).encode()
    name = await stage.value("SELECT current_database()")
    admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
    said = len(await stage.calls("sendMessage"))

    assert [(await post(stage, url, body))[0] for _ in range(2)] == [503, 503]
    sent = (await stage.calls("sendMessage"))[said:]
    assert len(sent) == 1
    assert "Su mensaje está a salvo" in sent[0]["params"]["text"]

    admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    async with asyncio.timeout(60):
        while (await post(stage, url, body))[0] != 200:
            await asyncio.sleep(0.01)
    await stage.until("SELECT state FROM telegram_updates ORDER BY update_id DESC", lambda state: state == "answered")
    assert "Qué alegría" in (await stage.calls("sendMessage"))[-1]["params"]["text"]
