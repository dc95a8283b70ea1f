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


async def retry_letter(unit: Unit, who: Who, act: RetryLetter) -> str:
    await _alone(unit, who, act.letter)
    letter = await letters.retry(unit.tx, act.letter)
    await store.audit(unit.tx, "retry_letter", f"letter:{act.letter}", before=letter.error, after=None, reason="")
    return letter.event_type


async def drop_letter(unit: Unit, who: Who, act: DropLetter) -> str:
    await _alone(unit, who, act.letter)
    letter = await letters.drop(unit.tx, act.letter)
    await store.audit(
        unit.tx, "drop_letter", f"letter:{act.letter}", before=str(letter.correlation_id), after=None, reason=act.reason
    )
    return letter.event_type


async def replay_events(unit: Unit, who: Who, act: ReplayEvents) -> int:
    await _in_charge(unit, who)
    return await letters.replay(unit.tx, unit.tx.routes, act.consumer, act.since)


async def _in_charge(unit: Unit, who: Who) -> None:
    """Admins and owners, and the operator, who is no member."""
    if who.member is not None:
        await unit.members.require(who.member, "admin")


async def _alone(unit: Unit, who: Who, letter: int) -> None:
    """Whoever comes second to a letter finds it gone, and is told so."""
    await _in_charge(unit, who)
    await unit.tx.lock_name(f"letter:{letter}")
