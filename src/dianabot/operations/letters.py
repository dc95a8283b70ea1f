"""REINTENTAR_EVENTO, DESCARTAR_EVENTO, REPRODUCIR_EVENTOS: what a person does about events given up or missed."""

from pydantic import AwareDatetime

from dianabot.kernel.bus import letters
from dianabot.operations import store
from dianabot.operations.asks import Reasoning
from dianabot.operations.unit import Act, Unit, Who


class RetryLetter(Act[str]):
    """Outcome: the type of the event that goes back into its lane."""

    letter: int


class DropLetter(Act[str]):
    """Outcome: the type of the event that nobody will handle any more."""

    letter: int
    reason: Reasoning


class ReplayEvents(Act[int]):
    """One page of what `consumer` never had, oldest first, from `since` on. Outcome: how many; 0 when all is there."""

    consumer: str
    since: AwareDatetime


async def retry_letter(unit: Unit, _: Who, act: RetryLetter) -> str:
    letter = await letters.retry(unit.tx, act.letter)
    await store.audit(unit.tx, "retry_letter", f"letter:{act.letter}", before=letter.error, after=None, reason="")
    return letter.event_type


async def drop_letter(unit: Unit, _: Who, act: DropLetter) -> str:
    letter = await letters.drop(unit.tx, act.letter)
    await store.audit(
        unit.tx, "drop_letter", f"letter:{act.letter}", before=str(letter.correlation_id), after=None, reason=act.reason
    )
    return letter.event_type


async def replay_events(unit: Unit, _: Who, act: ReplayEvents) -> int:
    return await letters.replay(unit.tx, unit.tx.routes, act.consumer, act.since)
