"""The table of methods: complete, tested, documented."""

import re
from pathlib import Path

import pytest

from telesim.methods.elsewhere import EMPTY, REFUSED
from telesim.methods.table import FAMILIES
from telesim.methods.table import METHODS as TABLE
from tests.telesim.home import Home
from tests.telesim.reading import METHODS

ROOT = Path(__file__).parents[2]
NAMES = [method.name for family in FAMILIES for method in family.METHODS]
ELSEWHERE = [*EMPTY, *(name for names in REFUSED.values() for name in names)]
NOT_HERE = {
    "callback_query_id", "ephemeral_message_parameters", "receiver_user_id", "rich_message", "media",
    "explanation_media",
}  # fmt: skip
"""Parameters of features that nobody lives with here: refused as unknown, which docs/simulator.md says."""
OLD_NAMES = {"getchatmemberscount", "kickchatmember"}


def test_every_method_that_aiogram_knows_is_there() -> None:
    assert set(METHODS) | OLD_NAMES == set(TABLE)
    assert len(NAMES) == len(TABLE)


@pytest.mark.parametrize("name", [name for name in NAMES if name.lower() in METHODS and name not in ELSEWHERE])
def test_every_parameter_that_aiogram_knows_is_read(name: str) -> None:
    fields = {field.alias or key for key, field in METHODS[name.lower()].model_fields.items()}
    assert fields - set(TABLE[name.lower()].params.model_fields) <= NOT_HERE


def test_every_method_has_a_test() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    untested = [name for name in NAMES if name not in ELSEWHERE and f'"{name}"' not in tests]
    assert untested == []


def test_every_method_is_documented_with_its_state() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/simulator.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(NAMES)


@pytest.mark.parametrize("name", ELSEWHERE)
async def test_what_nobody_lives_with_answers_as_telegram_does(sim: Home, name: str) -> None:
    answer = await sim.call(name, chat_id=1, anything="goes")
    assert answer.status == (200 if name in EMPTY else 400)


async def test_names_are_the_same_in_capitals_and_small_letters(sim: Home) -> None:
    assert (await sim.ok("GETME"))["id"] == (await sim.ok("getMe"))["id"]
    unknown = await sim.call("getMee")
    assert (unknown.status, unknown.error) == (404, "Not Found: method not found")
