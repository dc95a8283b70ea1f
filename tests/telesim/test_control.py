"""The control API: what tools and the page rely on."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import pytest

from telesim.clock import ManualClock
from tests.telesim.home import ALEX, BOT, DIANA, FREE, LUCIA, TALK, VIP, Home, home

Object = dict[str, Any]


class Listener:
    """A page that listens to one person's live feed."""

    def __init__(self, sim: Home, person: int, since: int | None = None) -> None:
        query = "" if since is None else f"?since={since}"
        self._request = sim.session.get(f"{sim.address}/api/people/{person}/live{query}")

    async def __aenter__(self) -> Self:
        self._response = await self._request.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._response.close()

    async def next(self, *kinds: str) -> tuple[str, Any, int]:
        """The next event (of these kinds): its name, its data, its number."""
        async with asyncio.timeout(60):
            while True:
                event: dict[str, str] = {}
                while line := (await self._response.content.readline()).decode().strip():
                    name, _, value = line.partition(": ")
                    event[name] = value
                if "event" in event and (not kinds or event["event"] in kinds):
                    return event["event"], json.loads(event["data"]), int(event["id"])


async def test_the_state_shows_people_chats_the_clock_and_the_bot(sim: Home) -> None:
    state = (await sim.control("GET", "state")).body
    assert [person["id"] for person in state["people"]] == [DIANA, LUCIA, ALEX]
    assert [chat["id"] for chat in state["chats"]] == [FREE, VIP, TALK]
    assert (state["bot"]["id"], state["bot"]["token"], state["ready"]) == (BOT, sim.token, True)
    assert state["clock"]["offset_seconds"] == 0


async def test_people_come_alone_and_in_crowds(sim: Home) -> None:
    new = (await sim.control("POST", "people", {"first_name": "Eva", "language_code": "en"})).body["id"]
    crowd = (await sim.control("POST", "people", {"first_name": "Fan", "count": 1000})).body["ids"]
    assert len(set(crowd)) == 1000
    await sim.says(new, "hi")
    assert (await sim.update("message"))["from"]["first_name"] == "Eva"
    changed = await sim.control("PATCH", f"people/{new}", {"first_name": "Eve", "last_name": "X", "stars": 5})
    assert (changed.body["first_name"], changed.body["last_name"], changed.body["stars"]) == ("Eve", "X", 5)


async def test_reading_waits_for_what_comes(chat: Home) -> None:
    last = (await chat.messages(LUCIA))[-1]["message_id"]
    reading = asyncio.create_task(chat.messages(LUCIA, after=last, wait=30))
    await chat.says(ALEX, "somebody else's")
    sent = await chat.ok("sendMessage", chat_id=LUCIA, text="for you")
    assert [one["message_id"] for one in await reading] == [sent["message_id"]]


async def test_reading_in_pages(chat: Home) -> None:
    ids = [await chat.says(LUCIA, f"{number}") for number in range(5)]
    assert [one["message_id"] for one in await chat.messages(LUCIA, limit=2)] == ids[-2:]
    assert [one["message_id"] for one in await chat.messages(LUCIA, before=ids[3], limit=2)] == ids[1:3]
    assert [one["message_id"] for one in await chat.messages(LUCIA, after=ids[2])] == ids[3:]
    for own in (LUCIA, BOT):
        assert len(await chat.messages(LUCIA, chat_id=own)) == 6


async def test_calls_are_kept_with_what_was_answered(chat: Home) -> None:
    await chat.ok("sendMessage", chat_id=LUCIA, text="hi")
    await chat.refused("sendMessage", chat_id=1, text="hi")
    first, second = (await chat.control("GET", "calls?after=1")).body[-2:]
    assert (first["method"], first["params"]["text"], first["ok"], first["result"]["text"]) == (
        "sendMessage", "hi", True, "hi",
    )  # fmt: skip
    assert second["error"] == {"error_code": 400, "description": "Bad Request: chat not found"}
    assert second["n"] == first["n"] + 1
    assert (await chat.control("GET", f"calls?after={second['n']}")).body == []
    assert (await chat.control("GET", "calls?limit=1")).body == [second]


