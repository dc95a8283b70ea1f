"""EMPEZAR_DE_NUEVO: back to the first page; what she has done and found stays hers."""

from dianabot.operations.steps import Opened, arrive
from dianabot.operations.unit import Act, Unit, Who


class BeginAgain(Act[Opened]):
    """Story variables are as they were at first; nothing is rewarded a second time."""


async def begin_again(unit: Unit, who: Who, _: BeginAgain) -> Opened:
    return await arrive(unit, who.locked, await unit.fragments.begin_again(who.locked))
