"""Polls are answered and closed."""

from telesim import views
from telesim.errors import ControlError
from telesim.sim import Sim
from telesim.world.messages import Poll, Vote
from telesim.world.people import Person


def vote(sim: Sim, person: Person, poll: Poll, option_ids: list[int]) -> None:
    """Choose, choose again, or with nothing take the choice back: as far as the poll allows."""
    chosen = sorted(set(option_ids))
    if poll.closed:
        raise ControlError("this poll is closed", 409)
    if any(not 0 <= index < len(poll.options) for index in chosen):
        raise ControlError("the poll has no such option")
    if len(chosen) > 1 and not poll.multiple:
        raise ControlError("only one option can be chosen")
    before = poll.votes.get(person.id)
    if before is not None and not poll.revoting:
        raise ControlError("this poll can be answered only once", 409)
    if chosen == (before or []):
        return
    sim.world.add(Vote(poll.id, person.id, chosen))
    _tell_answer(sim, person, poll, chosen)
    poll_changed(sim, poll)


def _tell_answer(sim: Sim, person: Person, poll: Poll, chosen: list[int]) -> None:
    """Who chose what is told of open polls only, and only to the bot that asked."""
    bot = sim.world.bots.get(poll.owner)
    if bot is None or poll.is_anonymous:
        return
    answer = {
        "poll_id": poll.id,
        "user": views.user(person),
        "option_ids": chosen,
        "option_persistent_ids": [poll.options[index]["persistent_id"] for index in chosen],
    }
    sim.inboxes.tell(bot, "poll_answer", answer, f"poll {poll.id}")


def poll_changed(sim: Sim, poll: Poll) -> None:
    bot = sim.world.bots.get(poll.owner)
    if bot is not None:
        sim.inboxes.tell(bot, "poll", views.poll(sim.world, poll, bot.id), f"poll {poll.id}")
    for chat, message_id in poll.places:
        sim.feed.publish("edit", chat=chat, message=message_id)


def close(sim: Sim, poll: Poll) -> None:
    if not poll.closed:
        poll.closed = True
        sim.world.keep(poll)
        poll_changed(sim, poll)


def close_in_time(sim: Sim, poll: Poll) -> None:
    if poll.close_date is not None and not poll.closed:
        sim.timeline.at(poll.close_date, lambda: close(sim, poll))
