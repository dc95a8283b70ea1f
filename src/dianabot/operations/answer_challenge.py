"""RESPONDER_RETO: an answer to the challenge of the page that she has open."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from pydantic import StringConstraints

from dianabot.narrative.fragments import NotReading
from dianabot.operations.asks import Number, Words
from dianabot.operations.steps import Taken, take
from dianabot.operations.unit import Act, Unit, Who

RIDDLE: Final = "riddle"
"""What is expected of her once she has said that she answers, and after an answer that was wrong."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How it was judged, and the step that followed; none: she may try again."""

    result: str
    tries_left: int
    step: Taken | None


class AnswerChallenge(Act[Judged]):
    """A riddle is answered by words, a quiz by the number of an option; once she moves on, no answer is awaited."""

    personal: ClassVar[frozenset[str]] = frozenset({"text"})
    visit: Number
    text: Annotated[Words, StringConstraints(max_length=4096)] | None = None
    option: Number | None = None


async def answer_challenge(unit: Unit, who: Who, act: AnswerChallenge) -> Judged:
    here = await unit.fragments.here(who.locked, who.language)
    if here is None:
        raise NotReading
    given = act.option if act.option is not None else act.text or ""
    judged = await unit.fragments.answer(who.locked, here, act.visit, given)
    step = None if judged.way is None else await take(unit, who.locked, here, judged.way)
    if act.text is not None:  # asked for or not: it means the same when it is worked off again
        await unit.members.expect(who.locked, RIDDLE, {"visit": act.visit})
        if step is not None:
            await unit.members.settle_expected(who.locked)
    return Judged(judged.result, judged.tries_left, step)
