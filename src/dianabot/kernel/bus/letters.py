"""Dead letters: what could not be done, kept with its reason until a person has dealt with it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from dianabot.kernel.bus import store
from dianabot.kernel.errors import Refusal
from dianabot.kernel.events import Envelope, Fact, Priority, Routes, lane_of
from dianabot.kernel.metrics import dead_letters_total
from dianabot.kernel.tx import Tx

PAGE = 500


class EventProcessingFailed(Fact):
    """A consumer gave an event up; it lies in the dead letters."""

    event_type = "system.event_processing_failed"
    priority: ClassVar[Priority] = Priority.HIGH

    consumer: str
    failed_event: UUID
    failed_type: str


class NoSuchLetter(Refusal):
    letter: int


class CannotRetry(Refusal):
    """What a tail gave up has been passed over: the log holds it, a rebuild reads it again."""

    letter: int


class AlreadyHeard(Refusal):
    """The consumer had these events when they happened."""

    consumer: str


@dataclass(frozen=True, slots=True)
class Letter:
    id: int
    consumer: str
    seq: int
    event_type: str
    subject: str
    reason: str
    error: str
    attempts: int
    died_at: datetime
    correlation_id: UUID


@dataclass(frozen=True, slots=True)
class WholeLetter(Letter):
    event_data: dict[str, Any]
    trace: str


@dataclass(frozen=True, slots=True)
class Death:
    consumer: str
    attempts: int
    reason: str
    error: str
    trace: str


async def bury(tx: Tx, event: Envelope, death: Death) -> None:
    """Out of the lane, into the letters, with a fact that says so."""
    await tx.send(
        store.BURY,
        death.consumer,
        lane_of(event.subject),
        event.seq,
        death.attempts,
        death.reason,
        death.error,
        death.trace,
        tx.at,
    )
    tell(tx, event, death)


def tell(tx: Tx, event: Envelope, death: Death) -> None:
    """Announce a death, except that of such an announcement: one that nobody can hear must not echo for ever."""
    dead_letters_total.labels(death.consumer).inc()
    if event.event_type != EventProcessingFailed.event_type:
        with tx.caused_by(event):
            tx.announce(
                EventProcessingFailed(
                    consumer=death.consumer, failed_event=event.event_id, failed_type=event.event_type
                )
            )


async def letters(tx: Tx, *, before: int | None = None, limit: int = 50) -> list[Letter]:
    return await tx.all(Letter, store.LETTERS, before, limit)


async def letter(tx: Tx, number: int) -> WholeLetter:
    found = await tx.one(WholeLetter, store.LETTER, number)
    if found is None:
        raise NoSuchLetter(number)
    return found


async def retry(tx: Tx, number: int) -> Letter:
    """Back into its lane, as if it had just arrived."""
    found = await letter(tx, number)
    if not await tx.run(store.RETRY, number):
        raise CannotRetry(number)
    return found


async def drop(tx: Tx, number: int) -> Letter:
    found = await letter(tx, number)
    await tx.run(store.DROP, number)
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    since_seq: int
    filled_to_seq: int


async def make_known(tx: Tx, consumers: Sequence[str]) -> None:
    """Note from which event on a consumer hears, before it hears the first: what lies before can be replayed.

    Deliveries may already wait for it, from processes that started earlier; for a new one nobody may be writing.
    """
    new = await tx.column(str, store.UNKNOWN_CONSUMERS, list(consumers))
    if new:
        await tx.send(store.NOBODY_WRITES)
        await tx.send(store.KNOWN_CONSUMER, new)


async def replay(tx: Tx, routes: Routes, consumer: str, since: datetime) -> int:
    """Hand a consumer the events from before it existed, oldest page first, from `since` on; how many this time.

    Called again until it answers 0. Each is delivered once and in order: the consumer's row remembers how far it is.
    """
    types = [event_type for event_type, heard in routes.heard.items() if consumer in heard]
    known = await tx.one(_Known, store.HOLD_CONSUMER, consumer)
    if known is None or not types:
        raise AlreadyHeard(consumer)
    page = await tx.all(Envelope, store.REPLAYABLE, types, since, known.filled_to_seq, known.since_seq, PAGE)
    if not page:
        return 0
    rows = []
    for event in page:
        subject = routes.of(event.fact)[consumer]
        rows.append({"event_id": str(event.event_id), "subject": subject, "lane": lane_of(subject)})
    await tx.send(store.FILL, consumer, json.dumps(rows))
    await tx.send(store.FILLED, consumer, page[-1].seq)
    return len(page)
