"""A person writes: messages, edits, forwards, deletions, button presses."""

from typing import Any

from pydantic import Field

from telesim import views
from telesim.acts.forwarding import can_be_copied, origin_of
from telesim.acts.posting import delete, edit, post
from telesim.acts.tapping import find_button, press
from telesim.control.door import Asked
from telesim.control.sight import can_see, chat_for, first_bot, silenced
from telesim.errors import ControlError
from telesim.sim import Sim
from telesim.text import LONGEST_CAPTION, LONGEST_TEXT, formatted
from telesim.world.chats import Chat
from telesim.world.messages import Message
from telesim.world.people import Person

KEPT_CLIENT_IDS = 50
PAYLOAD = r"[A-Za-z0-9_-]{0,64}"


class Text(Asked):
    text: str
    chat_id: int | None = None
    reply_to_message_id: int | None = None
    client_id: str | None = Field(None, max_length=64)


class Start(Asked):
    payload: str = Field("", pattern=f"^{PAYLOAD}$")
    bot_id: int | None = None
    chat_id: int | None = None
    """A group for `startgroup`; without it the private chat."""


class At(Asked):
    chat_id: int | None = None
    message_id: int


class Tap(At):
    label: str | None = None
    data: str | None = None


class Edited(At):
    text: str


class Forward(Asked):
    chat_id: int | None = None
    from_chat_id: int | None = None
    message_id: int


def message_at(sim: Sim, person: Person, chat_id: int | None, message_id: int) -> tuple[Chat, Message]:
    where = chat_for(sim, person, chat_id)
    said = sim.world.message(where, message_id)
    if said is None:
        raise ControlError("there is no such message", 404)
    return where, said


def check_may_write(sim: Sim, person: Person, where: Chat) -> None:
    if why := silenced(sim, person, where):
        raise ControlError(why, 403)


def said_before(person: Person, client_id: str | None) -> dict[str, Any] | None:
    """A send whose answer was lost comes again: the same answer."""
    if client_id is not None and client_id in person.sent:
        return {"message_id": person.sent[client_id][1]}
    return None


