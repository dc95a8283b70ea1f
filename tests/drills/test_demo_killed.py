"""The demo keeps its world: through a kill, through a moved clock, through a restart."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.dianabot.processes import Part
from tests.drills.stage import LUCIA, Telegram, at_home, dsn_of, query, running, until_ready

pytestmark = pytest.mark.drill
DAYS = 40
CONFIRMED = "SELECT count(*) FROM processes WHERE clock_seconds >= 40 * 86400"
NEWEST = "SELECT clock_seconds FROM processes ORDER BY seen_at DESC LIMIT 1"
MONTHS = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'event_logs'::regclass AND inhrelid::regclass::text = '{}'"


@contextmanager
def demo(data: Path, port: int) -> Iterator[tuple[Part, Telegram]]:
    with running("demo", "--no-simulated-fans", DIANABOT_DATA=data, DIANABOT_PORT=port) as part:
        until_ready(port)
        yield part, at_home(port)


def test_killed_and_started_again_everything_is_there(data: Path, port: int) -> None:
    with demo(data, port) as (part, home):
        home.says(LUCIA, "/start")
        home.until_answers(LUCIA, "soy Lucien")
        newcomer = home.people(1)[0]
        home.says(newcomer, "/start")
        home.until_answers(newcomer, "soy Lucien")
        before = home.chat(LUCIA)
        part.kill()
    with demo(data, port) as (part, home):
        assert home.chat(LUCIA)[: len(before)] == before
        assert newcomer in {person["id"] for person in home.control("state")["people"]}
        home.says(LUCIA, "/start")
        home.until_answers(LUCIA, "Qué alegría verle de nuevo")
        assert query(dsn_of(data), "SELECT count(*) FROM users") == 2
        assert part.stop().code == 0


def test_a_moved_clock_is_everybodys_and_stays(data: Path, port: int) -> None:
    there = datetime.now(UTC) + timedelta(days=DAYS)
    with demo(data, port) as (part, home):
        stands = {"DIANABOT_DATA": data, "DIANABOT_PORT": port}
        with running("worker", **stands):
            until_ready(port + 2)
            home.control("clock", {"advance_seconds": DAYS * 86_400})
            assert query(dsn_of(data), CONFIRMED) == 2, "the answer came before all had confirmed"
        for months in (0, 3):
            month = (there.replace(day=1) + timedelta(days=31 * months)).strftime("event_logs_%Y_%m")
            assert query(dsn_of(data), MONTHS.format(month)) == 1, month
        home.says(LUCIA, "/start")
        home.until_answers(LUCIA, "soy Lucien")
        assert query(dsn_of(data), "SELECT max(timestamp) FROM event_logs") >= there
        assert query(dsn_of(data), "SELECT count(*) FROM event_logs_default") == 0
        part.kill()
    with demo(data, port) as (_, home):
        assert home.control("state")["clock"]["offset_seconds"] >= DAYS * 86_400
        home.says(LUCIA, "/perfil")
        home.until_answers(LUCIA, "Su ficha en esta casa")
        assert query(dsn_of(data), NEWEST) >= DAYS * 86_400
