"""Facts of webhooks."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.telesim.home import ALEX, BOT, LUCIA, Home, served

Object = dict[str, Any]


@dataclass
class Hook:
    """A bot behind an address: what came, and what it answers next (200 when nothing is planned)."""

    address: str = ""
    came: list[Object] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    plan: list[Response] = field(default_factory=list)
    hold: asyncio.Event | None = None

    async def take(self, request: Request) -> Response:
        self.came.append(json.loads(await request.body()))
        self.headers.append(dict(request.headers))
        if self.hold is not None:
            await self.hold.wait()
        return self.plan.pop(0) if self.plan else Response(status_code=200)

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.came]

    async def has(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.came) < count:
                await asyncio.sleep(0)


@asynccontextmanager
async def hooked(sim: Home, **more: Any) -> AsyncIterator[Hook]:
    hook = Hook()
    async with served(Starlette(routes=[Route("/hook", hook.take, methods=["POST"])])) as address:
        hook.address = f"{address}/hook"
        await sim.ok("setWebhook", url=hook.address, **more)
        yield hook
        await sim.ok("deleteWebhook")


async def waits(sim: Home, seconds: float) -> None:
    """Until somebody waits just so long on the clock."""
    async with asyncio.timeout(60):
        while not any(abs(left - seconds) < 0.01 for left in sim.hands.sleepers):
            await asyncio.sleep(0)


async def empty(sim: Home) -> None:
    async with asyncio.timeout(60):
        while len(sim.sim.inbox(BOT).queue):
            await asyncio.sleep(0)


async def test_updates_are_posted_as_json_with_the_secret(sim: Home) -> None:
    async with hooked(sim, secret_token="s3cret_-") as hook:
        await sim.says(LUCIA, "hola")
        await hook.has(1)
        assert hook.texts == ["hola"]
        assert hook.headers[0]["x-telegram-bot-api-secret-token"] == "s3cret_-"
        assert hook.headers[0]["content-type"] == "application/json"
        await empty(sim)


async def test_a_failing_update_blocks_its_own_chat_only(sim: Home) -> None:
    async with hooked(sim) as hook:
        hook.plan = [Response(status_code=500), Response(status_code=500)]
        await sim.says(LUCIA, "one")
        await hook.has(2)
        await sim.says(LUCIA, "two")
        await sim.says(ALEX, "other chat")
        await hook.has(3)
        assert hook.texts == ["one", "one", "other chat"]
        await waits(sim, 2)
        sim.hands.tick(2)
        await hook.has(5)
        assert hook.texts[3:] == ["one", "two"]


async def test_retries_come_at_once_and_then_later_and_later(sim: Home) -> None:
    async with hooked(sim) as hook:
        hook.plan = [Response(status_code=503) for _ in range(20)]
        await sim.says(LUCIA, "one")
        for tries, pause in enumerate((2, 4, 8, 16, 32), start=2):
            await hook.has(tries)
            await waits(sim, pause)
            assert len(hook.came) == tries
            sim.hands.tick(pause)
        await hook.has(7)
        hook.plan = [Response(status_code=503, headers={"retry-after": "5"})]
        async with asyncio.timeout(60):
            while not any(60.1 < left <= 120 for left in sim.hands.sleepers):
                await asyncio.sleep(0)
        sim.hands.tick(120)
        await waits(sim, 5)
        hook.plan = []
        sim.hands.tick(5)
        await empty(sim)
        info = await sim.ok("getWebhookInfo")
        assert info["last_error_message"] == "Wrong response from the webhook: 503"


async def test_an_update_that_nobody_takes_is_dropped_when_it_is_too_old(sim: Home) -> None:
    async with hooked(sim) as hook:
        hook.plan = [Response(status_code=500) for _ in range(20)]
        await sim.says(LUCIA, "one")
        await hook.has(2)
        await waits(sim, 2)
        await sim.control("POST", "clock", {"advance_seconds": 86_401})
        sim.hands.tick(2)
        await empty(sim)
        assert set(hook.texts) == {"one"}


async def test_no_answer_for_a_minute_is_a_failure_and_the_same_update_comes_again(sim: Home) -> None:
    async with hooked(sim) as hook:
        hook.hold = asyncio.Event()
        await sim.says(LUCIA, "slow")
        await hook.has(1)
        await waits(sim, 60)
        sim.hands.tick(60)
        await hook.has(2)
        assert hook.came[0]["update_id"] == hook.came[1]["update_id"]
        hook.hold.set()
        hook.hold = None
        await empty(sim)
        assert (await sim.ok("getWebhookInfo"))["last_error_message"] == "Read timeout expired"


async def test_a_redirect_is_a_failure(sim: Home) -> None:
    async with hooked(sim) as hook:
        hook.plan = [Response(status_code=302, headers={"location": hook.address})]
        await sim.says(LUCIA, "one")
        await hook.has(2)
        assert hook.texts == ["one", "one"]


async def test_gone_for_a_day_removes_the_webhook(sim: Home) -> None:
    async with hooked(sim) as hook:
        hook.plan = [Response(status_code=410) for _ in range(3)]
        await sim.says(LUCIA, "one")
        await hook.has(2)
        await waits(sim, 2)
        await sim.control("POST", "clock", {"advance_seconds": 23 * 3600 + 1})
        sim.hands.tick(2)
        async with asyncio.timeout(60):
            while (await sim.ok("getWebhookInfo"))["url"]:
                await asyncio.sleep(0)
        poll = asyncio.create_task(sim.ok("getUpdates", timeout=50, offset=hook.came[0]["update_id"] + 1))
        await waits(sim, 50)
        await sim.says(LUCIA, "two")
        assert [update["message"]["text"] for update in await poll] == ["two"]


async def test_an_answer_may_carry_one_method_but_none_that_reads_or_sets(sim: Home) -> None:
    async with hooked(sim) as hook:
        said = {"method": "sendMessage", "chat_id": LUCIA, "text": "by the way"}
        hook.plan = [
            Response(json.dumps(said), media_type="application/json"),
            Response(json.dumps({"method": "deleteWebhook"}), media_type="application/json"),
            Response("{nonsense", media_type="application/json"),
        ]
        for number in range(3):
            await sim.says(LUCIA, f"{number}")
        await hook.has(3)
        await empty(sim)
        assert "by the way" in [one["text"] for one in await sim.messages(LUCIA)]
        assert (await sim.ok("getWebhookInfo"))["url"] == hook.address
        methods = [call["method"] for call in (await sim.control("GET", "calls")).body]
        assert "deleteWebhook" not in methods


async def test_what_waits_is_sent_once_a_webhook_is_set_or_dropped_on_request(sim: Home) -> None:
    await sim.says(LUCIA, "before")
    async with hooked(sim) as hook:
        await hook.has(1)
        assert hook.texts == ["before"]
        await empty(sim)
    sim.hands.tick(2)
    await sim.says(LUCIA, "forgotten")
    async with hooked(sim, drop_pending_updates=True) as hook:
        await sim.says(LUCIA, "new")
        await hook.has(1)
        assert hook.texts == ["new"]


async def test_no_more_connections_than_allowed(sim: Home) -> None:
    async with hooked(sim, max_connections=1) as hook:
        hook.hold = asyncio.Event()
        await sim.says(LUCIA, "one")
        await sim.says(ALEX, "two")
        await hook.has(1)
        assert hook.texts == ["one"]
        assert sim.hands.sleepers.count(60) == 1, "one request waits for its answer, and no other was begun"
        hook.hold.set()
        await hook.has(2)


async def test_duplicates_on_demand_carry_the_same_id(sim: Home) -> None:
    async with hooked(sim) as hook:
        await sim.control("POST", "faults", {"kind": "duplicate_updates", "count": 1})
        await sim.says(LUCIA, "twice")
        await hook.has(2)
        assert hook.came[0] == hook.came[1]


async def test_a_bot_that_is_not_there_is_tried_again(sim: Home) -> None:
    await sim.ok("setWebhook", url="http://127.0.0.1:9/nobody")
    await sim.says(LUCIA, "one")
    await waits(sim, 2)
    info = await sim.ok("getWebhookInfo")
    assert info["pending_update_count"] == 1
    assert info["last_error_message"]


async def test_the_webhook_says_what_it_is(sim: Home) -> None:
    assert await sim.ok("getWebhookInfo") == {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
    url = "https://bot.example/hook"
    answer = await sim.call("setWebhook", url=url, max_connections=10**6, allowed_updates=["message"])
    assert answer.body["description"] == "Webhook was set"
    info = await sim.ok("getWebhookInfo")
    assert (info["url"], info["max_connections"], info["allowed_updates"]) == (url, 100_000, ["message"])
    assert "last_error_date" not in info
    too_soon = await sim.call("setWebhook", url=url)
    assert (too_soon.status, too_soon.body["parameters"], too_soon.headers["Retry-After"]) == (
        429, {"retry_after": 1}, "1",
    )  # fmt: skip
    sim.hands.tick(1)
    again = await sim.call("setWebhook", url=url, max_connections=10**6)
    assert again.body["description"] == "Webhook is already set"
    assert (await sim.call("deleteWebhook")).body["description"] == "Webhook was deleted"
    assert (await sim.call("deleteWebhook")).body["description"] == "Webhook is already deleted"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"url": "ftp://a.b"}, "Bad Request: bad webhook: invalid webhook URL specified"),
        ({"url": "http://"}, "Bad Request: bad webhook: invalid webhook URL specified"),
        ({"url": "http://a:99999999/"}, "Bad Request: bad webhook: invalid webhook URL specified"),
        ({"url": "http://a b/"}, "Bad Request: bad webhook: invalid webhook URL specified"),
        ({"url": "http://a.b", "secret_token": "a" * 257}, "Bad Request: secret token is too long"),
        ({"url": "http://a.b", "secret_token": "ñ"}, "Bad Request: secret token contains unallowed characters"),
        ({"url": "http://a.b", "ip_address": "x"}, "Bad Request: bad webhook: invalid IP address specified"),
    ],
)
async def test_bad_webhooks_are_refused(sim: Home, given: Object, error: str) -> None:
    assert await sim.refused("setWebhook", **given) == error
