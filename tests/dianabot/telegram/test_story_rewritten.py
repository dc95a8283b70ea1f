"""Taps on a story that was written anew meanwhile, and what a page says of how she came there."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from dianabot.vocabulary.world import World
from tests.dianabot.content.stories import Json, hint, place, way, world
from tests.dianabot.telegram.stage import Stage, stage
from tests.dianabot.telegram.test_story_taps import callback, labels, publish, tap_raw, texts

pytestmark = pytest.mark.slow

MOVED = "La página por la que iba ya no está en el libro; seguimos desde aquí."
END = place("end", ending=True, reward={"besitos": 50})
BEFORE = world(
    place("hall", way("down", "cellar"), way("old", "end"), way("out", "end"), entry=True),
    place("cellar", way("up", "hall"), if_gone="hall"),
    END,
    key="before",
)


def after() -> World:
    """Without the cellar, and with another way on."""
    return world(place("hall", way("new", "end"), way("out", "end"), entry=True), END, key="after")


@pytest.fixture
async def bot(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with stage(postgres_dsn) as running:
        await publish(running, BEFORE)
        yield running


async def in_the_cellar(bot: Stage, person: int) -> Json:
    return await bot.turns(person, await bot.says(person, "/historia"), "down")


async def test_a_button_whose_way_is_gone_shows_the_page_afresh(bot: Stage) -> None:
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    await publish(bot, after())

    shown, said = await bot.taps(ana, page, "old")

    assert "Ese camino ya no está en el libro." in said["text"]
    assert labels(shown)[:2] == ["new", "out"]
    assert await bot.value("SELECT count(*) FROM user_decisions") == 0


async def test_a_button_of_a_page_that_is_gone_leads_to_where_she_is_moved(bot: Stage) -> None:
    ana = await bot.person()
    page = await in_the_cellar(bot, ana)
    await publish(bot, after())

    shown, _ = await bot.taps(ana, page, "up")

    assert shown["text"].startswith(MOVED)
    assert labels(shown)[:2] == ["new", "out"]


async def test_whoever_reads_on_is_told_once_that_she_was_moved(bot: Stage) -> None:
    ana = await bot.person()
    await in_the_cellar(bot, ana)
    await publish(bot, after())

    assert (await bot.says(ana, "/historia"))["text"].startswith(f"{MOVED}\n\nHall")
    assert (await bot.says(ana, "/historia"))["text"].startswith("Hall")


async def test_whoever_is_moved_into_an_ending_is_told_what_it_brought(bot: Stage) -> None:
    ana = await bot.person()
    await publish(bot, BEFORE.model_copy(update={"key": "aim", "fragments": [
        one.model_copy(update={"if_gone": "end"} if one.key == "cellar" else {}) for one in BEFORE.fragments
    ]}))  # fmt: skip
    await in_the_cellar(bot, ana)
    await publish(bot, after())

    said = (await bot.says(ana, "/historia"))["text"]

    assert said.startswith(MOVED)
    assert "+50 besitos" in said


async def test_finding_a_secret_is_told_when_it_is_found(bot: Stage) -> None:
    await publish(bot, BEFORE.model_copy(update={"key": "secret", "fragments": [
        one.model_copy(update={"secret": one.key == "cellar"}) for one in BEFORE.fragments
    ]}))  # fmt: skip
    ana = await bot.person()
    page = await in_the_cellar(bot, ana)
    assert page["text"].startswith("🤫 Ha descubierto algo que pocos conocen.\n\nCellar")
    page = await bot.turns(ana, page, "up")
    page = await bot.turns(ana, page, "down")
    assert page["text"].startswith("Cellar")


async def test_a_lock_of_a_page_that_is_gone_leads_to_where_she_is_moved(bot: Stage) -> None:
    ana = await bot.person()
    page = await in_the_cellar(bot, ana)
    forged = callback(page, "up").replace("ch", "why")
    await publish(bot, after())

    await tap_raw(bot, ana, page, forged)

    assert (await texts(bot, ana))[-1].startswith(MOVED)


async def test_whoever_is_too_late_is_told_what_the_way_of_the_late_asks(bot: Stage) -> None:
    trap = place("hall", way("run", "end"), way("slow", "end", taken_by="late"), entry=True)
    trap["challenge"] = {"kind": "timed", "seconds": 10}
    trap["decisions"][1]["requirement"] = {"required_hints": ["moon"]}
    await publish(bot, world(trap, END, key="trap", hints=[hint("moon")]))
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    await bot.house.db.run("UPDATE user_story_state SET visited_at = visited_at - $1::interval", timedelta(seconds=20))

    locked, _ = await bot.taps(ana, page, "run")

    assert "slow" in locked["text"]
    assert "la pista «moon»" in locked["text"]
