"""PostgreSQL and Valkey die under load, and so does whoever owns them: work resumes by itself."""

import os
import signal
from pathlib import Path

import pytest

from dianabot.kernel.embedded.process import alive
from tests.dianabot.kernel.own_valkey import Server
from tests.dianabot.processes import http, noted_pids, until
from tests.drills.stage import (
    AWAY,
    Crowd,
    dsn_of,
    nothing_is_lost_or_doubled,
    query,
    running,
    telegram,
    until_ready,
)

pytestmark = pytest.mark.drill
COUNT = "SELECT count(*) FROM telegram_updates WHERE state = 'answered'"


def test_postgresql_killed_under_load_loses_nothing_and_is_started_again(data: Path, port: int) -> None:
    with telegram(data.parent / "home", port + 3) as home:
        crowd = Crowd(home, home.people(20), 10)
        with running("run", DIANABOT_DATA=data, DIANABOT_PORT=port, **home.settings) as bot:
            until_ready(port)
            with crowd.writing():
                until(lambda: query(dsn_of(data), COUNT) >= 40)
                before = noted_pids(data)["postgres"]
                os.kill(before, signal.SIGKILL)
            crowd.until_all_is_answered()
            nothing_is_lost_or_doubled(dsn_of(data), crowd)
            assert noted_pids(data)["postgres"] != before
            for person in crowd.people:
                assert sum(AWAY in answer for answer in home.answers(person)) <= 1, "one kind sentence a minute"
            assert bot.stop().code == 0


def test_while_postgresql_is_away_people_get_one_kind_sentence_and_later_their_answers(data: Path, port: int) -> None:
    """Whoever owns it is frozen, so that nobody starts another in its place."""
    with telegram(data.parent / "home", port + 3) as home:
        person = home.people(1)[0]
        stands = {"DIANABOT_DATA": data, "DIANABOT_PORT": port, **home.settings}
        with running("web", **stands) as owner:
            until_ready(port)
            with running("bot", **stands):
                until_ready(port + 1)
                home.says(person, "/start")
                home.until_answers(person, "soy Lucien")
                os.kill(owner.pid, signal.SIGSTOP)
                try:
                    os.kill(noted_pids(data)["postgres"], signal.SIGKILL)
                    until(lambda: http(f"http://127.0.0.1:{port + 1}/readyz")[0] == 503)
                    for _ in range(3):
                        home.says(person, "/perfil")
                    home.until_answers(person, AWAY)
                finally:
                    os.kill(owner.pid, signal.SIGCONT)
                home.until_answers(person, "Su ficha en esta casa", 3)
                assert sum(AWAY in answer for answer in home.answers(person)) == 1
                until_ready(port + 1)


def test_valkey_dead_as_long_as_the_load_lasts_loses_nothing_and_is_used_again_later(
    data: Path, port: int, postgres_dsn: str
) -> None:
    with telegram(data, port + 3) as home, Server.running() as valkey:
        stands = {
            "DATABASE_URL": postgres_dsn,
            "REDIS_URL": valkey.url,
            "DIANABOT_DATA": data,
            "DIANABOT_PORT": port,
            **home.settings,
        }
        crowd = Crowd(home, home.people(20), 10)
        with running("bot", **stands), running("worker", **stands):
            until_ready(port + 1)
            until_ready(port + 2)
            with crowd.writing():
                until(lambda: query(postgres_dsn, COUNT) >= 40)
                listened = valkey.listeners()
                valkey.kill()
            crowd.until_all_is_answered()
            nothing_is_lost_or_doubled(postgres_dsn, crowd)
            valkey.start()
            until(lambda: valkey.listeners() == listened, lambda: "not all listen again")


def test_a_supervisor_killed_leaves_its_servers_to_the_next_one(data: Path, port: int) -> None:
    with telegram(data.parent / "home", port + 3) as home:
        person = home.people(1)[0]
        stands = {"DIANABOT_DATA": data, "DIANABOT_PORT": port, **home.settings}
        with running("run", **stands) as first:
            until_ready(port)
            home.says(person, "/start")
            home.until_answers(person, "soy Lucien")
            orphans = noted_pids(data)
            first.kill()
        home.says(person, "/perfil")
        with running("run", **stands) as second:
            home.until_answers(person, "Su ficha en esta casa")
            assert noted_pids(data) == orphans, "what was alive was taken over, not started again"
            assert second.stop().code == 0
        for pid in orphans.values():
            assert not alive(pid), "whoever takes servers over ends them too"


def test_a_part_takes_over_the_servers_of_a_killed_supervisor(data: Path, port: int) -> None:
    with telegram(data.parent / "home", port + 3) as home:
        person = home.people(1)[0]
        stands = {"DIANABOT_DATA": data, "DIANABOT_PORT": port, **home.settings}
        with running("web", **stands) as owner:
            until_ready(port)
            with running("bot", **stands) as bot, running("worker", **stands):
                until_ready(port + 1)
                until_ready(port + 2)
                owner.kill()
                os.kill(noted_pids(data)["postgres"], signal.SIGKILL)
                home.says(person, "/start")
                home.until_answers(person, "soy Lucien")
                until(lambda: query(dsn_of(data), "SELECT count(*) FROM deliveries") == 0)
                assert bot.stop().code == 0
