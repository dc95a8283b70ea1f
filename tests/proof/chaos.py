"""Kill everything at random under load, then see whether anything was lost, doubled or turned around.

    python -m tests.proof.chaos --seconds 60 --seed 1

The seed decides what is asked, and when who is killed. The last line counts; any violation makes the exit code 1.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from dianabot.kernel.ids import MemberId
from dianabot.migrations import migrate
from tests.proof import invariants, keeper
from tests.proof.all_parts import PARTS
from tests.proof.child import Life, live
from tests.proof.forks import fork
from tests.proof.planted import PLANTED
from tests.proof.rest import come_to_rest, make_known
from tests.proof.stage import MEMBERS, SOUND, START

PROCESSES = 4
PEOPLE = 200
KILLS_A_SECOND = 2.1
SERVER_KILLED_EVERY = 18.0
GRACE = 20.0
TICK = 0.01


@dataclass(frozen=True)
class Options:
    seconds: float
    seed: int
    planted: str | None = None
    servers: bool = True
    """Whether PostgreSQL and Valkey are killed too."""


@dataclass(frozen=True)
class Kill:
    at: float
    whom: str
    """`postgres`, `valkey`, or the number of a process."""


@dataclass
class Result:
    kills: dict[str, int]
    operations: int = 0
    invariants: int = 0
    violations: tuple[str, ...] = ()

    def __str__(self) -> str:
        return (
            f"{sum(self.kills.values())} kills, {self.operations} operations, "
            f"{self.invariants} invariants, {len(self.violations)} violations"
        )


def plan(options: Options) -> list[Kill]:
    """Who is killed when: the same for the same seed and length."""
    chance = random.Random(f"kills {options.seed}")
    length = options.seconds
    kills = [
        Kill(chance.uniform(0.5, length), str(chance.randrange(PROCESSES)))
        for _ in range(max(4, int(length * KILLS_A_SECOND)))
    ]
    if options.servers:
        times = max(1, int(length / SERVER_KILLED_EVERY))
        for whom, place in (("postgres", 0.3), ("valkey", 0.65)):
            kills += [Kill((n + place + chance.uniform(0, 0.25)) * length / times, whom) for n in range(times)]
    return sorted(kills, key=lambda kill: kill.at)


def run(options: Options) -> Result:
    with tempfile.TemporaryDirectory(prefix="chaos-journals-") as journals, keeper.servers() as kept:
        people = _prepare(kept.dsn)
        first = Life(
            options.seed,
            0,
            0,
            kept.dsn,
            kept.valkey_url,
            Path(journals),
            people,
            PLANTED[options.planted] if options.planted else SOUND,
        )
        processes = Processes(first)
        try:
            kills = _disturb(processes, kept, options)
        finally:
            processes.end()
        _say("The load has ended; working off what is left …")
        left = come_to_rest(kept.dsn)
        with psycopg.connect(kept.dsn, autocommit=True) as connection:
            number, broken = invariants.check(connection, PARTS, Path(journals), kept.data / "logs" / "postgres.log")
            [[operations]] = connection.execute("SELECT count(*) FROM operations").fetchall()
        return Result(kills, operations, number, (*processes.deaths, *left, *broken))


def _prepare(dsn: str) -> list[MemberId]:
    migrate(dsn)
    with psycopg.connect(dsn, autocommit=True, cursor_factory=psycopg.RawCursor) as connection:
        for part in PARTS:
            part.prepare(connection)
        people = [MemberId(number) for (number,) in connection.execute(MEMBERS.encode(), (PEOPLE, START))]
    os.waitpid(fork(lambda: make_known(dsn)), 0)
    return people


def _disturb(processes: "Processes", kept: keeper.Kept, options: Options) -> dict[str, int]:
    kills = {"processes": 0, "postgres": 0, "valkey": 0}
    began = time.monotonic()
    for number, kill in enumerate(upcoming := plan(options)):
        while (passed := time.monotonic() - began) < kill.at:
            processes.look()
            time.sleep(min(TICK, kill.at - passed))
        if kill.whom in kills:
            kills[kill.whom] += kept.kill(kill.whom)
        else:
            processes.kill(int(kill.whom))
            kills["processes"] += 1
        _show(number, len(upcoming), options.seconds, passed)
    while time.monotonic() - began < options.seconds:
        processes.look()
        time.sleep(TICK)
    return kills


class Processes:
    """Forked from this one, which has loaded everything and started nothing."""

    def __init__(self, first: Life) -> None:
        self._lives = {slot: replace(first, slot=slot) for slot in range(PROCESSES)}
        self._pids = {slot: _fork(life) for slot, life in self._lives.items()}
        self.deaths: list[str] = []
        """Of processes that nobody killed."""

    def kill(self, slot: int) -> None:
        self._end(slot, signal.SIGKILL)
        self._again(slot)

    def look(self) -> None:
        for slot, pid in self._pids.items():
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                self.deaths.append(f"NOT: a process lives until it is killed: {slot} ended with {status}")
                self._again(slot)

    def end(self) -> None:
        for pid in self._pids.values():
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        for slot, pid in self._pids.items():
            while not os.waitpid(pid, os.WNOHANG)[0]:
                if time.monotonic() > deadline:
                    self.deaths.append(f"NOT: a process ends within {GRACE:.0f} s of being told: {slot} did not")
                    self._end(slot, signal.SIGKILL)
                    break
                time.sleep(TICK)

    def _end(self, slot: int, number: signal.Signals) -> None:
        os.kill(self._pids[slot], number)
        os.waitpid(self._pids[slot], 0)

    def _again(self, slot: int) -> None:
        life = self._lives[slot]
        self._lives[slot] = replace(life, number=life.number + 1)
        self._pids[slot] = _fork(self._lives[slot])


def _fork(life: Life) -> int:
    return fork(lambda: live(life))


def _show(number: int, of: int, seconds: float, passed: float) -> None:
    if sys.stderr.isatty():
        done = int(30 * passed / seconds)
        sys.stderr.write(f"\r[{'#' * done}{' ' * (30 - done)}] {passed:4.0f} s, {number + 1} of {of} kills ")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def _measured() -> Iterator[None]:
    began = time.monotonic()
    yield
    _say(f"It took {time.monotonic() - began:.0f} s.")


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.proof.chaos")
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--planted", choices=sorted(PLANTED), help="saw through one beam: violations must be found")
    asked.add_argument("--spare-servers", action="store_true", help="kill only our own processes")
    given = asked.parse_args()
    if given.seconds < 2:
        asked.error("--seconds must be at least 2")
    options = Options(given.seconds, given.seed, given.planted, not given.spare_servers)
    _say(f"Chaos for {options.seconds:.0f} s with seed {options.seed}: the same seed plans the same kills.")
    with _measured():
        result = run(options)
    for violation in result.violations:
        _say(violation)
    _say("Killed: " + ", ".join(f"{number} {whom}" for whom, number in result.kills.items()) + ".")
    _say(str(result))
    return 1 if result.violations else 0


if __name__ == "__main__":
    sys.exit(main())
