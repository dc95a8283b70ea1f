"""Who hears what: the three kinds of consumers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any, Literal

from dianabot.kernel.bus import store
from dianabot.kernel.events import CATALOGUE, Envelope, Fact, Routes
from dianabot.kernel.tx import Tx

TIMER = "timer."

Effect = Callable[[Tx, Envelope], Awaitable[None]]


@dataclass(frozen=True)
class Consequence:
    """A fact (or a timer, `timer.<kind>`) leads to an effect inside PostgreSQL, done once, in order per subject."""

    consumer: str
    on: str
    effect: Effect
    concerns: Callable[[Fact], str] | None = None
    """Whom the effect is about, under whose lock it runs, if not the fact's own subject."""
    singly: bool = False
    """Locks a shared row: never in a batch with others."""


@dataclass(frozen=True)
class Tail:
    """Reads the whole log in batches, in the order of commits; no order across subjects is promised."""

    consumer: str
    on: tuple[str, ...]
    effect: Callable[[Tx, Sequence[Envelope]], Awaitable[None]]
    batch: int = 1000
    linger: float = 0.0
    """Seconds that a batch may take to fill, in which nobody looks."""
    from_the_first: bool = False
    """A new one reads the whole log, not only what is committed from now on."""


@dataclass(frozen=True)
class Outside:
    """An effect outside PostgreSQL: leased, called outside any transaction, at most one in flight per subject.

    `repeat` says what a crash between the call and its acknowledgement means: `safe` calls again, `never` sets the
    event aside as unknown, for a person.
    """

    consumer: str
    on: str
    call: Callable[[Envelope], Awaitable[Any]]
    settle: Callable[[Tx, Envelope, Any], Awaitable[None]]
    repeat: Literal["safe", "never"]
    wanted_for: timedelta
    """How long the effect is worth having; after that it is dropped as lapsed."""
    not_attempts: tuple[type[Exception], ...] = ()
    """Failures of the far side which only make it wait."""


def matching(pattern: str) -> list[str]:
    """Event types of the catalogue that a pattern such as `user.*` names; a pattern that names none is a defect."""
    found = [pattern] if pattern.startswith(TIMER) else [name for name in CATALOGUE if fnmatchcase(name, pattern)]
    assert found, f"no event is called {pattern}"
    return found


def routes(consequences: Sequence[Consequence], outsides: Sequence[Outside] = ()) -> Routes:
    heard: dict[str, dict[str, Callable[[Fact], str] | None]] = {}
    rows: list[Consequence | Outside] = [*consequences, *outsides]
    for row in rows:
        for event_type in matching(row.on):
            consumers = heard.setdefault(event_type, {})
            assert row.consumer not in consumers, f"{row.consumer} hears {event_type} twice"
            consumers[row.consumer] = row.concerns if isinstance(row, Consequence) else None
    return Routes(heard)


async def spare(tx: Tx, consumer: str, event_types: Sequence[str]) -> None:
    """Of what it hears it has no use for these at present: acts that begin from now on hand it all others."""
    await tx.send(store.SPARE, consumer, list(event_types))


def timer_consumers(consequences: Sequence[Consequence]) -> Mapping[str, str]:
    """Kind of timer -> the consumer that acts on it."""
    return {row.on.removeprefix(TIMER): row.consumer for row in consequences if row.on.startswith(TIMER)}
