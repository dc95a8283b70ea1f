"""Pinned messages, and what a chat is called and looks like."""

from telesim.acts.posting import changed, post
from telesim.errors import bad_request
from telesim.methods.chatting import OfChat
from telesim.methods.media import resolve
from telesim.methods.method import Caller, Method
from telesim.methods.params import FileOrId, Integer
from telesim.methods.places import check_may_write, check_right, find_chat, find_message
from telesim.methods.sending import outgoing
from telesim.world.chats import Chat


class Pin(OfChat):
    message_id: Integer
    disable_notification: bool | None = None
    business_connection_id: str | None = None


class Unpin(OfChat):
    message_id: Integer | None = None
    business_connection_id: str | None = None


class SetTitle(OfChat):
    title: str


class SetDescription(OfChat):
    description: str = ""


class SetPhoto(OfChat):
    photo: FileOrId


def _check_may_pin(call: Caller, where: Chat) -> None:
    if where.type == "private":
        check_may_write(call, where)
    else:
        right = "can_edit_messages" if where.type == "channel" else "can_pin_messages"
        check_right(call, where, right, "manage pinned messages in the chat")


def pin(call: Caller, p: Pin) -> bool:
    where, said = find_message(call, p.chat_id, p.message_id, "message to pin not found")
    _check_may_pin(call, where)
    if said.is_service:
        raise bad_request("a service message can't be pinned")
    if where.pinned and where.pinned[-1] == said.id:
        return True
    if said.id in where.pinned:
        where.pinned.remove(said.id)
    where.pinned.append(said.id)
    call.world.keep(where)
    post(call.sim, where, outgoing(call, where, {}, pinned=said.id))
    call.sim.feed.publish("chat", chat=where.key)
    changed(call.sim, said)
    return True


def unpin(call: Caller, p: Unpin) -> bool:
    """The message named, or the newest pinned one."""
    where = find_chat(call, p.chat_id)
    _check_may_pin(call, where)
    target = p.message_id if p.message_id is not None else (where.pinned[-1] if where.pinned else None)
    if target is None or target not in where.pinned:
        raise bad_request("message to unpin not found")
    where.pinned.remove(target)
    return _unpinned(call, where)


def unpin_all(call: Caller, p: OfChat) -> bool:
    where = find_chat(call, p.chat_id)
    _check_may_pin(call, where)
    where.pinned.clear()
    return _unpinned(call, where)


def _unpinned(call: Caller, where: Chat) -> bool:
    call.world.keep(where)
    call.sim.feed.publish("chat", chat=where.key)
    return True


def _renamed(call: Caller, p: OfChat) -> Chat:
    where = find_chat(call, p.chat_id)
    if where.type == "private":
        raise bad_request("can't change private chat information")
    check_right(call, where, "can_change_info", "change chat information")
    return where


def set_title(call: Caller, p: SetTitle) -> bool:
    where = _renamed(call, p)
    title = p.title.strip()
    if not title:
        raise bad_request("title can't be empty")
    if len(title) > 128:
        raise bad_request("CHAT_TITLE_TOO_LONG")
    if title == where.title:
        raise bad_request("chat title is not modified")
    where.title = title
    call.world.keep(where)
    post(call.sim, where, outgoing(call, where, {"new_chat_title": title}))
    return _unpinned(call, where)


def set_description(call: Caller, p: SetDescription) -> bool:
    where = _renamed(call, p)
    if len(p.description) > 255:
        raise bad_request("CHAT_ABOUT_TOO_LONG")
    if p.description == (where.description or ""):
        raise bad_request("chat description is not modified")
    where.description = p.description or None
    return _unpinned(call, where)


def set_photo(call: Caller, p: SetPhoto) -> bool:
    where = _renamed(call, p)
    if isinstance(p.photo, str):
        raise bad_request("photo should be uploaded as an InputFile")
    where.photo = resolve(call, p.photo, "photo").id
    return _unpinned(call, where)


def delete_photo(call: Caller, p: OfChat) -> bool:
    where = _renamed(call, p)
    if where.photo is None:
        raise bad_request("CHAT_NOT_MODIFIED")
    where.photo = None
    return _unpinned(call, where)


METHODS = [
    Method("pinChatMessage", Pin, pin),
    Method("unpinChatMessage", Unpin, unpin),
    Method("unpinAllChatMessages", OfChat, unpin_all),
    Method("setChatTitle", SetTitle, set_title),
    Method("setChatDescription", SetDescription, set_description),
    Method("setChatPhoto", SetPhoto, set_photo),
    Method("deleteChatPhoto", OfChat, delete_photo),
]
