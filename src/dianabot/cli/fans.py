"""A few people who live in the demo, so that nobody enters an empty house.

They do what any fan does with what lies before them: open the door, press a button, vote, pay, leave a heart under a
post. They reach the simulator over HTTP like everybody else and know nothing of the bot.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp

from dianabot.kernel import log
from dianabot.kernel.clock import Clock

LOG = log.get(__name__)

PEOPLE = (
    ("Valeria", "es"),
    ("Martín", "es"),
    ("Camila", "es"),
    ("Sofía", "es"),
    ("Emily", "en"),
    ("Julián", "es"),
    ("Noah", "en"),
    ("Renata", "es"),
)
COMMANDS = ("/historia", "/historia", "/historia", "/start", "/besitos", "/perfil")
HEARTS = ("❤️", "❤️", "🔥", "👏", "😍")
FIRST_PAUSE = 4.0
USUAL_PAUSE = 45.0
LIVELY_TURNS = 5
PAYS = 0.7
ROWS_OF_INTEREST = 2
"""Fans press what stands on top; what is far below is for the careful."""

Message = Mapping[str, Any]


class Fans:
    """Until cancelled. What one of them runs into concerns her alone."""

    def __init__(self, simulator: str, clock: Clock, chance: random.Random) -> None:
        self._address = f"{simulator}/api"
        self._clock = clock
        self._chance = chance

    async def run(self) -> None:
        async with aiohttp.ClientSession() as session:
            door = _Door(session, self._address)
            people = await self._gather(door)
            async with asyncio.TaskGroup() as tasks:
                for person in people:
                    tasks.create_task(self._live(door, person))

    async def _gather(self, door: "_Door") -> list[int]:
        """Those who were here before, and whoever is missing."""
        state = await door.get("/state")
        known = {person["first_name"]: person["id"] for person in state["people"] if person["simulated"]}
        for name, language in PEOPLE:
            if name not in known:
                new = {"first_name": name, "language_code": language, "simulated": True}
                known[name] = (await door.post("/people", new))["id"]
        return [known[name] for name, _ in PEOPLE]

    async def _live(self, door: "_Door", person: int) -> None:
        turn = 0
        while True:
            mean = FIRST_PAUSE if turn < LIVELY_TURNS else USUAL_PAUSE
            await self._clock.sleep(min(self._chance.expovariate(1 / mean), 4 * mean))
            try:
                await self._act(door, person, first=turn == 0)
            except (aiohttp.ClientError, TimeoutError) as error:
                LOG.debug("fan_gave_up", person=person, error=repr(error))
            turn += 1

    async def _act(self, door: "_Door", person: int, *, first: bool) -> None:
        chats = await door.get(f"/people/{person}/chats")
        channels = [row for row in chats if row["chat"]["type"] == "channel"]
        if first:
            await self._enter(door, person, channels)
            return
        reachable = [row["chat"]["id"] for row in channels if row["status"] == "member"]
        if reachable and self._chance.random() < 0.4:
            await self._admire(door, person, self._chance.choice(reachable))
        else:
            await self._talk(door, person)

    async def _enter(self, door: "_Door", person: int, channels: Sequence[Mapping[str, Any]]) -> None:
        for row in channels:
            if row["status"] == "left" and "username" in row["chat"]:
                await door.post(f"/people/{person}/join", {"chat_id": row["chat"]["id"]})
        await door.post(f"/people/{person}/send", {"text": "/start"})

    async def _admire(self, door: "_Door", person: int, channel: int) -> None:
        posts = await door.get(f"/people/{person}/messages?chat_id={channel}&limit=5")
        if posts:
            post, emoji = self._chance.choice(posts), self._chance.choice(HEARTS)
            at = {"chat_id": channel, "message_id": post["message_id"]}
            await door.post(f"/people/{person}/react", {**at, "emoji": emoji})

    async def _talk(self, door: "_Door", person: int) -> None:
        messages = await door.get(f"/people/{person}/messages?limit=5")
        newest = next((one for one in reversed(messages) if one.get("from", {}).get("is_bot")), None)
        call, said = self._answer(newest)
        await door.post(f"/people/{person}/{call}", said)

    def _answer(self, newest: Message | None) -> tuple[str, dict[str, Any]]:
        """What she does about the newest thing the bot said."""
        if newest is None:
            return "send", {"text": "/start"}
        at = {"message_id": newest["message_id"]}
        if "poll" in newest and not newest["poll"]["is_closed"]:
            return "vote", {**at, "option_ids": [self._chance.randrange(len(newest["poll"]["options"]))]}
        if "invoice" in newest and newest["sim"].get("invoice", {}).get("state") == "unpaid":
            return "pay", {**at, "outcome": "paid" if self._chance.random() < PAYS else "cancelled"}
        buttons = _buttons(newest)
        if buttons and self._chance.random() < 0.6:
            return "tap", {**at, "data": self._chance.choice(buttons)}
        return "send", {"text": self._chance.choice(COMMANDS)}


def _buttons(message: Message) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])[:ROWS_OF_INTEREST]
    return [button["callback_data"] for row in rows for button in row if "callback_data" in button]


class _Door:
    """The control API. What it refuses was no longer possible: nobody minds."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session = session
        self._address = address

    async def get(self, path: str) -> Any:
        async with self._session.get(self._address + path) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def post(self, path: str, said: Mapping[str, Any]) -> Any:
        async with self._session.post(self._address + path, json=said) as answer:
            answer.raise_for_status()
            return await answer.json()