async def test_a_send_whose_answer_was_lost_is_repeated_safely(chat: Home) -> None:
    first = await chat.says(LUCIA, "once", client_id="c1")
    assert await chat.says(LUCIA, "once", client_id="c1") == first
    assert len(await chat.updates()) == 1
    assert (await chat.messages(LUCIA))[-1]["sim"]["client_id"] == "c1"


async def test_the_live_feed_tells_what_changes_and_resumes(chat: Home) -> None:
    async with Listener(chat, LUCIA) as page:
        hello, _, _ = await page.next()
        assert hello == "hello"
        sent = await chat.ok("sendMessage", chat_id=LUCIA, text="hi")
        place = {"chat_id": LUCIA, "message_id": sent["message_id"]}
        _, told, number = await page.next("message")
        assert (told["chat_id"], told["message"]["text"]) == (BOT, "hi")
        await chat.ok("sendChatAction", chat_id=LUCIA, action="typing")
        assert (await page.next("typing"))[1]["action"] == "typing"
        await chat.ok("editMessageText", **place, text="ho")
        assert (await page.next("edit"))[1]["message"]["text"] == "ho"
        await chat.ok("deleteMessage", **place)
        assert (await page.next("delete"))[1] == {"chat_id": BOT, "message_ids": [sent["message_id"]]}
        await chat.control("POST", "clock", {"advance_seconds": 60})
        assert (await page.next("clock"))[1]["offset_seconds"] == 60
        await chat.control("POST", "faults", {"kind": "429"})
        assert (await page.next("fault"))[1]["faults"][0]["kind"] == "429"
        assert (await chat.call("getMe")).status == 429
        assert (await page.next("call"))[1]["method"] == "getMe"
    async with Listener(chat, LUCIA, since=number) as page:
        assert (await page.next())[0] == "hello"
        assert (await page.next("delete"))[0] == "delete"
    async with Listener(chat, LUCIA, since=10**9) as page:
        assert (await page.next())[0] == "reset"


async def test_others_hear_nothing_of_a_private_chat(chat: Home) -> None:
    async with Listener(chat, ALEX) as page:
        await page.next("hello")
        await chat.says(LUCIA, "secret")
        await chat.ok("sendMessage", chat_id=FREE, text="public")
        assert (await page.next("message"))[1]["message"]["text"] == "public"


async def test_unread_counts_until_it_is_read(chat: Home) -> None:
    async def row() -> Object:
        rows = (await chat.control("GET", f"people/{LUCIA}/chats")).body
        found: Object = next(row for row in rows if row["chat"]["id"] == BOT)
        return found

    sent = [(await chat.ok("sendMessage", chat_id=LUCIA, text="hi"))["message_id"] for _ in range(3)]
    assert ((await row())["unread"], (await row())["last_message"]["message_id"]) == (3, sent[-1])
    await chat.act(LUCIA, "read", chat_id=BOT, message_id=sent[1])
    assert (await row())["unread"] == 1
    assert await chat.act(LUCIA, "delete", message_id=sent[2]) == {"deleted": True}
    assert (await row())["unread"] == 0


async def test_the_application_moves_its_time_before_anything_that_is_due_happens() -> None:
    moved: list[timedelta] = []
    seen: list[int] = []

    async def on_clock(offset: timedelta) -> None:
        moved.append(offset)
        seen.append(len(running.sim.inbox(BOT).queue))

    async with home(clock=ManualClock(), on_clock=on_clock) as running:
        await running.says(LUCIA, "/start")
        await running.ok("sendPoll", chat_id=LUCIA, question="?", options=["a"], open_period=60)
        await running.updates()
        await running.control("POST", "clock", {"advance_seconds": 61})
        assert (moved, seen) == ([timedelta(seconds=61)], [0])
        assert (await running.update("poll"))["is_closed"] is True
        assert (await running.control("POST", "clock", {"advance_seconds": -1})).status == 400


