"""Diagrams as SVG, drawn from a few lines of text, so that a page asks nothing of anybody to show them.

A sequence is written as lines: `actors: A | B`, `A -> B: what`, `A --> B: what comes back`, `A: what it does alone`,
`= what holds from here on`. Floors are drawn from the import contracts themselves.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

STYLE = """<style>
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1f2933 }
  .said { paint-order: stroke; stroke: #ffffff; stroke-width: 5px }
  .title { font-weight: 600; font-size: 15px } .small { font-size: 12px; fill: #52606d } .actor { font-weight: 600 }
  .paper { fill: #ffffff; stroke: #d9dee5 } .box { fill: #eef2f8; stroke: #9aa8bc } .band { fill: #f6eef4 }
  .life { stroke: #b6c0cd; stroke-dasharray: 3 4 } .arrow { stroke: #7a2e5d; stroke-width: 1.6; fill: none }
  .answer { stroke-dasharray: 5 4 } .tip { fill: #7a2e5d }
  @media (prefers-color-scheme: dark) {
    text { fill: #e4e7eb } .small { fill: #a9b4c2 } .paper { fill: #1c2128; stroke: #3b4552 }
    .said { stroke: #1c2128 } .box { fill: #2a323d; stroke: #5b6878 } .band { fill: #2f2430 } .life { stroke: #4a5563 }
    .arrow { stroke: #e08abf } .tip { fill: #e08abf }
  }
</style>
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">
<path class="tip" d="M0 0 10 5 0 10z"/></marker></defs>"""
ARROW = re.compile(r"(?P<start>.+?) (?P<line>-->|->) (?P<end>.+?): (?P<says>.+)")
WIDE = 7.0  # of a letter, on average


@dataclass(frozen=True)
class Step:
    says: str
    start: str = ""
    end: str = ""
    answer: bool = False


def sequence(text: str) -> str:
    """One diagram of who says what to whom, from top to bottom."""
    title, actors, steps = parse(text)
    across = columns(actors, steps)
    width = across[actors[-1]] + 90
    drawn, y = [], 118.0
    for step in steps:
        drawn.append(_step(step, across, y, width))
        y += 36 if step.start and step.start == step.end else 40
    lives = [
        f'<line class="life" x1="{x}" y1="84" x2="{x}" y2="{y}"/>{_box(actor, x, 68)}' for actor, x in across.items()
    ]
    return _paper(title, width, y + 24, [*lives, *drawn])


def columns(actors: Sequence[str], steps: Sequence[Step]) -> dict[str, float]:
    """Where each actor stands: far enough from the next for what they say to each other."""
    across, x = {actors[0]: 90.0}, 90.0
    for left, right in pairwise(actors):
        said = [len(step.says) for step in steps if {step.start, step.end} == {left, right}]
        x += max([150.0, *(length * WIDE + 28 for length in said)])
        across[right] = x
    return across


def parse(text: str) -> tuple[str, list[str], list[Step]]:
    """Refuses a line that it does not understand or that names nobody: a diagram is not allowed to lie quietly."""
    title, actors, steps = "", [""], []
    for line in filter(None, map(str.strip, text.splitlines())):
        key, _, said = line.partition(": ")
        arrow = ARROW.fullmatch(line)
        if key == "title":
            title = said
        elif key == "actors":
            actors = [actor.strip() for actor in said.split("|")]
        elif line.startswith("= "):
            steps.append(Step(line[2:]))
        elif arrow and {arrow["start"], arrow["end"]} <= set(actors):
            steps.append(Step(arrow["says"], arrow["start"], arrow["end"], arrow["line"] == "-->"))
        elif key in actors and said:
            steps.append(Step(said, key, key))
        else:
            raise ValueError(f"a diagram says what nobody here can draw: {line}")
    return title, actors, steps


def _step(step: Step, across: dict[str, float], y: float, width: float) -> str:
    if not step.start:
        band = f'<rect class="band" x="12" y="{y - 17}" width="{width - 24}" height="24" rx="4"/>'
        return band + _text(step.says, width / 2, y, "small")
    here, there = across[step.start], across[step.end]
    if here == there:
        half = len(step.says) * WIDE / 2 + 10
        middle = min(max(here, half + 12), width - half - 12)
        box = f'<rect class="box" x="{middle - half}" y="{y - 17}" width="{2 * half}" height="24" rx="12"/>'
        return box + _text(step.says, middle, y, "small")
    style = "arrow answer" if step.answer else "arrow"
    line = f'<line class="{style}" x1="{here}" y1="{y}" x2="{there}" y2="{y}" marker-end="url(#tip)"/>'
    return _text(step.says, (here + there) / 2, y - 7, "said") + line


def floors(title: str, rows: Sequence[tuple[str, str]], foot: str) -> str:
    """Storeys, the highest first, each with what it is for."""
    width, y, drawn = 980.0, 64.0, []
    for names, what in rows:
        drawn.append(f'<rect class="box" x="24" y="{y}" width="{width - 48}" height="34" rx="4"/>')
        drawn.append(f'<text class="actor" x="40" y="{y + 22}">{escape(names)}</text>')
        drawn.append(f'<text class="small" x="{width - 40}" y="{y + 22}" text-anchor="end">{escape(what)}</text>')
        y += 40
    drawn.append(_text(foot, width / 2, y + 18, "small"))
    return _paper(title, width, y + 36, drawn)


def _box(says: str, middle: float, y: float) -> str:
    half = max(54.0, len(says) * WIDE / 2 + 12)
    return f'<rect class="box" x="{middle - half}" y="{y - 19}" width="{2 * half}" height="30" rx="5"/>' + _text(
        says, middle, y, "actor"
    )


def _text(says: str, x: float, y: float, style: str = "") -> str:
    return f'<text class="{style}" x="{x}" y="{y}" text-anchor="middle">{escape(says)}</text>'


def _paper(title: str, width: float, height: float, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" '
        f'aria-label="{escape(title)}">'
    )
    paper = f'<rect class="paper" x="1" y="1" width="{width - 2:g}" height="{height - 2:g}" rx="8"/>'
    return "\n".join([head, STYLE, paper, _text(title, width / 2, 34, "title"), *parts, "</svg>"]) + "\n"
