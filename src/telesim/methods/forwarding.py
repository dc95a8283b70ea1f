"""Forwards and copies."""

from typing import Annotated, Any

from pydantic import Field

from telesim import views
from telesim.acts.forwarding import can_be_copied, copied_poll, origin_of
from telesim.acts.posting import post
from telesim.errors import bad_request
from telesim.methods.editing import MEDIA
from telesim.methods.method import Caller, Method
from telesim.methods.params import ChatId, Decoded, Entities, Integer
from telesim.methods.places import find_chat, find_message, writable_chat
from telesim.methods.sending import Sending, Target, caption_content, outgoing, put
from telesim.world.chats import Chat
from telesim.world.messages import Message


class Forward(Target):
    from_chat_id: ChatId
    message_id: Integer
    video_start_timestamp: Integer | None = None
    message_effect_id: str | None = None
    suggested_post_parameters: Annotated[dict[str, Any], Decoded] | None = None


class ForwardMany(Target):
    from_chat_id: ChatId
    message_ids: Annotated[list[Integer], Decoded, Field(min_length=1, max_length=100)]


class Copy(Sending):
    from_chat_id: ChatId
    message_id: Integer
    video_start_timestamp: Integer | None = None
    caption: str | None = None
    parse_mode: str | None = None
    caption_entities: Entities | None = None
    show_caption_above_media: bool | None = None


class CopyMany(ForwardMany):
    remove_caption: bool = False


def _forward_one(call: Caller, where: Chat, source: Chat, said: Message, *, protect: bool | None) -> Message:
    if said.protected or source.protected:
        raise bad_request("message has protected content and can't be forwarded")
    if said.is_service:
        raise bad_request("message can't be forwarded")
    call.sim.limits.check(call.bot.id, where)
    draft = outgoing(
        call, where, dict(said.content), poll=said.poll, invoice=said.invoice,
        forward_origin=origin_of(call.sim, source, said),
    )  # fmt: skip
    draft.protected = bool(protect)
    return post(call.sim, where, draft)


def forward(call: Caller, p: Forward) -> dict[str, Any]:
    where = writable_chat(call, p.chat_id)
    source, said = find_message(call, p.from_chat_id, p.message_id, "message to forward not found")
    forwarded = _forward_one(call, where, source, said, protect=p.protect_content)
    return views.message(call.world, forwarded, call.bot.id)


def _several(call: Caller, p: ForwardMany) -> tuple[Chat, Chat, list[Message]]:
    """Those of the messages that are there; ids have to grow."""
    if any(first >= second for first, second in zip(p.message_ids, p.message_ids[1:], strict=False)):
        raise bad_request("message identifiers must be in a strictly increasing order")
    where, source = writable_chat(call, p.chat_id), find_chat(call, p.from_chat_id)
    found = [said for said in (call.world.message(source, one) for one in p.message_ids) if said is not None]
    return where, source, found


def forward_many(call: Caller, p: ForwardMany) -> list[dict[str, int]]:
    """What can't be forwarded is skipped; nothing at all is refused."""
    where, source, found = _several(call, p)
    fit = [said for said in found if not (said.protected or source.protected or said.is_service)]
    if not fit:
        raise bad_request("there are no messages to forward")
    sent = [_forward_one(call, where, source, said, protect=p.protect_content) for said in fit]
    return [{"message_id": said.id} for said in sent]


def _copied_content(said: Message, *, caption: dict[str, Any] | None) -> dict[str, Any]:
    content = dict(said.content)
    if caption is not None and not MEDIA.isdisjoint(content):
        content = {name: value for name, value in content.items() if not name.startswith("caption")} | caption
    return content


def copy(call: Caller, p: Copy) -> dict[str, int]:
    """A bot may copy from a protected chat; service messages, invoices and paid media nobody may."""
    where = writable_chat(call, p.chat_id)
    _, said = find_message(call, p.from_chat_id, p.message_id, "message to copy not found")
    if not can_be_copied(said):
        raise bad_request("message can't be copied")
    caption = None if p.caption is None else caption_content(p.caption, p.parse_mode, p.caption_entities)
    content = _copied_content(said, caption=caption)
    return {"message_id": put(call, where, p, content, poll=copied_poll(call.sim, said, call.bot.id)).id}


def copy_many(call: Caller, p: CopyMany) -> list[dict[str, int]]:
    where, _, found = _several(call, p)
    fit = [said for said in found if can_be_copied(said)]
    if not fit:
        raise bad_request("there are no messages to copy")
    sent = []
    for said in fit:
        call.sim.limits.check(call.bot.id, where)
        content = _copied_content(said, caption={} if p.remove_caption else None)
        draft = outgoing(call, where, content, poll=copied_poll(call.sim, said, call.bot.id))
        draft.protected = bool(p.protect_content)
        sent.append({"message_id": post(call.sim, where, draft).id})
    return sent


METHODS = [
    Method("forwardMessage", Forward, forward),
    Method("forwardMessages", ForwardMany, forward_many),
    Method("copyMessage", Copy, copy),
    Method("copyMessages", CopyMany, copy_many),
]
