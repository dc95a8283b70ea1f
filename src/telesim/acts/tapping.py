"""A person presses a button under a message."""

import zlib
from typing import Any

from telesim import views
from telesim.acts.telling import lane_of_user
from telesim.errors import ControlError
from telesim.sim import Sim
from telesim.world.messages import Message
from telesim.world.people import Person


def find_button(said: Message, *, label: str | None, data: str | None) -> dict[str, Any]:
    """The button with this label, or this data, under the message as it is now."""
    rows = (said.markup or {}).get("inline_keyboard", [])
    for row in rows:
        for button in row:
            if button["text"] == label or (data is not None and button.get("callback_data") == data):
                return dict(button)
    shown = [button["text"] for row in rows for button in row]
    raise ControlError("there is no such button under this message", 404, buttons=shown)


async def press(sim: Sim, person: Person, said: Message, button: dict[str, Any]) -> dict[str, Any]:
    """Ask the bot that sent the message, and wait for what it says."""
    if "callback_data" not in button:
        return {"callback_query_id": None, "url": _address(button), "answered": True}
    bot = sim.world.bots.get(said.sender or 0) or sim.world.bots.get(said.author or 0)
    if bot is None:
        raise ControlError("no bot stands behind this button")
    question = sim.questions.ask("callback", bot.id, person.id)
    query = {
        "id": question.id,
        "from": views.user(person),
        "message": views.message(sim.world, said, bot.id),
        "chat_instance": str(zlib.crc32(said.chat.encode()) << 20),
        "data": button["callback_data"],
    }
    sim.inboxes.tell(bot, "callback_query", query, lane_of_user(person.id))
    told = await sim.questions.wait(question)
    answer = {"callback_query_id": question.id, "answered": told is not None, **(told or {})}
    body = {"message_id": said.id, "alert": answer.get("show_alert", False), **answer}
    sim.feed.publish("callback", chat=said.chat, person=person.id, body=body)
    return answer


def _address(button: dict[str, Any]) -> str | None:
    for kind in ("web_app", "login_url"):
        if kind in button:
            return str(button[kind]["url"])
    return button.get("url")
