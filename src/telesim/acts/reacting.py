"""Hearts and thumbs under messages."""

from collections import Counter
from typing import Any

from telesim import views
from telesim.acts.telling import bots_in, lane_of_chat, tell_administrators
from telesim.sim import Sim
from telesim.world.chats import Chat
from telesim.world.messages import Message, Reaction

GROUPED_FOR = 1.0
"""Anonymous counts come late: all that happened within this many seconds in one update."""
EMOJI = frozenset({
    "👍", "👎", "❤", "🔥", "🥰", "👏", "😁", "🤔", "🤯", "😱", "🤬", "😢", "🎉", "🤩", "🤮", "💩", "🙏",
    "👌", "🕊", "🤡", "🥱", "🥴", "😍", "🐳", "❤‍🔥", "🌚", "🌭", "💯", "🤣", "⚡", "🍌", "🏆", "💔",
    "🤨", "😐", "🍓", "🍾", "💋", "🖕", "😈", "😴", "😭", "🤓", "👻", "👨‍💻", "👀", "🎃", "🙈", "😇",
    "😨", "🤝", "✍", "🤗", "🫡", "🎅", "🎄", "☃", "💅", "🤪", "🗿", "🆒", "💘", "🙉", "🦄", "😘", "💊",
    "🙊", "😎", "👾", "🤷‍♂", "🤷", "🤷‍♀", "😡",
})  # fmt: skip


def plain_emoji(emoji: str) -> str:
    """Without the mark that asks for a coloured picture: the heart with it and without it are one."""
    return emoji.replace("\ufe0f", "")


def react(sim: Sim, where: Chat, said: Message, by: int, emojis: list[str]) -> None:
    """Replace somebody's reactions. In channels the bots hear only how many there are."""
    old = said.reactions.get(by, [])
    if old == emojis:
        return
    sim.world.add(Reaction(said.chat, said.id, by, emojis))
    sim.feed.publish("edit", chat=said.chat, message=said.id)
    if by in sim.world.bots:
        return
    if where.type == "channel" or said.automatic_forward:
        _count_later(sim, where, said)
        return
    update = {
        "chat": views.chat(sim.world, where),
        "message_id": said.id,
        "user": views.user_by_id(sim.world, by),
        "date": sim.clock.seconds(),
        "old_reaction": [_type(emoji) for emoji in old],
        "new_reaction": [_type(emoji) for emoji in emojis],
    }
    if where.type == "private":
        for bot in bots_in(sim, where):
            sim.inboxes.tell(bot, "message_reaction", update, lane_of_chat(where))
    else:
        tell_administrators(sim, where, "message_reaction", update, lane_of_chat(where))


def _type(emoji: str) -> dict[str, Any]:
    return {"type": "emoji", "emoji": emoji}


def counted(said: Message) -> Counter[str]:
    return Counter(emoji for emojis in said.reactions.values() for emoji in emojis)


def _count_later(sim: Sim, where: Chat, said: Message) -> None:
    if said.key in sim.counting:
        return
    sim.counting.add(said.key)

    def tell() -> None:
        sim.counting.discard(said.key)
        update = {
            "chat": views.chat(sim.world, where),
            "message_id": said.id,
            "date": sim.clock.seconds(),
            "reactions": [{"type": _type(emoji), "total_count": n} for emoji, n in counted(said).items()],
        }
        tell_administrators(sim, where, "message_reaction_count", update, lane_of_chat(where))

    sim.timeline.later(GROUPED_FOR, tell)
