"""What `dianabot content play` tells of many plays: tables for a person, with the numbers of `--json`."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from dianabot.cli.output import table
from dianabot.content.play import FURTHEST, Report, spread

SPREAD: Final = {"least": "least", "median": "median", "nine_of_ten": "9 of 10 within", "most": "most", "mean": "mean"}


def told(report: Report) -> Iterator[str]:
    yield f"{_plays(report.runs)} with seed {report.seed}."
    yield from _counted("ending", report.endings, report.runs)
    yield from _counted("stuck in", report.stuck, report.runs)
    yield from _counted("outside the club at", report.walled, report.runs)
    if report.lost:
        yield from ("", f"{_plays(report.lost)} had come to no ending after {FURTHEST} decisions.")
    yield from _titled(("per play", *SPREAD.values()), _spreads(report))
    yield from _titled(("lock", "met", "opened", *(f"day: {name}" for name in SPREAD.values())), _locks(report))
    yield from _counted("fragment", report.fragments, report.runs)
    yield from _counted("decision", report.decisions, report.runs)
    yield from _named("Fragments nobody saw (unseen)", report.unseen)
    yield from _named("Decisions nobody took (untaken)", report.untaken)


def _plays(number: int) -> str:
    return f"{number} play{'' if number == 1 else 's'}"


def _titled(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    """Set apart; nothing at all where there is no row."""
    if rows := list(rows):
        yield from ("", *table(head, rows))


def _counted(what: str, found: Counter[str], runs: int) -> Iterator[str]:
    """The most frequent first."""
    ordered = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return _titled((what, "plays", "share"), ((key, number, f"{100 * number / runs:.0f} %") for key, number in ordered))


def _spreads(report: Report) -> Iterator[tuple[object, ...]]:
    for what, found in (
        ("besitos earned", report.earned),
        ("besitos spent", report.spent),
        ("days to an ending", report.days),
        ("decisions to an ending", report.steps),
    ):
        if found:
            yield what, *_spread(found)


def _spread(found: Counter[int]) -> list[object]:
    numbers = spread(found)
    return [numbers.get(name, "") for name in SPREAD]


def _locks(report: Report) -> Iterator[tuple[object, ...]]:
    """Of those that were met: on which day of a play they were opened."""
    for key in sorted(report.met):
        days = report.locks.get(key, Counter())
        yield key, report.met[key], days.total(), *_spread(days)


def _named(what: str, keys: list[str]) -> Iterator[str]:
    if keys:
        yield from ("", f"{what}: {', '.join(keys)}")
