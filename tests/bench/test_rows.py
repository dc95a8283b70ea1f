import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench import history
from bench.row import Row, table

FAST = Row("acts", 900, "acts/s", 0.4, 0.6, yardstick="by hand", measured=1000)


@pytest.mark.parametrize(
    ("row", "met"),
    [
        (FAST, "goal"),
        (Row("acts", 500, "acts/s", 0.4, 0.6, yardstick="by hand", measured=1000), "bar"),
        (Row("acts", 300, "acts/s", 0.4, 0.6, yardstick="by hand", measured=1000), "MISSED"),
        (Row("start", 2.5, "s", 6, 3, "less"), "goal"),
        (Row("start", 5.0, "s", 6, 3, "less"), "bar"),
        (Row("start", 6.1, "s", 6, 3, "less"), "MISSED"),
        (Row("lag", 1.0, "ms"), ""),
    ],
)
def test_a_figure_is_judged_by_its_ratio_or_by_itself(row: Row, met: str) -> None:
    assert row.met == met


def test_the_table_shows_measured_yardstick_ratio_and_verdict() -> None:
    head, _, line = table([FAST]).splitlines()
    assert head.split() == ["what", "measured", "yardstick", "ratio", "bar", "goal"]
    assert line.split() == ["acts", "900", "acts/s", "by", "hand", "1,000", "0.90", "≥", "0.4", "0.6", "goal"]


def run(value: float, at: str) -> dict[str, object]:
    machine = {"processor": "Some <CPU>", "cores": 2, "memory_mb": 4096, "system": "Linux", "python": "3.11"}
    row = Row("acts", value, "acts/s", 0.4, 0.6, yardstick="by hand", measured=1000)
    return {"at": at, "machine": machine, "full": False, "rows": [row.to_json()]}


def test_the_picture_has_a_dot_for_every_run_and_is_well_formed() -> None:
    drawn = ET.fromstring(history.picture([run(900, "2026-01-01"), run(500, "2026-01-02"), run(1, "2026-01-03")]))  # noqa: S314 - our own picture
    assert len(drawn.findall("{*}circle")) == 3


def test_the_page_keeps_its_words_and_shows_the_newest_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{history.BEGIN}\nold\n{history.END}\nafter\n")
    monkeypatch.setattr(history, "PAGE", page)
    monkeypatch.setattr(history, "PICTURE", tmp_path / "performance.svg")
    for value, day in ((500, "2026-01-02"), (900, "2026-01-03")):
        (tmp_path / f"{day}.json").write_text(json.dumps(run(value, day)))
    history.draw(tmp_path)
    said = page.read_text()
    assert said.startswith("before\n")
    assert said.endswith("\nafter\n")
    assert "old" not in said
    assert "| acts | 900 acts/s | by hand 1,000 | 0.9 | ≥ 0.4 | 0.6 | goal |" in said
