"""EMPEZAR_DE_NUEVO: back to the first page; what she has done and found stays hers."""

from dianabot.operations.steps import Opened
from dianabot.operations.unit import Act, Unit, Who


class BeginAgain(Act[Opened]):
    """Story variables are as they were at first; nothing is rewarded a second time."""


async def begin_again(unit: Unit, who: Who, _: BeginAgain) -> Opened:
    here = await unit.fragments.begin_again(who.locked)
    return Opened(here.key, here.visit)
