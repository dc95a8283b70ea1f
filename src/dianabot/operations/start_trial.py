"""PROBAR_VIP: a few days in the club, once a person."""

from datetime import datetime

from dianabot.channels.subscriptions import TrialUsed
from dianabot.operations.unit import Act, Unit, Who


class StartTrial(Act[datetime]):
    """Outcome: until when. Refused with `TrialUsed` or `AlreadyVip`."""


async def start_trial(unit: Unit, who: Who, _: StartTrial) -> datetime:
    until = await unit.subscriptions.start_trial(who.locked)
    if not await unit.members.use_trial(who.locked, until):
        raise TrialUsed
    return until
