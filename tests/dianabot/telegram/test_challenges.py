"""Riddles, quizzes and haste in the chat: what she taps is what she takes, and what she writes is her answer."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from dianabot.vocabulary.world import World
from tests.dianabot.content.stories import Json, place, way, world
from tests.dianabot.telegram.stage import Stage, stage
from tests.dianabot.telegram.test_story_taps import labels, publish

pytestmark = pytest.mark.slow

END = place("end", ending=True)


@pytest.fixture
async def bot(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with stage(postgres_dsn) as running:
        yield running


async def seconds_pass(bot: Stage, seconds: int) -> None:
    """On the page that people have open."""
    moved = "UPDATE user_story_state SET visited_at = visited_at - $1::interval"
    await bot.house.db.run(moved, timedelta(seconds=seconds))


def hurried(*ways: Json, **challenge: object) -> World:
    ways = (way("run", "end"), way("hide", "end"), *ways, way("log_falls", "end", taken_by="late"))
    return world(place("hall", *ways, entry=True, challenge={"seconds": 45, **challenge}), END)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", "⏳ El tiempo para decidirse ya pasó; solo queda un camino."),
        ("en", "⏳ The time to decide has passed; one way is left."),
    ],
)
async def test_when_her_time_is_over_the_page_says_so_and_offers_the_way_of_the_late(
    bot: Stage, language: str, said: str
) -> None:
    await publish(bot, hurried(kind="timed"))
    ana = await bot.person(language_code=language)
    await bot.says(ana, "/historia")
    await seconds_pass(bot, 60)

    page = await bot.says(ana, "/historia")

    assert said in page["text"]
    assert labels(page)[:-3] == ["log_falls"]
    following = await bot.turns(ana, page, "log_falls")
    assert "Esto es end." in following["text"]
    left = next(one for one in await bot.sim.messages(ana) if one["message_id"] == page["message_id"])
    assert left["text"].endswith("› log_falls")


async def test_a_riddle_whose_time_is_over_asks_for_no_answer(bot: Stage) -> None:
    ends = (way("right", "end", taken_by="right"), way("wrong", "end", taken_by="wrong"))
    await publish(bot, hurried(*ends, kind="riddle", answers={"es": ["luna"]}))
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    assert labels(page)[:-3] == ["✍️ Responder", "run", "hide"]
    await seconds_pass(bot, 60)

    page = await bot.says(ana, "/historia")

    assert "✍️" not in page["text"]
    assert labels(page)[:-3] == ["log_falls"]
