"""The history of all runs as one picture, and the newest table, in docs/performance.md."""

import json
import math
from html import escape
from pathlib import Path
from typing import Any, Final

from tools.drawing import STYLE

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"
PAGE: Final = DOCS / "performance.md"
PICTURE: Final = DOCS / "images" / "performance.svg"
BEGIN: Final = "<!-- the newest run: written by make bench -->"
END: Final = "<!-- end of the newest run -->"

LINE: Final = 58
LEFT: Final = 420
WIDTH: Final = 360
LOW, HIGH = 0.25, 16.0
"""From a quarter of what was promised to sixteen times."""

Run = dict[str, Any]


def draw(results: Path) -> None:
    """From every result there is."""
    runs: list[Run] = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(results.glob("*.json"))]
    runs.sort(key=lambda run: str(run["at"]))
    PICTURE.write_text(picture(runs), encoding="utf-8")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n{newest(runs[-1])}\n\n{END}{after}", encoding="utf-8")


def newest(run: Run) -> str:
    machine = run["machine"]
    head = (
        f"Measured {str(run['at'])[:10]} on {machine['cores']} cores of {machine['processor']}, "
        f"{machine['memory_mb'] // 1024} GB, {machine['system']}, Python {machine['python']}"
        f"{' (long run)' if run['full'] else ''}.\n\n"
        "| what | measured | yardstick | ratio | bar | goal | |\n|---|---:|---|---:|---:|---:|---|\n"
    )
    return head + "\n".join(_line(row) for row in run["rows"])


def _line(row: dict[str, Any]) -> str:
    sign = "≥" if row["better"] == "more" else "≤"
    yardstick = f"{row['yardstick']} {_number(row['measured'])}" if row["yardstick"] else "–"
    bar = "" if row["bar"] is None else f"{sign} {_number(row['bar'])}"
    cells = (f"{_number(row['value'])} {row['unit']}", yardstick, _number(row["ratio"]), bar, _number(row["goal"]))
    return f"| {row['what']} | {' | '.join(cells)} | {row['met']} |"


def picture(runs: list[Run]) -> str:
    """A line for each promised figure; every dot is a run, the newest is filled; right of the rule is better."""
    names = [_name(row) for row in runs[-1]["rows"] if row["bar"] is not None]
    height = LINE * len(names) + 60
    inside = [_text(LEFT + _at(times), 24, f"{times:g}×", "small", "middle") for times in (0.5, 1, 2, 4, 8)]
    rule = LEFT + _at(1)
    inside.append(f'<line class="arrow" x1="{rule:.0f}" y1="34" x2="{rule:.0f}" y2="{height - 20}"/>')
    for place, name in enumerate(names):
        inside += _history(name, runs, 60 + LINE * place)
    said = "How many times what was promised, run by run"
    body = "\n".join(inside)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 40} {height}" role="img" '
        f'aria-label="{said}">{STYLE}<rect class="paper" width="100%" height="100%" rx="8"/>{body}</svg>\n'
    )


def _history(name: str, runs: list[Run], y: int) -> list[str]:
    rows = [row for run in runs for row in run["rows"] if _name(row) == name and row["bar"]]
    drawn = [_text(LEFT - 16, y, name.partition(" vs ")[0], "", "end")]
    drawn.append(_text(LEFT - 16, y + 16, _said(rows[-1]), "small", "end"))
    drawn.append(f'<line class="life" x1="{LEFT}" y1="{y}" x2="{LEFT + WIDTH}" y2="{y}"/>')
    if rows[-1]["goal"] is not None:
        at = LEFT + _at(_times(rows[-1], rows[-1]["goal"]))
        drawn.append(f'<line class="arrow answer" x1="{at:.0f}" y1="{y - 9}" x2="{at:.0f}" y2="{y + 9}"/>')
    for row in rows:
        at = LEFT + _at(_times(row, _judged(row)))
        drawn.append(f'<circle class="{"tip" if row is rows[-1] else "box"}" cx="{at:.1f}" cy="{y}" r="5"/>')
    return drawn


def _said(row: dict[str, Any]) -> str:
    versus = (
        f"{_number(row['ratio'])} of {row['yardstick']}"
        if row["yardstick"]
        else f"{_number(row['value'])} {row['unit']}"
    )
    return f"{versus} · promised {_number(row['bar'])}, goal {_number(row['goal']) or 'none'}"


def _name(row: dict[str, Any]) -> str:
    return f"{row['what']} vs {row['yardstick']}" if row["yardstick"] else str(row["what"])


def _judged(row: dict[str, Any]) -> float:
    return float(row["value"] if row["ratio"] is None else row["ratio"])


def _times(row: dict[str, Any], figure: float) -> float:
    """How many times what was promised."""
    bar = float(row["bar"])
    return figure / bar if row["better"] == "more" else bar / max(figure, 1e-9)


def _at(times: float) -> float:
    """Its place on a scale on which twice as good is always the same step."""
    bounded = min(max(times, LOW), HIGH)
    return WIDTH * math.log(bounded / LOW) / math.log(HIGH / LOW)


def _text(x: float, y: float, words: str, kind: str, anchor: str) -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text{style} x="{x:.0f}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}".rstrip("0").rstrip(".")
