"""Messages that are said again elsewhere, with or without their origin."""

import secrets
from collections import Counter
from copy import deepcopy
from dataclasses import replace
from typing import Any

from telesim import views
from telesim.sim import Sim
from telesim.world.chats import Chat
from telesim.world.messages import Message


def origin_of(sim: Sim, source: Chat, said: Message) -> dict[str, Any]:
    """Where a forwarded message was first."""
    if said.forward_origin is not None:
        return said.forward_origin
    if said.sender_chat is not None:
        channel = views.chat(sim.world, sim.world.public[said.sender_chat])
        if source.type == "channel":
            return {"type": "channel", "date": said.date, "chat": channel, "message_id": said.id}
        return {"type": "chat", "date": said.date, "sender_chat": channel}
    return {"type": "user", "date": said.date, "sender_user": views.user_by_id(sim.world, said.sender or 0)}


def copied_poll(sim: Sim, said: Message, owner: int) -> str | None:
    """A poll of its own, with the same questions and no votes yet."""
    if said.poll is None:
        return None
    poll = replace(
        deepcopy(sim.world.polls[said.poll]),
        id=str(secrets.randbits(62)),
        owner=owner,
        votes={},
        counts=Counter(),
        places=[],
        closed=False,
    )
    return sim.world.add(poll).id


def can_be_copied(said: Message) -> bool:
    return not said.is_service and said.invoice is None and "paid_media" not in said.content