async def test_faults_strike_so_many_times(chat: Home) -> None:
    fault = {"kind": "429", "method": "sendMessage", "count": 2, "retry_after": 7}
    await chat.control("POST", "faults", fault)
    for _ in range(2):
        struck = await chat.call("sendMessage", chat_id=LUCIA, text="a")
        assert (struck.status, struck.body["parameters"], struck.headers["Retry-After"]) == (
            429,
            {"retry_after": 7},
            "7",
        )
        assert struck.error == "Too Many Requests: retry after 7"
    assert (await chat.call("sendMessage", chat_id=LUCIA, text="a")).status == 200
    await chat.control("POST", "faults", {"kind": "500", "count": 5})
    assert (await chat.call("getMe")).status == 500
    assert (await chat.call("getUpdates", timeout=0)).status == 200
    await chat.control("DELETE", "faults")
    assert (await chat.call("getMe")).status == 200
    assert (await chat.control("POST", "faults", {"kind": "earthquake"})).status == 400


async def test_a_dropped_reply_happened_and_a_timeout_did_not(chat: Home) -> None:
    await chat.control("POST", "faults", {"kind": "drop_reply", "method": "sendMessage"})
    with pytest.raises(Exception, match=r"payload|disconnected|Connection"):
        await chat.call("sendMessage", chat_id=LUCIA, text="done")
    assert (await chat.messages(LUCIA))[-1]["text"] == "done"
    await chat.control("POST", "faults", {"kind": "timeout", "method": "sendMessage"})
    hanging = asyncio.create_task(chat.call("sendMessage", chat_id=LUCIA, text="never"))
    async with asyncio.timeout(60):
        while not any(left > 100 and left <= 120 for left in chat.hands.sleepers):
            await asyncio.sleep(0)
    chat.hands.tick(120)
    assert (await hanging).status == 500
    assert (await chat.messages(LUCIA))[-1]["text"] == "done"


async def test_updates_are_doubled_and_delayed_on_demand(chat: Home) -> None:
    await chat.control("POST", "faults", {"kind": "duplicate_updates"})
    await chat.says(LUCIA, "twice")
    first, second = await chat.updates()
    assert first == second
    await chat.control("POST", "faults", {"kind": "delay_updates", "seconds": 5})
    await chat.says(LUCIA, "late")
    await chat.says(ALEX, "in time")
    assert (await chat.update("message"))["text"] == "in time"
    chat.hands.tick(5)
    assert (await chat.next_update("message"))["text"] == "late"


async def test_flood_limits_are_switched_on(chat: Home) -> None:
    await chat.control("POST", "limits", {"flood": True})
    answers = [await chat.call("sendMessage", chat_id=LUCIA, text="a") for _ in range(22)]
    assert [answer.status for answer in answers].count(429) == 2
    assert answers[-1].body["parameters"]["retry_after"] == 1
    chat.hands.tick(1)
    assert (await chat.call("sendMessage", chat_id=LUCIA, text="a")).status == 200


async def test_another_bot_lives_in_the_same_world(sim: Home) -> None:
    other = (await sim.control("POST", "bots", {"first_name": "Two", "username": "second_bot"})).body
    await sim.says(LUCIA, "for the second", chat_id=other["id"])
    assert await sim.updates() == []
    answer = await sim.request("GET", f"/bot{other['token']}/getUpdates")
    assert answer.result[0]["message"]["text"] == "for the second"


async def test_the_world_outlives_its_process(tmp_path: Path) -> None:
    async with home(data=tmp_path, clock=ManualClock()) as first:
        await first.says(LUCIA, "/start")
        await first.says(LUCIA, "not fetched")
        await first.ok("setMyCommands", commands=[{"command": "a", "description": "b"}])
        sent = await first.ok("sendPoll", chat_id=LUCIA, question="?", options=["a", "b"], open_period=600)
        link = await first.ok("createChatInviteLink", chat_id=VIP, creates_join_request=True)
        await first.act(LUCIA, "join", invite_link=link["invite_link"])
        await first.control("POST", "clock", {"advance_seconds": 100})
        last = [pending.id for pending in first.sim.inbox(BOT).queue][-1]
        killed = (tmp_path / "world.jsonl").read_bytes()
    (tmp_path / "world.jsonl").write_bytes(killed + b'["message","torn')
    async with home(data=tmp_path, clock=ManualClock()) as second:
        assert second.clock.offset == 100
        assert [one.get("text") for one in await second.messages(LUCIA)] == ["/start", "not fetched", None]
        found = await second.updates()
        assert [set(one) - {"update_id"} for one in found][:2] == [{"message"}, {"message"}]
        assert await second.ok("getMyCommands") == [{"command": "a", "description": "b"}]
        await second.says(LUCIA, "new")
        assert (await second.ok("getUpdates", offset=-5))[0]["update_id"] > last
        await second.updates()
        await second.control("POST", "clock", {"advance_seconds": 600})
        closed = await second.update("poll")
        assert (closed["is_closed"], closed["id"]) == (True, sent["poll"]["id"])
        assert await second.ok("approveChatJoinRequest", chat_id=VIP, user_id=LUCIA) is True