def say(
    sim: Sim, person: Person, where: Chat, content: dict[str, Any], *, reply_to: int | None = None,
    client_id: str | None = None, **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """Post as this person, and remember the client's id of it."""
    check_may_write(sim, person, where)
    draft = Message(where.key, 0, 0, content, reply_to=reply_to, client_id=client_id, **more)
    if where.type == "channel":
        draft.sender_chat, draft.author = where.id, person.id
    else:
        draft.sender = person.id
    target = sim.world.message(where, reply_to) if reply_to is not None else None
    if reply_to is not None and target is None:
        raise ControlError("there is no such message to reply to", 404)
    if target is not None and where.is_group:
        draft.thread = target.thread or (target.id if target.automatic_forward else None)
    said = post(sim, where, draft)
    dialog = sim.world.dialog(person.id, where)
    dialog.read = said.id
    if dialog.keyboard and (dialog.keyboard.get("force_reply") or dialog.keyboard.get("one_time_keyboard")):
        dialog.keyboard = None
        sim.feed.publish("chat", chat=where.key, person=person.id)
    sim.world.keep(dialog)
    if client_id is not None:
        person.sent[client_id] = (where.key, said.id)
        while len(person.sent) > KEPT_CLIENT_IDS:
            del person.sent[next(iter(person.sent))]
        sim.world.keep(person)
    return {"message_id": said.id}


def text_content(text: str) -> dict[str, Any]:
    result = formatted(text)
    if not result.text:
        raise ControlError("a message needs some text")
    if len(result.text) > LONGEST_TEXT:
        raise ControlError(f"a message has at most {LONGEST_TEXT} characters, this one {len(result.text)}")
    return result.content()


def caption_content(text: str) -> dict[str, Any]:
    result = formatted(text)
    if len(result.text) > LONGEST_CAPTION:
        raise ControlError(f"a caption has at most {LONGEST_CAPTION} characters")
    return result.content("caption") if result.text else {}


def send(sim: Sim, person: Person, asked: Text) -> dict[str, Any]:
    before = said_before(person, asked.client_id)
    if before is not None:
        return before
    where = chat_for(sim, person, asked.chat_id)
    content = text_content(asked.text)
    return say(sim, person, where, content, reply_to=asked.reply_to_message_id, client_id=asked.client_id)


def start(sim: Sim, person: Person, asked: Start) -> dict[str, Any]:
    """Open a deep link; whoever starts a bot that she had blocked unblocks it."""
    bot = sim.world.bots.get(asked.bot_id or first_bot(sim).id)
    if bot is None:
        raise ControlError("there is no such bot", 404)
    if asked.chat_id is not None and asked.chat_id < 0:
        group = chat_for(sim, person, asked.chat_id)
        return say(sim, person, group, text_content(f"/start@{bot.username} {asked.payload}".strip()))
    where = chat_for(sim, person, bot.id)
    if where.bot in person.blocked:
        block_bot(sim, person, where, blocked=False)
    return say(sim, person, where, text_content(f"/start {asked.payload}".strip()))


def block_bot(sim: Sim, person: Person, where: Chat, *, blocked: bool) -> None:
    """The bot is told; nothing changes when it already was so."""
    if blocked == (where.bot in person.blocked):
        return
    bot = sim.world.bots[where.bot]
    (person.blocked.add if blocked else person.blocked.discard)(bot.id)
    sim.world.keep(person)
    there = {"user": views.user(bot), "status": "member"}
    gone = {"user": views.user(bot), "status": "kicked", "until_date": 0}
    change = {
        "chat": views.chat(sim.world, where),
        "from": views.user(person),
        "date": sim.clock.seconds(),
        "old_chat_member": there if blocked else gone,
        "new_chat_member": gone if blocked else there,
    }
    sim.inboxes.tell(bot, "my_chat_member", change, f"user {person.id}")
    sim.feed.publish("person", person=person.id)
    sim.feed.publish("chat", chat=where.key)


async def tap(sim: Sim, person: Person, asked: Tap) -> dict[str, Any]:
    _, said = message_at(sim, person, asked.chat_id, asked.message_id)
    if asked.label is None and asked.data is None:
        raise ControlError("say which button: label or data")
    return await press(sim, person, said, find_button(said, label=asked.label, data=asked.data))


def edit_own(sim: Sim, person: Person, asked: Edited) -> dict[str, Any]:
    where, said = message_at(sim, person, asked.chat_id, asked.message_id)
    check_may_write(sim, person, where)
    if person.id not in {said.sender, said.author} or "text" not in said.content or said.forward_origin:
        raise ControlError("only one's own texts can be edited", 403)
    content = text_content(asked.text)
    if content != said.content:
        edit(sim, said, by=person.id, content=content)
    return {"message_id": said.id}


def delete_one(sim: Sim, person: Person, asked: At) -> dict[str, Any]:
    where, said = message_at(sim, person, asked.chat_id, asked.message_id)
    mine = person.id in {said.sender, said.author}
    if where.type != "private" and not mine and not sim.world.member(where, person.id).may("can_delete_messages"):
        raise ControlError("this person may not delete that message", 403)
    delete(sim, where, [said])
    return {"deleted": True}


def forward(sim: Sim, person: Person, asked: Forward) -> dict[str, Any]:
    source, said = message_at(sim, person, asked.from_chat_id, asked.message_id)
    if said.protected or source.protected or not can_see(sim, person, source):
        raise ControlError("this message is protected: it can't be forwarded", 403)
    if not can_be_copied(said):
        raise ControlError("such a message can't be forwarded")
    where = chat_for(sim, person, asked.chat_id)
    origin = origin_of(sim, source, said)
    return say(sim, person, where, dict(said.content), poll=said.poll, forward_origin=origin)


def read(sim: Sim, person: Person, asked: At) -> dict[str, Any]:
    where = chat_for(sim, person, asked.chat_id)
    dialog = sim.world.dialog(person.id, where)
    if asked.message_id > dialog.read:
        last = sim.world.last_message(where)
        dialog.read = min(asked.message_id, last.id if last else 0)
        sim.world.keep(dialog)
        sim.feed.publish("chat", chat=where.key, person=person.id)
    return {"read": dialog.read}
