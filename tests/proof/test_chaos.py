import subprocess
import sys
from collections import Counter

import pytest

from tests.proof.chaos import Options, plan
from tests.proof.planted import PLANTED


def storm(*words: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: it forks, which nothing with threads or loops should do."""
    command = [sys.executable, "-m", "tests.proof.chaos", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)


def test_the_same_seed_plans_the_same_kills() -> None:
    assert plan(Options(60, 7)) == plan(Options(60, 7))
    assert plan(Options(60, 7)) != plan(Options(60, 8))


@pytest.mark.parametrize("seed", range(5))
def test_a_minute_kills_at_least_a_hundred_times_and_each_server_three_times(seed: int) -> None:
    kills = plan(Options(60, seed))
    whom = Counter(kill.whom for kill in kills)
    assert len(kills) >= 100
    assert min(whom["postgres"], whom["valkey"]) >= 3
    assert all(0 < kill.at <= 60 for kill in kills)


@pytest.mark.slow
@pytest.mark.drill
def test_a_short_storm_breaks_nothing() -> None:
    ended = storm("--seconds", "8", "--seed", "3")
    assert ended.stdout.splitlines()[-1].endswith(" 0 violations"), ended.stdout + ended.stderr
    assert ended.returncode == 0


@pytest.mark.slow
@pytest.mark.drill
@pytest.mark.parametrize("fault", PLANTED)
def test_the_storm_finds_what_was_sawn_through(fault: str) -> None:
    ended = storm("--seconds", "6", "--seed", "1", "--spare-servers", "--planted", fault)
    assert ended.returncode == 1, f"{fault} was not noticed: {ended.stdout}"
    assert not ended.stdout.splitlines()[-1].endswith(" 0 violations")
    assert "NOT: " in ended.stdout
