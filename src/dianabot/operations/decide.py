"""TOMAR_DECISION: one way on, taken once per visit, with all that follows from it."""

from dianabot.narrative.fragments import NotReading
from dianabot.operations.asks import Number
from dianabot.operations.steps import Taken, take
from dianabot.operations.unit import Act, Unit, Who


class Decide(Act[Taken]):
    """A button of the page that she has open: the decision, and the visit in which it was shown."""

    decision: Number
    visit: Number


async def decide(unit: Unit, who: Who, act: Decide) -> Taken:
    here = await unit.fragments.here(who.locked, who.language)
    if here is None:
        raise NotReading
    choice = await unit.fragments.choose(who.locked, here, act.visit, act.decision, who.language)
    return await take(unit, who.locked, here, choice)
