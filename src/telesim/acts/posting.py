"""Messages come, change and go."""

from dataclasses import replace
from typing import Any

from telesim import views
from telesim.acts.telling import TELEGRAM, tell_of_message
from telesim.sim import Sim
from telesim.world.chats import Chat
from telesim.world.messages import Message


def post(sim: Sim, where: Chat, draft: Message, *, tell: bool = True) -> Message:
    """Put it into the chat with a number and the date (now, if it has none), and let everybody know."""
    draft.id = sim.world.new_message_id(where)
    draft.date = draft.date or sim.clock.seconds()
    if where.protected:
        draft.protected = True
    sim.world.add_message(draft)
    if draft.poll is not None:
        poll = sim.world.polls[draft.poll]
        poll.places.append((where.key, draft.id))
        sim.world.keep(poll)
    sim.feed.publish("message", chat=where.key, message=draft.id)
    if tell:
        tell_of_message(sim, where, draft)
    if where.type == "channel" and where.linked is not None and not draft.is_service:
        _discuss(sim, where, draft, tell=tell)
    return draft


def _discuss(sim: Sim, channel: Chat, original: Message, *, tell: bool) -> None:
    """Telegram copies every post of a channel into its discussion group."""
    group = sim.world.public[channel.linked or 0]
    origin = {
        "type": "channel",
        "date": original.date,
        "chat": views.chat(sim.world, channel),
        "message_id": original.id,
    }
    copy = replace(
        original,
        chat=group.key,
        sender=TELEGRAM,
        sender_chat=channel.id,
        author=original.author,
        forward_origin=original.forward_origin or origin,
        automatic_forward=True,
        markup=None,
        reply_to=None,
        reactions={},
        client_id=None,
    )
    original.discussion = post(sim, group, copy, tell=tell).id
    _pin_quietly(sim, group, original.discussion)
    sim.world.keep(original)


def _pin_quietly(sim: Sim, group: Chat, message_id: int) -> None:
    group.pinned.append(message_id)
    del group.pinned[:-100]
    sim.world.keep(group)


def edit(sim: Sim, said: Message, *, by: int | None = None, **changes: Any) -> Message:
    """Give it new content; the copy in a discussion group follows."""
    for name, value in changes.items():
        setattr(said, name, value)
    said.edit_date = sim.clock.seconds()
    changed(sim, said)
    where = sim.world.chat_of(said)
    if by is None or by not in sim.world.bots:
        tell_of_message(sim, where, said, edited=True)
    copy = discussion_copy(sim, said)
    if copy is not None and "content" in changes:
        edit(sim, copy, by=by, content=changes["content"])
    return said


def changed(sim: Sim, said: Message) -> None:
    """Something about it is different now: watchers look again."""
    sim.world.keep(said)
    sim.feed.publish("edit", chat=said.chat, message=said.id)


def discussion_copy(sim: Sim, said: Message) -> Message | None:
    where = sim.world.chat_of(said)
    if said.discussion is None or where.linked is None:
        return None
    return sim.world.message(sim.world.public[where.linked], said.discussion)


def delete(sim: Sim, where: Chat, messages: list[Message]) -> None:
    for said in messages:
        sim.world.drop_message(said)
        if said.id in where.pinned:
            where.pinned.remove(said.id)
            sim.world.keep(where)
    gone = [said.id for said in messages]
    if gone:
        sim.feed.publish("delete", chat=where.key, body={"message_ids": gone})


def type_in(sim: Sim, where: Chat, sender: int, action: str) -> None:
    body = {"from": views.user_by_id(sim.world, sender), "action": action}
    sim.feed.publish("typing", chat=where.key, body=body)
