"""Commands that stay: they start, say what is wrong, answer over HTTP, work together, and go when they are told."""

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dianabot.kernel.embedded import Scratch
from telesim.world.scene import TOKEN
from tests.dianabot.kernel.own_valkey import Server
from tests.dianabot.processes import begin, http, until
from tests.drills.stage import Telegram, dsn_of, free_ports, query, running, telegram, until_ready

pytestmark = pytest.mark.slow
GRACE = 20.0
DONE = re.compile(r'^deliveries_done_total\{consumer="members"\} ([0-9.]+)$', re.MULTILINE)


@pytest.fixture
def port() -> int:
    return free_ports()


@pytest.fixture
def home(data: Path, port: int) -> Iterator[Telegram]:
    with telegram(data.parent / "home", port + 3) as simulator:
        yield simulator


@pytest.fixture
def stands(postgres_dsn: str, servers: Scratch, data: Path, port: int) -> dict[str, Any]:
    valkey = servers.valkey_url or ""
    return {"DATABASE_URL": postgres_dsn, "REDIS_URL": valkey, "DIANABOT_DATA": data, "DIANABOT_PORT": port}


@pytest.mark.parametrize("command", ["run", "bot"])
def test_a_refused_token_ends_the_start_with_the_sentence(stands: dict[str, Any], home: Telegram, command: str) -> None:
    done = begin(command, **stands, BOT_API_URL=home.home, BOT_TOKEN=f"{TOKEN}x").end()
    assert (done.code, done.out) == (3, "")
    last = done.sentence.splitlines()[-1]
    assert last.startswith("BOT_TOKEN is not accepted by http://127.0.0.1:")
    assert "@BotFather" in last
    assert f"{TOKEN}x" not in done.err


def test_a_telegram_that_cannot_be_reached_is_waited_for(stands: dict[str, Any], data: Path, port: int) -> None:
    nowhere = {"BOT_API_URL": f"http://127.0.0.1:{port + 3}/sim", "BOT_TOKEN": TOKEN}
    with running("run", **stands, **nowhere) as bot:
        address = f"http://127.0.0.1:{port}/readyz"
        until(lambda: http(address)[0] == 503)
        until(lambda: http(address)[1]["modules"].get("telegram", {}).get("problem"))
        assert "does not serve the bot" in http(address)[1]["modules"]["telegram"]["problem"]
        assert http(f"http://127.0.0.1:{port}/healthz")[0] == 200
        assert not bot.ended
        with telegram(data.parent / "late", port + 3):
            until_ready(port)
        assert bot.stop().code == 0


def test_two_supervisors_on_one_data_directory_are_one_too_many(data: Path, home: Telegram, port: int) -> None:
    stands: dict[str, Any] = {"DIANABOT_DATA": data, **home.settings}
    with running("run", **stands, DIANABOT_PORT=port) as first:
        until_ready(port)
        second = begin("run", **stands, DIANABOT_PORT=free_ports()).end()
        assert second.code == 2
        assert f"DianaBot already runs on {data} (process {first.pid})" in second.sentence
        demo = begin("demo", DIANABOT_DATA=data, DIANABOT_PORT=free_ports()).end()
        assert demo.code == 2
        look = begin("rules", "show", "--json", DIANABOT_DATA=data).end()
        assert look.code == 0, "a command attaches to what runs"
        assert first.stop().code == 0


def test_four_processes_on_one_data_directory_are_one_house(data: Path, home: Telegram, port: int) -> None:
    stands = {"DIANABOT_DATA": data, "DIANABOT_PORT": port, **home.settings}
    with running("web", **stands) as web, running("bot", **stands) as bot, running("worker", **stands) as worker:
        for beyond in range(3):
            until_ready(port + beyond)
        person = home.people(1)[0]
        home.says(person, "/start")
        home.until_answers(person, "soy Lucien")
        until(lambda: _done(port + 2) >= 1, lambda: "the worker has not done what follows")
        until(lambda: query(dsn_of(data), "SELECT count(*) FROM deliveries") == 0)
        assert _done(port) == _done(port + 1) == 0, "what follows is the worker's alone"
        assert "updates_total" in http(f"http://127.0.0.1:{port + 1}/metrics")[1]
        for part in (bot, worker, web):
            assert part.stop().code == 0


def test_a_worker_is_woken_through_valkey(stands: dict[str, Any], home: Telegram, port: int) -> None:
    with Server.running() as valkey:
        stands["REDIS_URL"] = valkey.url
        with running("worker", **stands), running("bot", **stands, **home.settings):
            until_ready(port + 1)
            until_ready(port + 2)
            before = valkey.commands("publish")
            home.says(home.people(1)[0], "/start")
            until(lambda: valkey.commands("publish") > before, lambda: "nobody was told of new work")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_go_in_the_middle_of_work_it_goes_soon_and_nothing_is_lost(
    stands: dict[str, Any], postgres_dsn: str, home: Telegram, port: int, number: signal.Signals
) -> None:
    people = home.people(5)
    with running("run", **stands, **home.settings) as bot:
        until_ready(port)
        for _ in range(4):
            for person in people:
                home.says(person, "/start")
        began = time.monotonic()
        done = bot.stop(number)
        assert done.code == 0
        assert time.monotonic() - began < GRACE
        assert "Traceback" not in done.err
    assert query(postgres_dsn, "SELECT count(*) FROM processes") == 0
    with running("run", **stands, **home.settings):
        for person in people:
            home.until_answers(person, "Ana", 4)
    assert query(postgres_dsn, "SELECT count(*) FROM users") == 5


@pytest.mark.parametrize("words", ["Preparing the demo", "making the database"])
def test_the_demo_can_be_stopped_at_every_moment_of_its_start(data: Path, port: int, words: str) -> None:
    """At once, and while the first start makes the database."""
    with running("demo", "--no-simulated-fans", DIANABOT_DATA=data, DIANABOT_PORT=port) as demo:
        if words.startswith("making"):
            until(lambda: any(data.glob("building-postgres-*")) or (data / "postgres").exists())
        else:
            demo.until_says(words)
        done = demo.stop(signal.SIGINT)
        assert done.code in {0, 130}
        assert done.sentence.splitlines()[-1].startswith("Stopped.")
    again = begin("rules", "show", DIANABOT_DATA=data).end()
    assert again.code == 0, again.err


def test_the_demo_says_where_to_go_and_keeps_quiet_otherwise(data: Path, port: int) -> None:
    with running("demo", "--no-simulated-fans", DIANABOT_DATA=data, DIANABOT_PORT=port) as demo:
        demo.until_says("DianaBot is ready.")
        demo.until_says(f"http://127.0.0.1:{port}/sim/")
        home = http(f"http://127.0.0.1:{port}/")
        assert home[0] == 200
        assert "<html" in home[1]
        done = demo.stop()
    assert done.code == 0
    assert done.out == ""
    assert "{" not in done.err, "no log line between the sentences"


def _done(port: int) -> float:
    found = DONE.search(http(f"http://127.0.0.1:{port}/metrics")[1])
    return float(found[1]) if found else 0.0
