"""LEER_HISTORIA: she opens the story where she left it, or at its beginning."""

from dataclasses import dataclass

from dianabot.operations.unit import Act, Unit, Who


@dataclass(frozen=True, slots=True)
class Opened:
    """The fragment in which she stands; `moved_from` is one that is gone, from which she was moved just now."""

    fragment: str
    visit: int
    moved_from: str | None = None


class ReadOn(Act[Opened]):
    """Outcome: where she stands. Refused with `StoryNotOpen` while nothing is published."""


async def read_on(unit: Unit, who: Who, _: ReadOn) -> Opened:
    here = await unit.fragments.begin(who.locked)
    return Opened(here.key, here.visit, here.moved_from)
