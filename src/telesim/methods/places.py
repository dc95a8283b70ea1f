"""Which chat, message or person a call means, and whether the bot may act there."""

from telesim.errors import bad_request, forbidden
from telesim.methods.method import Caller
from telesim.world.chats import Chat, Member
from telesim.world.messages import Message

REQUEST_WINDOW = 300
"""Seconds for which a bot may write to somebody who asks to join."""


def find_chat(call: Caller, chat_id: int | str) -> Chat:
    """A chat that the bot can see."""
    if isinstance(chat_id, str):
        named = call.world.usernames.get(chat_id.removeprefix("@").lower())
        if not isinstance(named, Chat):
            raise bad_request("chat not found")
        return named
    if chat_id > 0:
        return _private(call, chat_id)
    where = call.world.public.get(chat_id)
    if where is None or (not where.username and not _was_there(call, where)):
        raise bad_request("chat not found")
    return where


def _private(call: Caller, person_id: int) -> Chat:
    where = call.world.private(call.bot.id, person_id)
    if where is not None:
        return where
    if person_id == call.bot.id or person_id not in call.world.people:
        raise bad_request("chat not found")
    now = call.sim.clock.now()
    for chat in call.world.public.values():
        request = chat.requests.get(person_id)
        if request and call.world.member(chat, call.bot.id).present and now < request.date + REQUEST_WINDOW:
            return call.world.open_private(call.bot.id, person_id)
    if _acquainted(call, person_id):
        raise forbidden("bot can't initiate conversation with a user")
    raise bad_request("chat not found")


def _was_there(call: Caller, where: Chat) -> bool:
    return call.bot.id in call.world.members.get(where.id, {})


def _acquainted(call: Caller, person_id: int) -> bool:
    return any(person_id in members and call.bot.id in members for members in call.world.members.values())


def check_may_write(call: Caller, where: Chat) -> None:
    """Refuse as Telegram does where the bot is not welcome."""
    if where.type == "private":
        person = call.world.people[where.id]
        if person.deactivated:
            raise forbidden("user is deactivated")
        if call.bot.id in person.blocked:
            raise forbidden("bot was blocked by the user")
        return
    me = check_inside(call, where)
    if where.type == "channel" and not me.may("can_post_messages"):
        raise bad_request("need administrator rights in the channel chat")
    if me.status == "restricted" and not me.rights.get("can_send_messages"):
        raise bad_request("not enough rights to send text messages to the chat")


def check_inside(call: Caller, where: Chat) -> Member:
    """The bot's own membership."""
    me = call.world.member(where, call.bot.id)
    if me.status == "kicked":
        raise forbidden(f"bot was kicked from the {where.type} chat")
    if not me.present:
        raise forbidden(f"bot is not a member of the {where.type} chat")
    return me


def writable_chat(call: Caller, chat_id: int | str) -> Chat:
    where = find_chat(call, chat_id)
    check_may_write(call, where)
    return where


def check_right(call: Caller, where: Chat, right: str, what: str) -> Member:
    """The bot must be an administrator with this right."""
    if where.type == "private":
        raise bad_request(f"can't {what} in private chats" if what else "method is unavailable for private chats")
    me = check_inside(call, where)
    if me.status != "administrator" or not me.may(right):
        raise bad_request("CHAT_ADMIN_REQUIRED" if not what else f"not enough rights to {what}")
    return me


def find_message(call: Caller, chat_id: int | str, message_id: int, missing: str) -> tuple[Chat, Message]:
    where = find_chat(call, chat_id)
    if where.type != "private":
        check_inside(call, where)
    said = call.world.message(where, message_id)
    if said is None:
        raise bad_request(missing)
    return where, said
