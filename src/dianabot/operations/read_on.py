"""LEER_HISTORIA: she opens the story where she left it, or at its beginning."""

from dianabot.operations.steps import Opened, arrive
from dianabot.operations.unit import Act, Unit, Who


class ReadOn(Act[Opened]):
    """Outcome: where she stands. Refused with `StoryNotOpen` while nothing is published."""


async def read_on(unit: Unit, who: Who, _: ReadOn) -> Opened:
    return await arrive(unit, who.locked, await unit.fragments.begin(who.locked))