async def test_votes_reactions_and_payments_outlive_the_process_too(tmp_path: Path) -> None:
    month = 2_592_000
    async with home(data=tmp_path, clock=ManualClock()) as first:
        await first.says(LUCIA, "/start")
        quiz = await first.ok("sendPoll", chat_id=LUCIA, question="?", options=["a", "b"])
        await first.act(LUCIA, "vote", message_id=quiz["message_id"], option_ids=[1])
        await first.act(LUCIA, "react", message_id=quiz["message_id"], emoji="🔥")
        invoice = {"title": "t", "description": "d", "payload": "p", "currency": "XTR"}
        link = await first.ok(
            "createInvoiceLink", **invoice, prices=[{"label": "a", "amount": 9}], subscription_period=month
        )
        paying = asyncio.create_task(first.act(LUCIA, "pay", invoice_link=link, outcome="paid"))
        query = await first.next_update("pre_checkout_query")
        await first.ok("answerPreCheckoutQuery", pre_checkout_query_id=query["id"], ok=True)
        charge = (await paying)["charge_id"]
        await first.updates()
    async with home(data=tmp_path, clock=ManualClock()) as second:
        shown = next(one for one in await second.messages(LUCIA) if "poll" in one)
        assert shown["sim"]["poll"]["my_option_ids"] == [1]
        assert shown["sim"]["reactions"] == [{"emoji": "🔥", "count": 1, "mine": True}]
        await second.control("POST", "clock", {"advance_seconds": month + 1})
        renewed = (await second.update("message"))["successful_payment"]
        assert renewed["telegram_payment_charge_id"] != charge
        listed = (await second.ok("getStarTransactions"))["transactions"]
        assert [one["amount"] for one in listed] == [9, 9]


async def test_a_deep_link_into_a_group_names_the_bot(sim: Home) -> None:
    await sim.act(LUCIA, "join", chat_id=TALK)
    await sim.updates()
    await sim.act(LUCIA, "start", payload="x", chat_id=TALK)
    assert (await sim.update("message"))["text"] == "/start@home_bot x"


async def test_a_rich_bot_pays_to_send_faster(chat: Home) -> None:
    await chat.control("POST", "limits", {"flood": True})
    ids = (await chat.control("POST", "people", {"first_name": "Fan", "count": 70})).body["ids"]
    for person in ids:
        await chat.says(person, "/start")
    statuses = [(await chat.call("sendMessage", chat_id=person, text="a")).status for person in ids]
    assert 429 in statuses
    chat.sim.world.bots[BOT].stars = 10_000
    paid = [
        (await chat.call("sendMessage", chat_id=person, text="a", allow_paid_broadcast=True)).status for person in ids
    ]
    assert set(paid) == {200}


async def test_the_page_and_its_guard(sim: Home) -> None:
    for path in ("/", "/page/style.css"):
        async with sim.session.get(sim.address + path) as answer:
            policy = answer.headers["content-security-policy"]
            assert ("default-src 'self'" in policy, "unsafe" in policy) == (True, False)
    async with sim.session.get(sim.address.removesuffix("/sim") + "/") as answer:
        assert answer.url.path == "/sim/"
    for path in ("/page/..%2fapp.py", "/page/none.js", "/file/botnope/x", f"/file/bot{sim.token}/../../etc/passwd"):
        async with sim.session.get(sim.address + path) as answer:
            assert answer.status in {401, 404}
