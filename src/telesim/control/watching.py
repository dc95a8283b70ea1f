"""The live feed of one person: server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from telesim.control.door import person_of, refused
from telesim.control.reading import call_view, clock_view, person_view
from telesim.control.sight import can_see, id_for, message_for, row_for
from telesim.errors import ControlError
from telesim.live import EVERYWHERE, Change
from telesim.sim import Sim
from telesim.world.people import Person

PING = 15.0
Event = tuple[str, dict[str, Any] | list[Any]]


def watcher(sim: Sim) -> Any:
    async def watch(request: Request) -> Response:
        try:
            person = person_of(sim, request)
        except ControlError as error:
            return refused(error)
        given = request.headers.get("last-event-id") or request.query_params.get("since") or ""
        since = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
        return StreamingResponse(
            _stream(sim, person, since), media_type="text/event-stream",
            headers={"cache-control": "no-cache", "x-accel-buffering": "no"},
        )  # fmt: skip

    return watch


async def _stream(sim: Sim, person: Person, since: int | None) -> AsyncIterator[bytes]:
    """From `since` on, or from now; each change is drawn when it goes out."""
    seen = sim.feed.n if since is None else since
    if sim.feed.since(seen) is None:
        seen = sim.feed.n
        yield _event("reset", {}, seen)
    yield _event("hello", {"n": seen}, seen)
    while True:
        fresh = sim.feed.since(seen)
        if fresh is None:
            seen = sim.feed.n
            yield _event("reset", {}, seen)
            continue
        if not fresh:
            change = sim.feed.next_change()
            try:
                if not await sim.clock.wait(change, PING):
                    yield b": still here\n\n"
            finally:
                sim.feed.forget(EVERYWHERE, change)
            continue
        lines = [_event(name, data, change.n) for change in fresh for name, data in events_of(sim, person, change)]
        seen = fresh[-1].n
        if lines:
            yield b"".join(lines)
        else:
            await asyncio.sleep(0)


def _event(name: str, data: Any, n: int) -> bytes:
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (n, name.encode(), json.dumps(data, separators=(",", ":")).encode())


def events_of(sim: Sim, person: Person, change: Change) -> list[Event]:
    """What this person hears of a change; nothing when it is none of her business."""
    if change.person is not None and change.person != person.id:
        return []
    if change.chat is not None:
        return _in_chat(sim, person, change)
    if change.kind == "call":
        found = sim.calls.after(change.body["n"] - 1)
        return [("call", call_view(found[0]))] if found else []
    return [(change.kind, _drawn(sim, person, change))]


def _drawn(sim: Sim, person: Person, change: Change) -> dict[str, Any]:
    match change.kind:
        case "person":
            return person_view(person)
        case "people":
            return {"people": [person_view(one) for one in sim.world.people.values()]}
        case "clock":
            return clock_view(sim)
        case _:
            return change.body


def _in_chat(sim: Sim, person: Person, change: Change) -> list[Event]:
    where = sim.world.chats[change.chat or ""]
    if not can_see(sim, person, where):
        if where.type == "private" or change.person != person.id:
            return []
        return [("chat", row_for(sim, person, where))]
    place = {"chat_id": id_for(where)}
    if change.kind == "chat":
        return [("chat", row_for(sim, person, where))]
    if change.message is None:
        return [(change.kind, place | change.body)]
    said = sim.world.message(where, change.message)
    if said is None:
        return []
    events: list[Event] = [(change.kind, place | {"message": message_for(sim, person, said)})]
    if change.kind == "message":
        events.append(("chat", row_for(sim, person, where)))
    return events
