"""PROBAR_VIP: a few days in the club, once a person."""

from datetime import datetime

from dianabot.channels.subscriptions import TrialUsed
from dianabot.operations.unit import Act, Unit, Who


class StartTrial(Act[datetime]):
    """Outcome: until when. Refused with `TrialUsed` or `AlreadyVip`."""


async def start_trial(unit: Unit, who: Who, _: StartTrial) -> datetime:
    if await unit.members.trial_used(who.locked):
        raise TrialUsed
    until = await unit.subscriptions.start_trial(who.locked)
    await unit.members.use_trial(who.locked, until)
    return until
