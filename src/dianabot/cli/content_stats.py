"""`dianabot content stats` and `recount`: how the story of this database is read, by all its readers together."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

import click

from dianabot.cli.output import show, table
from dianabot.cli.session import OPERATOR, as_json, house, running
from dianabot.narrative.fragments import Readership
from dianabot.operations.recount import Recount

HEAD = ("fragment", "views", "readers", "completed", "time", "lost", "decisions")
NO_STORY = "No story is published: dianabot content import PATH"
NOBODY = "Nobody has read anything yet."


@dataclass(frozen=True)
class Found:
    read: list[Readership]
    days: int
    """After so many in one place, a reader has been lost there."""

    def to_json(self) -> dict[str, Any]:
        return {
            "lost_after_days": self.days,
            "fragments": [_fragment(one) for one in self.read],
            "endings": [{"key": one.key, "views": one.views, "share": share} for one, share in _endings(self.read)],
        }


@click.command(short_help="How the published story is read.")
@as_json
def stats(*, as_json: bool) -> None:
    """How the published story is read: who came, who went on, what was chosen, and where readers are lost.

    Up to 10 s behind them. "Completed" is the share of a fragment's readers who took a decision in it (an ending is
    completed when it is reached); "time" is that of a view that has ended; "lost" are those who have stood there for
    the days of the rule story.lost_after_days, and their share of its readers. Nobody is lost at an ending.
    """
    found = running(_found())
    show(found.to_json(), lambda: _told(found), as_json=as_json)


@click.command(short_help="Count anew how the story is read.")
@click.option("--reason", default="", help="For the audit.")
def recount(*, reason: str) -> None:
    """Count anew how the story is read, from the log, when `events list --dead` names what `readership` gave up."""

    async def go() -> None:
        async with house() as built:
            act = Recount(reason=reason)
            await built.coordinator.run(act, key=f"RECONTAR_LECTURAS:{uuid4()}", member=None, actor=OPERATOR)
        click.echo("All counts are at nothing and grow until the whole log has been read again.", err=True)

    running(go())


async def _found() -> Found:
    async with house() as built, built.coordinator.reading(OPERATOR) as unit:
        return Found(await unit.fragments.readership(), unit.rules.story.lost_after_days)


def _fragment(one: Readership) -> dict[str, Any]:
    times = sum(number for _, number in one.ways)
    ways = [{"key": key, "times": number, "share": _percent(number, times)} for key, number in one.ways]
    return asdict(one) | {"drop_off": _percent(one.lost, one.readers), "ways": ways}


def _endings(read: Iterable[Readership]) -> list[tuple[Readership, float]]:
    """The most frequent first, each with its share of all ends that readers came to."""
    endings = sorted((one for one in read if one.ending), key=lambda one: -one.views)
    return [(one, _percent(one.views, sum(each.views for each in endings))) for one in endings]


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


def _told(found: Found) -> list[str]:
    if not any(one.views for one in found.read):
        return [NOBODY if found.read else NO_STORY]
    endings = [(one.key, one.views, one.readers, f"{share:.0f} %") for one, share in _endings(found.read)]
    return [
        *table(HEAD, map(_row, found.read)),
        "",
        *(table(("ending", "reached", "readers", "share"), endings) if endings else ["The story has no ending."]),
        "",
        f"Lost is who has not read on for {found.days} days (rule story.lost_after_days).",
    ]


def _row(one: Readership) -> tuple[object, ...]:
    name = one.key if one.status == "published" else f"{one.key} ({one.status})"
    if not one.readers:
        return name, one.views, one.readers, "", "", "", ""
    lost = "" if one.ending else f"{one.lost} ({_percent(one.lost, one.readers):.0f} %)"
    times = sum(number for _, number in one.ways)
    ways = ", ".join(f"{key} {_percent(number, times):.0f} %" for key, number in one.ways) if times else ""
    return name, one.views, one.readers, f"{one.completed:.0f} %", f"{one.seconds:.0f} s", lost, ways
