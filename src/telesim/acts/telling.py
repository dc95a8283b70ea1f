"""Which bots hear of what."""

from typing import Any

from telesim import views
from telesim.sim import Sim
from telesim.world.chats import Chat
from telesim.world.messages import Message
from telesim.world.people import Bot

SHOWN_TO_THEIR_SENDER = frozenset({
    "new_chat_title", "new_chat_photo", "delete_chat_photo", "left_chat_member", "pinned_message",
})  # fmt: skip
TELEGRAM = 777_000
"""The account by which Telegram copies channel posts into the discussion group."""


def bots_in(sim: Sim, where: Chat) -> list[Bot]:
    if where.type == "private":
        return [sim.world.bots[where.bot]]
    members = sim.world.members.get(where.id, {})
    return [bot for bot in sim.world.bots.values() if bot.id in members and members[bot.id].present]


def tell_of_message(sim: Sim, where: Chat, said: Message, *, edited: bool = False) -> None:
    kind = "channel_post" if where.type == "channel" else "message"
    kind = f"edited_{kind}" if edited else kind
    for bot in bots_in(sim, where):
        if _hears(sim, bot, where, said):
            sim.inboxes.tell(bot, kind, views.message(sim.world, said, bot.id), lane_of_chat(where))


def _hears(sim: Sim, bot: Bot, where: Chat, said: Message) -> bool:
    if bot.id in {said.sender, said.author}:
        return said.pinned is not None or not SHOWN_TO_THEIR_SENDER.isdisjoint(said.content)
    if said.sender in sim.world.bots:
        return False
    if not where.is_group or sim.world.member(where, bot.id).status == "administrator":
        return True
    return said.is_service or _addressed(sim, bot, where, said)


def _addressed(sim: Sim, bot: Bot, where: Chat, said: Message) -> bool:
    """Privacy mode: a bot that is no administrator hears what is meant for it."""
    text: str = said.content.get("text", "")
    if text.startswith("/"):
        name = text.split(maxsplit=1)[0].partition("@")[2]
        return not name or name.lower() == bot.username.lower()
    target = sim.world.message(where, said.reply_to) if said.reply_to is not None else None
    return target is not None and target.sender == bot.id


def tell_administrators(sim: Sim, where: Chat, kind: str, update: dict[str, Any], lane: str, right: str = "") -> None:
    """Tell those bots that administrate the chat (and have the right)."""
    for bot in bots_in(sim, where):
        member = sim.world.member(where, bot.id)
        if member.status in {"administrator", "creator"} and (not right or member.may(right)):
            sim.inboxes.tell(bot, kind, update, lane)


def lane_of_chat(where: Chat) -> str:
    return f"chat {where.id}"


def lane_of_user(user_id: int) -> str:
    return f"user {user_id}"
