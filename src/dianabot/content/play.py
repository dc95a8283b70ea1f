"""Random play: many made-up readers, each by chance, and what became of them. The same seed makes the same report."""

import random
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any, Final, Literal, TypeAlias

from dianabot.content.engine import Choice, Story, read
from dianabot.content.reader import Reader
from dianabot.gamification.levels import LevelsRules
from dianabot.vocabulary.world import World

FURTHEST: Final = 400
"""Decisions after which a reader has lost her way."""
BATCH: Final = 250
MIXES: Final = 0.5
"""How often she combines and uses what she has, before a decision."""
JOINS: Final = 0.5

Outcome: TypeAlias = Literal["ending", "walled", "stuck", "lost"]
Progress: TypeAlias = Callable[[int, int], None]


@dataclass
class Report:
    """Everything counts plays, unless it says otherwise."""

    runs: int = 0
    seed: int = 0
    endings: Counter[str] = field(default_factory=Counter)
    stuck: Counter[str] = field(default_factory=Counter)
    """By the fragment in which nothing went on, however long she waited."""
    walled: Counter[str] = field(default_factory=Counter)
    """By the fragment in which only the club led on, and she did not join."""
    lost: int = 0
    """Still reading after `FURTHEST` decisions."""
    fragments: Counter[str] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)
    earned: Counter[int] = field(default_factory=Counter)
    """Plays by the besitos that the story brought (levels included)."""
    spent: Counter[int] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)
    """Plays that came to an ending, by the days they waited on the way."""
    steps: Counter[int] = field(default_factory=Counter)
    """Plays that came to an ending, by the decisions it took."""
    locks: dict[str, Counter[int]] = field(default_factory=dict)
    """By locked decision: plays by the day on which it was opened."""
    met: Counter[str] = field(default_factory=Counter)
    """Plays that found the decision locked."""
    unseen: list[str] = field(default_factory=list)
    """Published fragments where nobody came."""
    untaken: list[str] = field(default_factory=list)

    def add(self, part: "Report") -> None:
        """What others played."""
        for one in fields(self):
            if isinstance(counted := getattr(self, one.name), Counter):
                counted.update(getattr(part, one.name))
        self.runs += part.runs
        self.lost += part.lost
        for key, days in part.locks.items():
            self.locks.setdefault(key, Counter()).update(days)

    def to_json(self) -> dict[str, Any]:
        return {
            "runs": self.runs,
            "seed": self.seed,
            "endings": _ordered(self.endings),
            "stuck": _ordered(self.stuck),
            "walled": _ordered(self.walled),
            "lost": self.lost,
            "fragments": _ordered(self.fragments),
            "decisions": _ordered(self.decisions),
            "unseen": self.unseen,
            "untaken": self.untaken,
            "besitos": {"earned": spread(self.earned), "spent": spread(self.spent)},
            "days_to_ending": spread(self.days),
            "decisions_to_ending": spread(self.steps),
            "locks": {
                key: {"met": self.met[key], "opened": self.locks.get(key, Counter()).total(),
                      "day": spread(self.locks.get(key, Counter()))}
                for key in sorted(self.met)
            },
        }  # fmt: skip


def spread(found: Counter[int]) -> dict[str, float]:
    """Least, median, nine of ten, most and mean; empty when nothing was counted."""
    total = found.total()
    if not total:
        return {}
    mean = sum(value * times for value, times in found.items()) / total
    return {
        "least": min(found),
        "median": _quantile(found, 0.5),
        "nine_of_ten": _quantile(found, 0.9),
        "most": max(found),
        "mean": round(mean, 2),
    }


