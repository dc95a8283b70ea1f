"""What is said unasked: in order, at Telegram's pace, once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from telegram import Bot

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.db import Database
from dianabot.kernel.events import Routes
from dianabot.kernel.ids import uuid7
from dianabot.kernel.tx import Cause, Transactions
from dianabot.kernel.valkey import Valkey
from dianabot.screens.screen import Screen
from dianabot.screens.words import Words
from dianabot.telegram.request import AiohttpRequest
from dianabot.telegram.sender.durable import Kind, Reader, Sender
from dianabot.telegram.sender.pace import Turns
from dianabot.telegram.sender.voice import Voice
from dianabot.telegram.store import Lease, Sends, queue_send
from tests.telesim.home import ALEX, DIANA, LUCIA, Home, home

pytestmark = pytest.mark.slow

STATES = "SELECT key, state, attempts, message_id IS NOT NULL, coalesce(error, '') FROM telegram_sends ORDER BY id"
KINDS = {
    "safe": Kind(lambda _, said: Screen(said["text"]), "safe"),
    "never": Kind(lambda _, said: Screen(said["text"]), "never"),
    "unasked": Kind(lambda _, said: Screen(said["text"]), "never", unasked=True),
}


class Post:
    """A sender, and a pen to write what it shall say."""

    def __init__(self, sim: Home, db: Database, request: AiohttpRequest, process: str = "here") -> None:
        self.sim = sim
        self.db = db
        self.clock = SystemClock()
        self.blocked: list[int] = []
        self.welcomes: dict[int, datetime | None] = {}
        turns = Turns(Valkey(None, self.clock), self.clock, 42, None)
        bot = Bot(sim.token, f"{sim.address}/bot", request=request, get_updates_request=request)
        self.sender = Sender(
            Sends(db, process),
            Lease(db, "send:42", process, seconds=3),
            Voice(bot, request, turns),
            turns,
            self.clock,
            kinds=KINDS,
            reader=Reader(self._words, self._blocked, self._welcome),
        )
        self._transactions = Transactions(db, self.clock, Routes(), lambda _: None)

    async def _words(self, _: int) -> Words:
        return Words("es")

    async def _welcome(self, chat: int) -> datetime | None:
        return self.welcomes.get(chat, self.clock.now())

    async def _blocked(self, chat: int, _: int) -> None:
        self.blocked.append(chat)

    async def writes(self, key: str, chat: int = LUCIA, *, kind: str = "safe", **more: Any) -> None:
        async with self._transactions.begin(Cause("test", uuid7(self.clock.now()))) as tx:
            more.setdefault("priority", 2)
            await queue_send(tx, key, chat_id=chat, kind=kind, arguments={"text": key}, **more)

    async def sends(self) -> None:
        """Until nothing more is due."""
        while await self.sender.work():
            pass

    async def states(self) -> list[tuple[Any, ...]]:
        return await self.db.all(lambda *columns: columns, STATES)  # type: ignore[arg-type]  # any callable makes a row

    async def said(self, person: int = LUCIA) -> list[str]:
        return [message["text"] for message in await self.sim.messages(person) if message["from"]["is_bot"]]

    async def due_now(self) -> None:
        await self.db.run("UPDATE telegram_sends SET not_before = created_at")


@pytest.fixture
async def post(postgres_dsn: str) -> AsyncIterator[Post]:
    request = AiohttpRequest(SystemClock(), read_timeout=0.5)
    async with home() as sim, Database(postgres_dsn) as db:
        await request.initialize()
        for person in (LUCIA, DIANA, ALEX):
            await sim.says(person, "/start")
        yield Post(sim, db, request)
        await request.shutdown()


async def test_what_was_written_is_said_once_and_its_message_is_known(post: Post) -> None:
    await post.writes("one")
    await post.writes("one")
    await post.writes("two", DIANA)
    await post.sends()
    await post.sends()

    assert await post.said() == ["one"]
    assert await post.said(DIANA) == ["two"]
    assert await post.states() == [("one", "sent", 1, True, ""), ("two", "sent", 1, True, "")]


async def test_what_was_not_asked_for_waits_while_she_is_left_in_peace_and_lapses_if_she_wants_none(post: Post) -> None:
    post.welcomes = {LUCIA: post.clock.now() + timedelta(hours=9), DIANA: None}
    for chat in (LUCIA, DIANA, ALEX):
        await post.writes(f"to {chat}", chat, kind="unasked")
        await post.writes(f"answer to {chat}", chat)
    await post.sends()

    assert [await post.said(chat) for chat in (LUCIA, DIANA)] == [[f"answer to {chat}"] for chat in (LUCIA, DIANA)]
    assert await post.said(ALEX) == [f"to {ALEX}", f"answer to {ALEX}"]
    assert {key: state for key, state, *_ in await post.states() if key.startswith("to ")} == {
        f"to {LUCIA}": "waiting",
        f"to {DIANA}": "lapsed",
        f"to {ALEX}": "sent",
    }
    post.welcomes[LUCIA] = post.clock.now()
    await post.due_now()
    await post.sends()
    assert await post.said() == [f"answer to {LUCIA}", f"to {LUCIA}"]


async def test_a_chat_hears_in_order_and_what_is_urgent_first(post: Post) -> None:
    for number in range(3):
        await post.writes(f"later {number}", priority=3)
    await post.writes("first", priority=0)
    await post.sends()

    assert await post.said() == ["first", "later 0", "later 1", "later 2"]


async def test_what_is_not_due_waits_and_what_is_no_longer_wanted_lapses(post: Post) -> None:
    now = post.clock.now()
    await post.writes("tomorrow", not_before=now + timedelta(days=1))
    await post.writes("yesterday", wanted_until=now - timedelta(days=1))
    await post.writes("today")
    await post.sends()

    assert await post.said() == ["today"]
    assert [state[1] for state in await post.states()] == ["waiting", "lapsed", "sent"]


@pytest.mark.parametrize("kind", ["safe", "never"])
@pytest.mark.parametrize("fault", ["429", "500"])
async def test_a_telegram_that_is_away_is_waited_for(post: Post, kind: str, fault: str) -> None:
    await post.sim.control("POST", "faults", {"method": "sendMessage", "kind": fault, "count": 4, "retry_after": 1})
    await post.writes("patience", kind=kind)
    for _ in range(4):
        await post.sends()
        assert [state[1:3] for state in await post.states()] == [("waiting", 0)]
        await post.due_now()
    await post.sends()

    assert await post.said() == ["patience"]


@pytest.mark.parametrize(("kind", "state", "times"), [("safe", "sent", 2), ("never", "unknown", 1)])
async def test_a_lost_reply_is_repeated_only_where_that_is_safe(post: Post, kind: str, state: str, times: int) -> None:
    await post.sim.control("POST", "faults", {"method": "sendMessage", "kind": "drop_reply", "count": 1})
    await post.writes("perhaps", kind=kind)
    await post.sends()
    await post.due_now()
    await post.sends()

    assert await post.said() == ["perhaps"] * times
    assert [row[1] for row in await post.states()] == [state]


@pytest.mark.parametrize(("kind", "state", "said"), [("safe", "sent", ["cut"]), ("never", "unknown", [])])
async def test_what_a_dead_sender_was_saying(post: Post, kind: str, state: str, said: list[str]) -> None:
    await post.writes("cut", kind=kind)
    past = post.clock.real() - timedelta(seconds=1)
    assert len(await Sends(post.db, "dead").claim(post.clock.now(), past, most=5, not_to=[])) == 1
    await post.sends()
    assert [row[1] for row in await post.states()] == ["sending"]

    await post.sender._see_to_leftovers()
    await post.sends()

    assert await post.said() == said
    assert [row[1] for row in await post.states()] == [state]


async def test_whoever_blocked_us_is_marked_and_the_others_hear(post: Post) -> None:
    await post.sim.act(LUCIA, "block", blocked=True)
    await post.writes("unheard")
    await post.writes("heard", DIANA)
    await post.sends()

    assert post.blocked == [LUCIA]
    assert [state[1] for state in await post.states()] == ["failed", "sent"]


async def test_what_telegram_refuses_or_nobody_can_say_fails_and_holds_up_nobody(post: Post) -> None:
    await post.writes("<b>broken")
    await post.writes("unknown kind", kind="poem")
    await post.writes("next")
    for _ in range(3):
        await post.sends()
        await post.due_now()

    assert [(state[1], state[2]) for state in await post.states()] == [("failed", 3), ("failed", 1), ("sent", 1)]
    assert await post.said() == ["next"]


async def test_many_chats_are_written_to_side_by_side(post: Post) -> None:
    people = [int((await post.sim.control("POST", "people", {"first_name": "P"})).body["id"]) for _ in range(40)]
    for person in people:
        await post.sim.says(person, "/start")
        await post.writes(f"to {person}", person)
    await post.sends()

    assert {state[1] for state in await post.states()} == {"sent"}


async def test_only_the_holder_of_the_lease_sends(post: Post) -> None:
    assert await Lease(post.db, "send:42", "other", seconds=30).hold(post.clock.real())
    await post.writes("mine")
    running = asyncio.create_task(post.sender.run())
    await asyncio.sleep(0.05)  # long enough for a sender that does not ask
    assert [state[1] for state in await post.states()] == ["waiting"]

    await Lease(post.db, "send:42", "other", seconds=30).let_go()
    async with asyncio.timeout(60):
        while (await post.states())[0][1] != "sent":
            await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert await Lease(post.db, "send:42", "other", seconds=30).hold(post.clock.real()), "it was let go"
