"""The wall of the club, the invitation to try it, and what is read behind it."""

from zoneinfo import ZoneInfo

from dianabot.channels.subscriptions import AlreadyVip, TrialUsed
from dianabot.operations.enter_vip import EnterVip
from dianabot.operations.start_trial import StartTrial
from dianabot.screens import callbacks, story
from dianabot.telegram.asked import Asked
from dianabot.telegram.reading import attempt, current, screen, show_opened, turn


async def show(asked: Asked) -> None:
    """A try at the door: `ACCEDER_NARRATIVA_VIP` lets in whoever belongs here by now, all others see the wall."""
    door = asked.tapped(callbacks.ShowClub).door
    if door:
        await _through(asked, door)
    else:
        await asked.show(await screen(asked))


async def enter(asked: Asked) -> None:
    """By one way of one visit it is one act, as every decision."""
    door = asked.tapped(callbacks.EnterVip).door
    await _through(asked, door, nonce=door if callbacks.way_through(door) else None)


async def try_it(asked: Asked) -> None:
    door = asked.tapped(callbacks.TryClub).door
    zone = ZoneInfo(asked.member.time_zone or asked.rules.creator.time_zone)
    try:
        until = await asked.run(StartTrial())
    except (AlreadyVip, TrialUsed):
        club = await asked.read(lambda unit: unit.subscriptions.club(asked.member.id))
        if not club.vip or club.until is None:
            raise
        until = club.until  # a second tap, or days that came otherwise
    await asked.show(story.welcome(asked.words, until, door, zone=zone))


async def _through(asked: Asked, door: str, *, nonce: str | None = None) -> None:
    way = callbacks.way_through(door)
    act = EnterVip(fragment=door) if way is None else EnterVip(decision=way.decision, visit=way.visit)
    before = await current(asked)
    opened = await attempt(asked, act, door=door, nonce=nonce)
    if opened is None:
        return
    if opened.taken is not None:
        await turn(asked, before, opened.taken)
    else:
        await show_opened(asked, opened)
