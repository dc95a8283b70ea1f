"""Where each fragment stands on the map: rows from top to bottom, the levels below each other as bands.

Plain layered drawing: ranks by the longest way, long ways bent around what lies between, crossings taken out by moving
everybody towards the middle of its neighbours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from dianabot.content.engine import Choice, Story
from dianabot.content.graph import finished, reached

WIDE: Final = 190
HIGH: Final = 54
APART: Final = 30
BETWEEN: Final = 64
"""From row to row, without the row."""
BEND: Final = 26
"""How much room a way takes that passes through a row."""
SWEEPS: Final = 8
ROW: Final = 12
"""The most in a row; what is more goes on below."""


@dataclass(frozen=True, slots=True)
class Layout:
    places: dict[str, tuple[float, float]]
    """The middle of each fragment."""
    bends: dict[str, list[tuple[float, float]]]
    """By decision: the points between its two fragments."""
    bands: list[tuple[int, float, float]]
    """Level, top, bottom."""
    width: float
    height: float


def layout(story: Story) -> Layout:
    rows, levels = _rows(story)
    row_of = {key: index for index, row in enumerate(rows) for key in row}
    through: dict[str, list[str]] = {}
    links: dict[str, set[str]] = {key: set() for key in row_of}
    for choice in _choices(story):
        chain = _chain(choice, row_of, rows)
        through[choice.key] = chain[1:-1]
        for upper, lower in pairwise(chain):
            links.setdefault(upper, set()).add(lower)
            links.setdefault(lower, set()).add(upper)
    across = _across(rows, links, set(row_of))
    least = min((x for x in across.values()), default=0.0) - WIDE
    down = [50 + index * (HIGH + BETWEEN) + HIGH / 2 for index in range(len(rows))]
    where = {key: (across[key] - least, down[index]) for index, row in enumerate(rows) for key in row}
    bends = {choice: [where[bend] for bend in chain] for choice, chain in through.items()}
    width = max((x for x, _ in where.values()), default=0) + WIDE
    height = (down[-1] if down else 0) + HIGH / 2 + 50
    return Layout({key: where[key] for key in row_of}, bends, _bands(levels, down), width, height)


def _choices(story: Story) -> list[Choice]:
    return [choice for scene in story.scenes.values() for choice in scene.choices if choice.to in story.scenes]


def _rows(story: Story) -> tuple[list[list[str]], list[int]]:
    """The fragments of each row, and each row's level."""
    first = [story.entry.key] if story.entry else []
    keys = [*first, *(key for key in story.scenes if key not in first)]
    edges = {key: [choice.to for choice in story.scenes[key].choices if choice.to in story.scenes] for key in keys}
    near = reached(edges, first)
    order = {key: index for index, key in enumerate(reversed(finished(edges)))}
    rank = dict.fromkeys(order, 0)
    for key, turn in order.items():
        for after in edges[key]:
            if order[after] > turn and (key in near or after not in near):
                rank[after] = max(rank[after], rank[key] + 1)
    steps: dict[tuple[int, int], list[str]] = {}
    for key in keys:
        steps.setdefault((story.scenes[key].fragment.level, rank[key]), []).append(key)
    rows, levels = [], []
    for (level, _), row in sorted(steps.items()):
        for begin in range(0, len(row), ROW):
            rows.append(row[begin : begin + ROW])
            levels.append(level)
    return rows, levels


def _chain(choice: Choice, row_of: dict[str, int], rows: list[list[str]]) -> list[str]:
    """The decision's two fragments with a bend in every row between them."""
    left, to = choice.key.partition(".")[0], choice.to
    begin, end = row_of[left], row_of[to]
    step = 1 if end >= begin else -1
    bends = []
    for row in range(begin + step, end, step):
        bend = f"{choice.key}@{row}"
        rows[row].append(bend)
        bends.append(bend)
    return [left, *bends, to]


def _across(rows: list[list[str]], links: dict[str, set[str]], solid: set[str]) -> dict[str, float]:
    across: dict[str, float] = {}
    for row in rows:
        across.update(_spread(row, [index * (WIDE + APART) for index in range(len(row))], solid))
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wish = {key: _middle([across[other] for other in links.get(key, ())], across[key]) for key in row}
            row.sort(key=wish.__getitem__)
            across.update(_spread(row, [wish[key] for key in row], solid))
    return across


def _spread(row: Sequence[str], wished: Sequence[float], solid: set[str]) -> dict[str, float]:
    """As near to what each wishes as the others let it."""
    found: list[float] = []
    end = float("-inf")
    for key, wish in zip(row, wished, strict=True):
        half = (WIDE + APART) / 2 if key in solid else BEND / 2
        found.append(max(wish, end + half))
        end = found[-1] + half
    shift = sum(wish - x for wish, x in zip(wished, found, strict=True)) / len(row)
    return {key: x + shift for key, x in zip(row, found, strict=True)}


def _middle(places: list[float], otherwise: float) -> float:
    return sum(places) / len(places) if places else otherwise


def _bands(levels: list[int], down: list[float]) -> list[tuple[int, float, float]]:
    half = (HIGH + BETWEEN) / 2
    found: dict[int, tuple[float, float]] = {}
    for level, y in zip(levels, down, strict=True):
        top, _ = found.get(level, (y - half, 0.0))
        found[level] = (top, y + half)
    return [(level, top, bottom) for level, (top, bottom) in found.items()]
