"""`dianabot events`: the log, and what was given up."""

import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import click

from dianabot.cli.output import fields, show, table
from dianabot.cli.session import OPERATOR, as_json, house, running
from dianabot.cli.wanted import Wanted, key, number
from dianabot.kernel.bus import letters
from dianabot.operations.letters import DropLetter, ReplayEvents, RetryLetter
from dianabot.operations.reports import logged

CORRELATION = Wanted(click.UUID, "a correlation id, whole, as dianabot events list shows it")
DATE = Wanted(click.DateTime(), "a date, such as 2026-01-31 or 2026-01-31T18:00:00")
LETTER = key("the number of a dead letter: dianabot events list --dead shows them")
dead_letter = click.argument("letter", metavar="NUMBER", type=LETTER)


@click.group()
def events() -> None:
    """Read the log of events; see, retry and drop what failed."""


@events.command("list")
@click.option("--correlation", type=CORRELATION, help="Only the chain that one update or timer started.")
@click.option("--dead", is_flag=True, help="Only what was given up.")
@click.option("--limit", type=number(1, 1000), default=50, show_default=True, help="How many.")
@as_json
def list_(correlation: UUID | None, *, dead: bool, limit: int, as_json: bool) -> None:
    """The newest events, newest first."""
    running(_list_dead(limit, as_json=as_json) if dead else _list(correlation, limit, as_json=as_json))


async def _list(correlation: UUID | None, limit: int, *, as_json: bool) -> None:
    async with house() as built, built.coordinator.reading() as unit:
        found = await logged(unit.tx, correlation=correlation, limit=limit)
    rows = [
        {
            "seq": event.seq,
            "at": event.timestamp.isoformat(timespec="milliseconds"),
            "event": event.event_type,
            "subject": event.subject,
            "operation": event.operation,
            "correlation_id": str(event.correlation_id),
            "event_id": str(event.event_id),
            "data": event.data,
        }
        for event in found
    ]
    show(rows, lambda: _lines(rows, ("seq", "at", "event", "subject", "operation", "correlation_id")), as_json=as_json)


async def _list_dead(limit: int, *, as_json: bool) -> None:
    async with house() as built, built.coordinator.reading() as unit:
        found = await letters.letters(unit.tx, limit=limit)
    rows = [
        {
            "id": letter.id,
            "died_at": letter.died_at.isoformat(timespec="seconds"),
            "consumer": letter.consumer,
            "event": letter.event_type,
            "subject": letter.subject,
            "reason": letter.reason,
            "error": letter.error,
            "correlation_id": str(letter.correlation_id),
        }
        for letter in found
    ]
    show(
        rows,
        lambda: _lines(rows, ("id", "died_at", "consumer", "event", "subject", "reason", "error")),
        as_json=as_json,
    )


def _lines(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> list[str]:
    if not rows:
        return ["Nothing there."]
    return table(columns, [tuple(row[column] for column in columns) for row in rows])


@events.command("show")
@dead_letter
@as_json
def show_(letter: int, *, as_json: bool) -> None:
    """One dead letter, whole."""

    async def go() -> None:
        async with house() as built, built.coordinator.reading() as unit:
            found = await letters.letter(unit.tx, letter)
        whole = {
            "id": found.id,
            "died_at": found.died_at.isoformat(),
            "consumer": found.consumer,
            "event": found.event_type,
            "subject": found.subject,
            "reason": found.reason,
            "attempts": found.attempts,
            "error": found.error,
            "correlation_id": str(found.correlation_id),
            "data": found.event_data,
            "trace": found.trace,
        }
        show(whole, lambda: fields(whole), as_json=as_json)

    running(go())


@events.command()
@dead_letter
def retry(letter: int) -> None:
    """Put a dead letter back into its lane."""

    async def go() -> None:
        async with house() as built:
            act = RetryLetter(letter=letter)
            kind = await built.coordinator.run(act, key=f"REINTENTAR_EVENTO:{uuid4()}", member=None, actor=OPERATOR)
        click.echo(f"{kind} is back in its lane.", err=True)

    running(go())


@events.command()
@dead_letter
@click.option("--reason", default="", help="For the audit.")
def drop(letter: int, reason: str) -> None:
    """Throw a dead letter away."""

    async def go() -> None:
        async with house() as built:
            act = DropLetter(letter=letter, reason=reason)
            kind = await built.coordinator.run(act, key=f"DESCARTAR_EVENTO:{uuid4()}", member=None, actor=OPERATOR)
        click.echo(f"{kind} is gone.", err=True)

    running(go())


@events.command()
@click.argument("consumer")
@click.option("--since", type=DATE, required=True, help="From when on (UTC).")
def replay(consumer: str, since: datetime) -> None:
    """Give CONSUMER the events from before it existed. It never gets one twice."""
    running(_replay(consumer, since))


async def _replay(consumer: str, since: datetime) -> None:
    total, page, back = 0, 1, "\r" if sys.stderr.isatty() else ""
    async with house() as built:
        while page:
            act = ReplayEvents(consumer=consumer, since=since.replace(tzinfo=UTC))
            page = await built.coordinator.run(act, key=f"REPRODUCIR_EVENTOS:{uuid4()}", member=None, actor=OPERATOR)
            total += page
            if back:
                click.echo(f"{back}{total} events", nl=False, err=True)
    click.echo(f"{back}{total} events are on their way to {consumer}.", err=True)
