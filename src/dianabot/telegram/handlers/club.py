"""The wall of the club, the invitation to try it, and what is read behind it."""

from zoneinfo import ZoneInfo

from dianabot.channels.subscriptions import AlreadyVip, TrialUsed
from dianabot.operations.enter_vip import EnterVip
from dianabot.operations.start_trial import StartTrial
from dianabot.operations.steps import VipOnly
from dianabot.screens import callbacks, story
from dianabot.telegram.asked import Asked
from dianabot.telegram.reading import screen, wall_before


async def show(asked: Asked) -> None:
    """A try at the door: `ACCEDER_NARRATIVA_VIP` lets in whoever belongs here by now, all others see the wall."""
    key = asked.tapped(callbacks.ShowClub).fragment
    try:
        if key:
            await asked.run(EnterVip(fragment=key))
    except VipOnly:
        await asked.show(await wall_before(asked, key))
        return
    await asked.show(await screen(asked))


async def enter(asked: Asked) -> None:
    await asked.run(EnterVip(fragment=asked.tapped(callbacks.EnterVip).fragment))
    await asked.show(await screen(asked))


async def try_it(asked: Asked) -> None:
    fragment = asked.tapped(callbacks.TryClub).fragment
    zone = ZoneInfo(asked.member.time_zone or asked.rules.creator.time_zone)
    try:
        until = await asked.run(StartTrial())
    except (AlreadyVip, TrialUsed):
        club = await asked.read(lambda unit: unit.subscriptions.club(asked.member.id))
        if not club.vip or club.until is None:
            raise
        until = club.until  # a second tap, or days that came otherwise
    await asked.show(story.welcome(asked.words, until, fragment, zone=zone))
