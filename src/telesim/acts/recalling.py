"""What was said before the first day began, so that nobody enters an empty place."""

from collections.abc import Mapping

from telesim.acts.posting import post
from telesim.sim import Sim
from telesim.text import formatted
from telesim.world.chats import Chat
from telesim.world.messages import Message
from telesim.world.scene import Place, Scene


def recall(sim: Sim, scene: Scene, places: Mapping[Place, Chat]) -> None:
    """No bot hears of it: it was not there yet."""
    for past in scene.past:
        where = places[past.place]
        owner = next(member.user for member in sim.world.members_of(where) if member.status == "creator")
        content = formatted(past.html, "HTML").content()
        date = sim.clock.seconds() - round(past.hours_ago * 3600)
        sender = None if where.type == "channel" else owner
        post(sim, where, Message(where.key, 0, date, content, sender, author=owner), tell=False)
