"""What one person sees of the world."""

from collections.abc import Iterable
from math import inf
from typing import Any

from telesim import views
from telesim.acts.reacting import counted
from telesim.acts.telling import bots_in
from telesim.errors import ControlError
from telesim.methods.profile import shown_commands
from telesim.sim import Sim
from telesim.world.chats import Chat
from telesim.world.messages import Message
from telesim.world.people import Bot, Person

Object = dict[str, Any]


def first_bot(sim: Sim) -> Bot:
    return next(iter(sim.world.bots.values()))


def chat_for(sim: Sim, person: Person, chat_id: int | None) -> Chat:
    """The chat she means: nothing, her own id or a bot's is a private one; others she must be able to see."""
    if chat_id is None or chat_id == person.id:
        return sim.world.open_private(first_bot(sim).id, person.id)
    if chat_id in sim.world.bots:
        return sim.world.open_private(chat_id, person.id)
    where = sim.world.public.get(chat_id)
    if where is None or not can_see(sim, person, where):
        raise ControlError("there is no such chat", 404)
    return where


def can_see(sim: Sim, person: Person, where: Chat) -> bool:
    """A private chat is its person's; a public place is open unless she was banned; others only from inside."""
    if where.type == "private":
        return where.id == person.id
    member = sim.world.member(where, person.id)
    return member.present or (is_open(sim, where) and member.status != "kicked")


def is_open(sim: Sim, where: Chat) -> bool:
    """Anybody may look in: it has a public name, or belongs to a channel that has."""
    channel = sim.world.public.get(where.linked or 0)
    return bool(where.username) or (where.type == "supergroup" and channel is not None and bool(channel.username))


def id_for(where: Chat) -> int:
    """The chat's id on the person's side: in a private chat the other one's, which is the bot."""
    return where.bot if where.type == "private" else where.id


def message_for(sim: Sim, person: Person, said: Message) -> Object:
    return views.message(sim.world, said, person.id) | {"sim": _extra(sim, person, said)}


def _extra(sim: Sim, person: Person, said: Message) -> Object:
    where = sim.world.chat_of(said)
    outgoing = said.sender == person.id or (said.sender is None and said.author == person.id)
    extra: Object = {
        "outgoing": outgoing,
        "read": outgoing or said.id <= sim.world.dialog(person.id, where).read,
        "reactions": reactions_for(said, person.id),
        "protected": said.protected,
    }
    if said.client_id is not None and said.sender == person.id:
        extra["client_id"] = said.client_id
    if said.poll is not None:
        extra["poll"] = _poll_for(sim, person, said)
    if said.invoice is not None:
        extra["invoice"] = _invoice_for(sim, said)
    files = _files_in(said.content)
    if files:
        extra["media_url"] = {file_id: f"/sim/api/files/{file_id}" for file_id in files}
    if where.type == "channel":
        extra["views"] = len(sim.world.members_of(where)) + 1
        _comments(sim, said, where, extra)
    return extra


def reactions_for(said: Message, person: int) -> list[Object]:
    mine = said.reactions.get(person, [])
    return [{"emoji": emoji, "count": count, "mine": emoji in mine} for emoji, count in counted(said).items()]


def _poll_for(sim: Sim, person: Person, said: Message) -> Object:
    poll = sim.world.polls[said.poll or ""]
    mine = poll.votes.get(person.id, [])
    view: Object = {"my_option_ids": mine}
    if poll.type == "quiz" and (mine or poll.closed):
        view["correct_option_ids"] = poll.correct
        if poll.explanation:
            view["explanation"] = poll.explanation
    return view


def _invoice_for(sim: Sim, said: Message) -> Object:
    invoice = sim.world.invoices[said.invoice or ""]
    charge = sim.world.charges.get(said.charge or "")
    view: Object = {"state": "unpaid", "link": invoice.url}
    if invoice.photo_url:
        view["photo_url"] = invoice.photo_url
    if charge is not None:
        view |= {"state": "refunded" if charge.refunded else "paid", "charge_id": charge.id}
    return view


def _files_in(content: Object) -> list[str]:
    found: list[str] = []
    for value in content.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict) and "file_id" in one:
                found.append(one["file_id"])
                thumbnail = one.get("thumbnail")
                if isinstance(thumbnail, dict):
                    found.append(thumbnail["file_id"])
    return found


