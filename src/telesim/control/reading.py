"""Looking: the state of the world, chat lists, messages, the bots' calls, files."""

import json
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from pydantic import Field

from telesim import views
from telesim.calls import Call
from telesim.control.door import Asked, Nothing
from telesim.control.sight import chat_for, message_for, rows_for
from telesim.live import EVERYWHERE
from telesim.sim import Sim
from telesim.world.chats import Chat
from telesim.world.people import Person

LONGEST_WAIT = 60.0
Object = dict[str, Any]


class Messages(Asked):
    chat_id: int | None = None
    after: int | None = None
    before: int | None = None
    limit: int = Field(50, ge=1)
    wait: float = Field(0, ge=0)


class After(Asked):
    after: int = 0
    limit: int | None = Field(None, ge=1)
    """Only the newest so many."""
    wait: float = Field(0, ge=0)


def person_view(person: Person) -> Object:
    view: Object = {
        "id": person.id,
        "first_name": person.first_name,
        "language_code": person.language_code,
        "stars": person.stars,
        "blocked": bool(person.blocked),
        "simulated": person.simulated,
        "color": person.id % 7,
    }
    for name in ("last_name", "username"):
        if getattr(person, name):
            view[name] = getattr(person, name)
    return view


def clock_view(sim: Sim) -> Object:
    now = datetime.fromtimestamp(sim.clock.now(), UTC)
    return {"now": now.isoformat(), "offset_seconds": sim.clock.offset}


def _chat_view(sim: Sim, where: Chat) -> Object:
    count = len(sim.world.members_of(where))
    return views.chat(sim.world, where) | {"members_count": count, "vip": where.vip}


def state(sim: Sim, _: Nothing) -> Object:
    bots = [
        {"id": bot.id, "token": bot.token, "username": bot.username, "first_name": bot.first_name}
        for bot in sim.world.bots.values()
    ]
    return {
        "people": [person_view(person) for person in sim.world.people.values()],
        "chats": [_chat_view(sim, where) for where in sim.world.public.values()],
        "bots": bots,
        "bot": bots[0],
        "clock": clock_view(sim),
        "flood_limits": sim.limits.enabled,
        "ready": True,
    }


def chats(sim: Sim, person: Person, _: Nothing) -> list[Object]:
    return rows_for(sim, person)


async def messages(sim: Sim, person: Person, asked: Messages) -> list[Object]:
    """The newest ones, those before one, or those after one; with `wait` as soon as there is one after."""
    where = chat_for(sim, person, asked.chat_id)
    deadline = sim.clock.monotonic() + min(asked.wait, LONGEST_WAIT)
    while True:
        found = _select(sim, person, where, asked)
        left = deadline - sim.clock.monotonic()
        if found or left <= 0 or asked.before is not None:
            return found
        change = sim.feed.next_change(where.key)
        try:
            await sim.clock.wait(change, left)
        finally:
            sim.feed.forget(where.key, change)


def _select(sim: Sim, person: Person, where: Chat, asked: Messages) -> list[Object]:
    all_of_them = sim.world.messages.get(where.key, {})
    limit = min(asked.limit, 100)
    if asked.after is not None:
        newest_first = iter(reversed(all_of_them.values()))
        fresh = []
        for said in newest_first:
            if said.id <= asked.after:
                break
            fresh.append(said)
        chosen = fresh[::-1][:limit]
    else:
        before = asked.before
        older = (said for said in reversed(all_of_them.values()) if before is None or said.id < before)
        chosen = list(islice(older, limit))[::-1]
    return [message_for(sim, person, said) for said in chosen]


def call_view(call: Call) -> Object:
    envelope = json.loads(call.answer)
    view: Object = {"n": call.n, "at": call.at, "method": call.method, "params": call.params, "ok": envelope["ok"]}
    if envelope["ok"]:
        view["result"] = envelope["result"]
    else:
        view["error"] = {name: value for name, value in envelope.items() if name != "ok"}
    return view


async def calls(sim: Sim, asked: After) -> list[Object]:
    deadline = sim.clock.monotonic() + min(asked.wait, LONGEST_WAIT)
    while True:
        newer = sim.calls.after(asked.after)
        found = [call_view(call) for call in (newer[-asked.limit :] if asked.limit else newer)]
        left = deadline - sim.clock.monotonic()
        if found or left <= 0:
            return found
        change = sim.feed.next_change()
        try:
            await sim.clock.wait(change, left)
        finally:
            sim.feed.forget(EVERYWHERE, change)
