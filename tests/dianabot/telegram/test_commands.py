"""What the commands are called, in each language."""

import pytest

from dianabot.screens.start import ENGLISH
from dianabot.screens.words import Words
from dianabot.telegram.app.introduction import commands
from dianabot.telegram.routes import COMMANDS
from tests.dianabot.telegram.stage import Stage


@pytest.mark.slow
async def test_every_command_has_an_english_name_which_counts_as_the_same_command(bot: Stage) -> None:
    alex = await bot.person("Alex", "en")
    for written, answered in (
        ("/help", "/settings · Language, time and your data"),
        ("/profile", "Your page in the house book"),
        ("/Settings", "Settings"),
        ("/hints", "What you have found out"),
        ("/besitos", "Your besitos"),
        ("/story", "Diana is still writing the first page"),
        ("/historia", "Diana is still writing the first page"),
    ):
        assert answered in (await bot.says(alex, written))["text"], written

    assert [one.command for one in commands(Words("en"))] == [
        "start", "story", "hints", "besitos", "profile", "settings", "help",
    ]  # fmt: skip
    assert "historia" in [one.command for one in commands(Words("es"))]
    used = "SELECT DISTINCT event_data->>'command' FROM event_logs WHERE event_type = 'user.command_executed'"
    assert {*await bot.column(used)} <= set(COMMANDS)


def test_every_command_that_people_are_told_of_has_a_route_and_its_english_name_is_no_other() -> None:
    assert {one.command for one in commands(Words("es"))} <= set(COMMANDS)
    assert set(ENGLISH) <= set(COMMANDS)
    assert set(ENGLISH.values()).isdisjoint(COMMANDS)
