"""COMBINAR_PISTAS: hints that make something together, once."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from dianabot.operations.asks import ContentKey
from dianabot.operations.rewards import Deed, claim, give
from dianabot.operations.unit import Act, Unit, Who
from dianabot.vocabulary.reward import dump


@dataclass(frozen=True, slots=True)
class Joined:
    """What came of it: words in her language, and as a reward's document all that was given now."""

    combination: str
    text: str
    given: dict[str, Any]


class Combine(Act[Joined]):
    """Hints by key, in any order. Refused with `HintNotFound`, `NothingComesOfIt` or `AlreadyCombined`."""

    hints: Annotated[list[ContentKey], Field(min_length=1, max_length=10)]


async def combine_hints(unit: Unit, who: Who, act: Combine) -> Joined:
    member = who.locked
    combined = await unit.hints.combine(member, act.hints, who.language)
    deed = Deed(f"combination:{combined.key}", combined.reward)
    given = await give(unit, member, await claim(unit, member, [deed]))
    return Joined(combined.key, combined.text, dump(given))