def play(
    world: World,
    *,
    runs: int,
    seed: int,
    processes: int = 1,
    progress: Progress | None = None,
    growth: LevelsRules | None = None,
) -> Report:
    """`progress` is told now and then how many of the plays are done. More processes make no other report."""
    story = read(world)
    report = Report(seed=seed)
    batches = [
        range(first, min(first + BATCH, runs)) for first in range(0, runs if story.entry is not None else 0, BATCH)
    ]
    for part in _played(partial(_batch, world, seed, growth or LevelsRules()), batches, min(processes, len(batches))):
        report.add(part)
        if progress is not None:
            progress(report.runs, runs)
    report.unseen = sorted(story.scenes.keys() - report.fragments.keys())
    choices = {choice.key for scene in story.scenes.values() for choice in scene.choices}
    report.untaken = sorted(choices - report.decisions.keys())
    return report


def _played(batch: Callable[[range], Report], batches: Iterable[range], processes: int) -> Iterator[Report]:
    if processes < 2:
        yield from map(batch, batches)
        return
    with ProcessPoolExecutor(processes, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)) as pool:
        yield from pool.map(batch, batches)  # whoever interrupts is answered here alone


def _batch(world: World, seed: int, growth: LevelsRules, numbers: range) -> Report:
    """Chance goes by the number of a play, so that it is the same wherever it is played."""
    story, report = read(world), Report()
    for number in numbers:
        _one(story, random.Random(f"{seed}:{number}"), growth, report)
    return report


def _one(story: Story, chance: random.Random, growth: LevelsRules, report: Report) -> None:
    assert story.entry is not None
    language = chance.choice(story.world.languages)
    reader = Reader(story, growth, chance.random() < JOINS, story.entry, language)
    met: set[str] = set()
    taken: set[str] = set()
    opened: dict[str, int] = {}
    outcome, steps = _read_on(reader, chance, met, taken, opened)
    report.runs += 1
    report.fragments.update(reader.visits.keys())
    report.decisions.update(taken)
    report.earned[reader.earned] += 1
    report.spent[reader.spent] += 1
    report.met.update(met)
    for key, day in opened.items():
        report.locks.setdefault(key, Counter())[day] += 1
    if outcome == "ending":
        report.endings[reader.scene.key] += 1
        report.days[reader.day] += 1
        report.steps[steps] += 1
    elif outcome in {"stuck", "walled"}:
        (report.stuck if outcome == "stuck" else report.walled)[reader.scene.key] += 1
    else:
        report.lost += 1


def _read_on(
    reader: Reader, chance: random.Random, met: set[str], taken: set[str], opened: dict[str, int]
) -> tuple[Outcome, int]:
    for step in range(FURTHEST):
        if reader.scene.fragment.ending:
            return "ending", step
        if chance.random() < MIXES:
            reader.mix()
        choice = _choose(reader, chance, met)
        if choice is None:
            reader.mix()  # before she gives up
            choice = _choose(reader, chance, met)
        if choice is None:
            return ("walled" if _at_the_wall(reader) else "stuck"), step
        if choice.key in met:
            opened.setdefault(choice.key, reader.day)
        taken.add(choice.key)
        reader.decide(choice)
    return "lost", FURTHEST


def _choose(reader: Reader, chance: random.Random, met: set[str]) -> Choice | None:
    """One by chance; of a locked one she waits for what comes by waiting, else she takes another."""
    choices = [*reader.story.ways[reader.scene.key]]
    chance.shuffle(choices)
    for choice in choices:
        lacking = reader.lacking(choice)
        if not lacking:
            return choice
        if choice.decision.hidden:
            continue
        met.add(choice.key)
        if reader.wait(lacking) and not reader.lacking(choice):
            return choice
    return None


def _at_the_wall(reader: Reader) -> bool:
    """Whether joining the club would have led on."""
    return any(
        {each.what for each in reader.lacking(choice)} == {"vip_required"}
        for choice in reader.story.ways[reader.scene.key]
    )


def _ordered(found: Counter[str]) -> dict[str, int]:
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _quantile(found: Counter[int], share: float) -> int:
    passed = 0
    for value in sorted(found):
        passed += found[value]
        if passed >= share * found.total():
            return value
    return max(found)
