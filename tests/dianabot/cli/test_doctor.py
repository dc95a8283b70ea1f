"""`dianabot doctor`: each thing it looks at, once well and once not."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dianabot.cli import doctor
from dianabot.cli.doctor import Finding
from dianabot.kernel.settings import Settings
from dianabot.operations.reports import Waiting
from dianabot.telegram.probe import Told
from telesim.world.scene import TOKEN
from tests.dianabot.cli.conftest import Ask
from tests.telesim.home import home

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOOK = "https://bot.example.org/telegram/webhook"


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, bot_token=TOKEN, **given)


def told(**given: Any) -> Told:
    return Told(username="a_bot", seconds_off=1.0, **given)


def lane(seconds: float) -> Waiting:
    return Waiting("members", 3, NOW - timedelta(seconds=seconds))


LOOKS: list[tuple[list[Finding], set[str]]] = [
    ([doctor.names([])], set()),
    ([doctor.names(["DIANABOT_PROT in .env is no setting."])], {"settings"}),
    ([doctor.disk(Path("/data"), 2**31)], set()),
    ([doctor.disk(Path("/data"), 2**29)], {"disk"}),
    ([doctor.database(18, own=False)], set()),
    ([doctor.database(14, own=True)], {"database"}),
    ([doctor.valkey(answers=True)], set()),
    ([doctor.valkey(answers=False)], {"valkey"}),
    ([doctor.letters(0)], set()),
    ([doctor.letters(2)], {"dead letters"}),
    ([doctor.lanes([], NOW)], set()),
    ([doctor.lanes([lane(5)], NOW)], set()),
    ([doctor.lanes([lane(90)], NOW)], {"consequences"}),
    (doctor.telegram(settings(), told()), set()),
    (doctor.telegram(settings(), Told(problem="no token", mend="Set it.")), {"telegram"}),
    (doctor.telegram(settings(), Told(username="a_bot", seconds_off=45.0)), {"clock"}),
    (doctor.telegram(settings(webhook_url=HOOK), told(webhook=HOOK)), set()),
    (doctor.telegram(settings(webhook_url=HOOK), told()), {"webhook"}),
    (doctor.telegram(settings(), told(webhook=HOOK)), {"webhook"}),
    (doctor.telegram(settings(webhook_url=HOOK), told(webhook=HOOK, webhook_error="Bad Gateway")), {"webhook"}),
    (doctor.readiness(settings(), 0), {"owner", "root", "alerts"}),
    (doctor.readiness(settings(bot_api_url="http://127.0.0.1:8080/sim"), 0), {"api", "owner", "root", "alerts"}),
    (doctor.readiness(settings(owner_telegram_id=5, alert_webhook_url="https://example.org/hook"), 1000), set()),
]


@pytest.mark.parametrize(("findings", "not_well"), LOOKS)
def test_what_is_not_well_is_found_and_comes_with_what_to_do(findings: list[Finding], not_well: set[str]) -> None:
    assert {finding.name for finding in findings if not finding.well} == not_well
    for finding in findings:
        assert finding.says
        assert finding.well or finding.mend
        assert doctor.WHY[finding.name]


def test_it_explains_why_each_thing_matters_where_asked(dianabot: Ask) -> None:
    found = dianabot("doctor", "--explain", "--production", "--json").json
    assert {finding["name"]: finding["why"] for finding in found}.items() <= doctor.WHY.items()
    shown = dianabot("doctor", "--explain").out
    assert doctor.WHY["disk"] in shown
    assert doctor.WHY["disk"] not in dianabot("doctor").out


def test_nothing_is_explained_that_is_not_looked_at() -> None:
    looked_at = {finding.name for findings, _ in LOOKS for finding in findings}
    assert looked_at | {"start"} == doctor.WHY.keys()


def test_without_a_token_it_says_so_and_how_to_mend_it(dianabot: Ask) -> None:
    done = dianabot("doctor", "--json")
    assert done.code == 1
    found = {finding["name"]: finding for finding in done.json}
    assert [name for name, finding in found.items() if not finding["well"]] == ["telegram"]
    assert "BOT_TOKEN" in found["telegram"]["mend"]


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"DATABASE_URL": "postgresql://me@127.0.0.1:1/name"}, "PostgreSQL cannot be reached"),
        ({"DIANABOT_PORT": "http"}, "DIANABOT_PORT is 'http'"),
    ],
)
def test_what_keeps_it_from_looking_is_a_finding_too(dianabot: Ask, variables: dict[str, str], says: str) -> None:
    done = dianabot("doctor", "--json", **variables)
    assert (done.code, done.err) == (1, "")
    assert [(finding["name"], finding["well"]) for finding in done.json] == [("start", False)]
    assert says in done.json[0]["says"]
    assert says in dianabot("doctor", **variables).out


async def test_all_is_well_with_a_bot_that_telegram_knows(dianabot: Ask) -> None:
    async with home() as simulator:
        done = await asyncio.to_thread(dianabot, "doctor", BOT_TOKEN=TOKEN, BOT_API_URL=simulator.address)
        assert done.code == 0, done.out
        assert done.out.splitlines()[-1] == "All is well."

        wrong = {"BOT_TOKEN": f"{TOKEN}x", "BOT_API_URL": simulator.address}
        refused = await asyncio.to_thread(dianabot, "doctor", "--json", **wrong)
    assert refused.code == 1
    assert "refuses the token" in {finding["name"]: finding["says"] for finding in refused.json}["telegram"]


def test_a_telegram_that_is_not_there_is_told(dianabot: Ask) -> None:
    done = dianabot("doctor", "--json", BOT_TOKEN=TOKEN, BOT_API_URL="http://127.0.0.1:1")
    assert done.code == 1
    found = {finding["name"]: finding for finding in done.json}
    assert "does not answer at http://127.0.0.1:1" in found["telegram"]["says"]