def _comments(sim: Sim, said: Message, where: Chat, extra: Object) -> None:
    group = sim.world.public.get(where.linked or 0)
    if said.discussion is not None and group is not None:
        extra["comments"] = {
            "chat_id": group.id,
            "message_id": said.discussion,
            "count": sum(
                1 for reply in sim.world.messages.get(group.key, {}).values() if reply.thread == said.discussion
            ),
        }


def row_for(sim: Sim, person: Person, where: Chat) -> Object:
    """A line of her chat list."""
    last = sim.world.last_message(where)
    dialog = sim.world.dialog(person.id, where)
    member = sim.world.member(where, person.id)
    status = _status(person, where, member.status)
    pinned = sim.world.message(where, where.pinned[-1]) if where.pinned else None
    newest_first = reversed(sim.world.messages.get(where.key, {}).values())
    row: Object = {
        "chat": _chat_object(sim, person, where),
        "unread": _unread(newest_first, dialog.read, person.id) if status != "left" else 0,
        "last_message": message_for(sim, person, last) if last else None,
        "muted": False,
        "status": status,
        "can_write": silenced(sim, person, where) is None,
        "commands": _commands(sim, person, where),
        "keyboard": dialog.keyboard,
        "pinned": message_for(sim, person, pinned) if pinned else None,
        "join": None if member.present or where.type == "private" else ("request" if where.join_by_request else "open"),
    }
    return row | _more(sim, person, where)


def _more(sim: Sim, person: Person, where: Chat) -> Object:
    if where.type == "private":
        bot = sim.world.bots[where.bot]
        description = bot.descriptions.get(person.language_code[:2]) or bot.descriptions.get("")
        return {"description": description, "members_count": 2} if description else {"members_count": 2}
    more: Object = {"members_count": len(sim.world.members_of(where)), "vip": where.vip}
    if where.description:
        more["description"] = where.description
    if sim.world.member(where, person.id).status in {"creator", "administrator"}:
        more["join_requests"] = [
            {"user": views.user_by_id(sim.world, request.user), "date": request.date}
            for request in where.requests.values()
        ]
    return more


def _chat_object(sim: Sim, person: Person, where: Chat) -> Object:
    if where.type != "private":
        return views.chat(sim.world, where)
    bot = sim.world.bots[where.bot]
    name = bot.names.get(person.language_code[:2]) or bot.first_name
    return {"id": bot.id, "type": "private", "first_name": name, "username": bot.username}


def _status(person: Person, where: Chat, status: str) -> str:
    if where.type == "private":
        return "member"
    return "requested" if person.id in where.requests else status


def silenced(sim: Sim, person: Person, where: Chat) -> str | None:
    """Why she may not write there; None when she may."""
    if where.type == "private":
        return "this person has blocked the bot; unblock it first" if where.bot in person.blocked else None
    member = sim.world.member(where, person.id)
    if not member.present:
        return "this person is not in the chat"
    if where.type == "channel":
        return None if member.may("can_post_messages") else "only administrators write in a channel"
    allowed = member.rights if member.status == "restricted" else where.permissions
    if member.status in {"member", "restricted"} and not allowed.get("can_send_messages"):
        return "this person may not write here"
    return None


def _commands(sim: Sim, person: Person, where: Chat) -> list[dict[str, str]]:
    if where.type == "channel":
        return []
    return [command for bot in bots_in(sim, where) for command in shown_commands(sim.world, bot, where, person)]


def _unread(newest_first: Iterable[Message], read: int, person: int) -> int:
    count = 0
    for said in newest_first:
        if said.id <= read or count >= 999:
            break
        count += said.sender != person
    return count


def rows_for(sim: Sim, person: Person) -> list[Object]:
    """Her chat list: bots that wait to be started, then what was said last. Every place is there that she may open."""
    for bot in sim.world.bots.values():
        sim.world.open_private(bot.id, person.id)
    chats = [sim.world.chats[f"{bot}:{person.id}"] for bot in sim.world.bots]
    chats += [
        where for where in sim.world.public.values()
        if can_see(sim, person, where) or person.id in where.requests
    ]  # fmt: skip
    rows = [row_for(sim, person, where) for where in chats]
    return sorted(rows, key=_place_in_list)


def _place_in_list(row: Object) -> float:
    if row["last_message"] is not None:
        return -float(row["last_message"]["date"])
    return -inf if row["chat"]["type"] == "private" else 0
