"""What a lock says in the chat: what is missing in the reader's words, however she comes to stand before it."""

from typing import Any

import pytest

from dianabot.operations.publish import Publish
from dianabot.vocabulary.world import World
from tests.dianabot.telegram.cottage import WORLD
from tests.dianabot.telegram.working import working

TRUST = {"variables": {"trust": {">=": 9}, "met_diana": True}}
DIFFERENT = "que algo en su historia hubiera sido distinto"


def with_cellar(requirement: dict[str, Any]) -> World:
    """The cottage, where the way down asks this."""
    story = WORLD.model_dump()
    story["variables"].append({"name": "met_diana", "initial": False})
    story["fragments"][0]["decisions"][1]["requirement"] = requirement
    return World.model_validate(story)


@pytest.mark.parametrize(
    "requirement",
    [TRUST, {"any": [TRUST, {"not": {"variables": {"trust": 0}}}]}],
    ids=["all at once", "either"],
)
async def test_a_story_variable_is_not_named(postgres_dsn: str, requirement: dict[str, Any]) -> None:
    async with working(postgres_dsn, world=with_cellar(requirement), worker=False) as bot:
        ana = await bot.person()
        locked, _ = await bot.taps(ana, await bot.says(ana, "/historia"), "🔒 Bajar al sótano")
        assert DIFFERENT in locked["text"]
        assert "trust" not in locked["text"]
        assert "met_diana" not in locked["text"]


async def test_each_sentence_stands_once(postgres_dsn: str) -> None:
    async with working(postgres_dsn, world=with_cellar(TRUST), worker=False) as bot:
        ana = await bot.person()
        locked, _ = await bot.taps(ana, await bot.says(ana, "/historia"), "🔒 Bajar al sótano")
        assert locked["text"].count(DIFFERENT) == 1


async def test_a_way_that_was_open_when_it_was_shown_tells_its_lock_by_the_names_of_things(postgres_dsn: str) -> None:
    async with working(postgres_dsn, world=with_cellar({}), worker=False) as bot:
        ana = await bot.person()
        page = await bot.says(ana, "/historia")
        shut = with_cellar({"required_hints": ["soot"], **TRUST})
        await bot.house.coordinator.run(Publish(world=shut), key="shut", member=None, actor="test")
        locked, _ = await bot.taps(ana, page, "Bajar al sótano")
        assert "la pista «Hollín»" in locked["text"]
        assert DIFFERENT in locked["text"]
        assert "soot" not in locked["text"]
        assert await bot.value("SELECT count(*) FROM user_decisions") == 0
        page, _ = await bot.taps(ana, locked, "‹ Volver")
        assert "La puerta está abierta." in page["text"]


async def test_a_moment_is_told_by_the_zone_that_she_has_chosen(postgres_dsn: str) -> None:
    async with working(postgres_dsn, world=with_cellar({"from": "2099-12-25T00:00:00+01:00"}), worker=False) as bot:
        ana = await bot.person()
        page = await bot.says(ana, "/historia")
        for zone, said in (("Europe/Madrid", "el 25 de diciembre de 2099"), ("Asia/Tokyo", "2099, 08:00")):
            await bot.house.db.run("UPDATE users SET time_zone = $1", zone)
            locked, _ = await bot.taps(ana, page, "🔒 Bajar al sótano")
            assert said in locked["text"]
            page, _ = await bot.taps(ana, locked, "‹ Volver")


async def test_a_lock_says_where_the_thing_is_found(postgres_dsn: str) -> None:
    async with working(postgres_dsn, world=WORLD, worker=False) as bot:
        ana = await bot.person()
        locked, _ = await bot.taps(ana, await bot.says(ana, "/historia"), "🔒 Bajar al sótano")
        assert "• «Lámpara» en su mochila (0 de 1) · se halla en «La sala»" in locked["text"]
