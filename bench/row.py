"""One figure of the table, beside its yardstick and what was promised."""

from dataclasses import dataclass
from statistics import median
from typing import Literal

Better = Literal["more", "less"]


@dataclass(frozen=True)
class Row:
    what: str
    value: float
    unit: str
    bar: float | None = None
    goal: float | None = None
    better: Better = "more"
    yardstick: str = ""
    measured: float | None = None
    """The yardstick's own figure, in the same unit."""

    @property
    def judged(self) -> float:
        """What bar and goal speak about: the ratio where there is a yardstick, else the figure itself."""
        return self.value / self.measured if self.measured else self.value

    @property
    def met(self) -> str:
        if self.bar is None:
            return ""
        if self.goal is not None and self._reaches(self.goal):
            return "goal"
        return "bar" if self._reaches(self.bar) else "MISSED"

    def _reaches(self, wanted: float) -> bool:
        return self.judged >= wanted if self.better == "more" else self.judged <= wanted

    def to_json(self) -> dict[str, object]:
        return {
            "what": self.what,
            "value": round(self.value, 4),
            "unit": self.unit,
            "yardstick": self.yardstick,
            "measured": None if self.measured is None else round(self.measured, 4),
            "ratio": None if self.measured is None else round(self.judged, 4),
            "bar": self.bar,
            "goal": self.goal,
            "better": self.better,
            "met": self.met,
        }


HEAD = ("what", "measured", "", "yardstick", "ratio", "bar", "goal", "")


def table(rows: list[Row]) -> str:
    lines = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    left = {0, 2, 3, 7}
    printed = [
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([printed[0], "-" * max(map(len, printed)), *printed[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    yardstick = f"{row.yardstick} {number(row.measured)}" if row.measured else ""
    sign = "≥" if row.better == "more" else "≤"
    return (
        row.what,
        number(row.value),
        row.unit,
        yardstick,
        f"{row.judged:.2f}" if row.measured else "",
        "" if row.bar is None else f"{sign} {number(row.bar)}",
        "" if row.goal is None else number(row.goal),
        row.met,
    )


def number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}".rstrip("0").rstrip(".")


def middle(values: list[float]) -> float:
    """What one slow or lucky round does not move."""
    return median(values)
