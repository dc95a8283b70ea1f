"""`make bench`: every figure that can be measured now, beside its yardstick from the same run on this machine."""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench import decision, events, grant, history, machine, operation, simulator, start, telegram
from bench.row import Row, table
from dianabot.migrations import migrate
from tests.proof import keeper
from tests.proof.forks import quiet

RESULTS = Path(__file__).parent / "results"

Measure = Callable[[], list[Row]]


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m bench")
    asked.add_argument("--full", action="store_true", help="longer runs")
    asked.add_argument("--only", default="", help="measures whose name contains this; nothing is written then")
    given = asked.parse_args()
    quiet()
    rows = _measured(given.only, full=given.full)
    print(table(rows))
    if not given.only:
        print(f"\nWritten to {_write(rows, full=given.full).relative_to(Path.cwd())}; docs/performance.md shows it.")
    missed = [row.what for row in rows if row.met == "MISSED"]
    print("Missed: " + "; ".join(missed) if missed else "Every bar is met.")
    return 0


def _measured(only: str, *, full: bool) -> list[Row]:
    rows: list[Row] = []
    alone: dict[str, Measure] = {
        "start and memory": lambda: start.measure(full=full),
        "updates dispatched": _dispatch,
        "sends": _sends,
        "simulator": _simulator,
    }
    wanted = {name: measure for name, measure in alone.items() if only in name}
    on_database = [name for name in DATABASE if only in name]
    progress = Progress(len(wanted) + len(on_database))
    for name, measure in wanted.items():
        with progress.step(name):
            rows += _tried(name, measure)
    if on_database:
        with keeper.servers() as kept:
            migrate(kept.dsn)
            people = events.prepare(kept.dsn)
            for name in on_database:
                with progress.step(name):
                    rows += _tried(name, partial(DATABASE[name], kept, people, full=full))
    progress.end()
    return rows


def _tried(name: str, measure: Measure) -> list[Row]:
    """One that cannot be measured here must not cost the others."""
    try:
        return measure()
    except (OSError, EOFError, RuntimeError, subprocess.SubprocessError) as error:
        print(f"Not measured: {name} ({error!r})", file=sys.stderr)
        return []


DATABASE = {
    "drain": events.measure_drain,
    "lag": events.measure_lag,
    "operation": operation.measure,
    "grant": grant.measure,
    "decision": decision.measure,
    "growth": decision.measure_growth,
}


def _dispatch() -> list[Row]:
    found = asyncio.run(telegram.measure_dispatch())
    what, unit = "update → parsed → routed → no-op", "updates/CPU s"
    return [
        Row(what, found["ours"], unit, 0.6, 0.9, yardstick="bare PTB", measured=found["ptb"]),
        Row(what, found["ours"], unit, yardstick="bare aiogram", measured=found["aiogram"]),
    ]


def _sends() -> list[Row]:
    found = asyncio.run(telegram.measure_sends())
    return [
        Row(
            "sends, 32 in flight",
            found["ours"],
            "sends/CPU s",
            1.0,
            1.3,
            yardstick="aiogram",
            measured=found["aiogram"],
        )
    ]


def _simulator() -> list[Row]:
    found = simulator.measure()
    bare, ours = found["bare endpoint, requests/s"], found["simulator, messages/s"]
    return [Row("simulator, messages", ours, "messages/s", 0.3, yardstick="bare Starlette", measured=bare)]


class Progress:
    """A bar on a terminal, and nothing in a pipe."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._done = 0

    def step(self, name: str) -> "Progress":
        if sys.stderr.isatty():
            bar = "#" * (30 * self._done // self._steps)
            sys.stderr.write(f"\r[{bar:30}] {self._done + 1} of {self._steps}: {name:20}")
        return self

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._done += 1

    def end(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r" + " " * 70 + "\r")


def _write(rows: list[Row], *, full: bool) -> Path:
    now, known = datetime.now(UTC), machine.describe()
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{now:%Y-%m-%d}-{machine.short(known)}.json"
    found = {
        "at": now.isoformat(timespec="seconds"),
        "machine": known,
        "full": full,
        "rows": [r.to_json() for r in rows],
    }
    file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    history.draw(RESULTS)
    return file


if __name__ == "__main__":
    sys.exit(main())
