"""Riddles, quizzes and haste in the chat: what she taps is what she takes, and what she writes is her answer."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from dianabot.vocabulary.world import World
from tests.dianabot.content.stories import Json, place, way, world
from tests.dianabot.telegram.stage import Stage, stage
from tests.dianabot.telegram.test_conversation import OPEN
from tests.dianabot.telegram.test_story_taps import labels, publish

pytestmark = pytest.mark.slow

END = place("end", ending=True)
RIGHT, WRONG = way("right", "end", taken_by="right"), way("wrong", "end", taken_by="wrong")
LISTENING = "Le escucho. Escriba su respuesta"


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
    await publish(bot, hurried(RIGHT, WRONG, kind="riddle", answers={"es": ["luna"]}))
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    assert labels(page)[:-3] == ["✍️ Responder", "run", "hide"]
    await seconds_pass(bot, 60)

    page = await bot.says(ana, "/historia")

    assert "✍️" not in page["text"]
    assert labels(page)[:-3] == ["log_falls"]


def riddle(*ways: Json, tries: int = 3) -> World:
    asks = {"kind": "riddle", "answers": {"es": ["luna"]}, "tries": tries}
    return world(place("hall", way("leave", "end"), *ways, entry=True, challenge=asks), END)


async def tries(bot: Stage) -> int:
    return int(await bot.value("SELECT tries FROM user_story_state"))


async def test_while_she_thinks_of_her_answer_the_riddle_stays_before_her(bot: Stage) -> None:
    await publish(bot, riddle(RIGHT, WRONG))
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    assert LISTENING not in page["text"]

    asked, _ = await bot.taps(ana, page, "✍️ Responder")

    assert asked["message_id"] == page["message_id"]
    assert "Esto es hall." in asked["text"]
    assert LISTENING in asked["text"]
    assert labels(asked) == labels(page)


async def test_the_button_of_a_riddle_she_has_left_asks_for_nothing(bot: Stage) -> None:
    await publish(bot, riddle(RIGHT, WRONG))
    ana = await bot.person()
    old, page = await bot.says(ana, "/historia"), await bot.says(ana, "/historia")
    await bot.turns(ana, page, "leave")

    shown, said = await bot.taps(ana, old, "✍️ Responder")

    assert "Esa página ya la pasó." in said["text"]
    assert LISTENING not in shown["text"]
    assert await bot.value("SELECT count(*) FROM pending_inputs") == 0


async def test_after_a_wrong_try_she_writes_on_and_reads_how_many_are_left(bot: Stage) -> None:
    await publish(bot, riddle(RIGHT, WRONG))
    ana = await bot.person()
    await bot.taps(ana, await bot.says(ana, "/historia"), "✍️ Responder")

    first, second = await bot.says(ana, "el sol"), await bot.says(ana, "una vela")

    assert first["text"].startswith("No es eso. ¿Lo pensamos otra vez? Le quedan 2 intentos.")
    assert second["text"].startswith("No es eso. ¿Lo pensamos otra vez? Le queda 1 intento.")
    assert "Esto es hall." in second["text"]
    assert LISTENING in second["text"]
    assert "Esto es end." in (await bot.says(ana, "LUNA"))["text"]


async def test_where_tries_are_counted_words_are_an_answer_only_once_she_said_that_she_answers(bot: Stage) -> None:
    await publish(bot, riddle(RIGHT, WRONG))
    ana = await bot.person()
    await bot.taps(ana, await bot.says(ana, "/historia"), "✍️ Responder")
    await bot.says(ana, "/pistas")

    page = await bot.says(ana, "luna")

    assert page["text"].startswith("Si eso era su respuesta, toque «Responder»")
    assert "Esto es hall." in page["text"]
    assert await tries(bot) == 0
    await bot.taps(ana, page, "✍️ Responder")
    assert "Esto es end." in (await bot.says(ana, "luna"))["text"]


async def test_where_she_may_try_for_ever_whatever_she_writes_is_her_answer(bot: Stage) -> None:
    await publish(bot, riddle(RIGHT, tries=1))
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    assert LISTENING in page["text"]
    assert "✍️ Responder" not in labels(page)

    again = await bot.says(ana, "hola")
    await bot.says(ana, "/pistas")

    assert again["text"].startswith("No es eso. ¿Lo pensamos otra vez?\n\nHall")
    assert "Esto es end." in (await bot.says(ana, "¡Luna!"))["text"]


async def test_what_else_awaits_her_words_comes_before_the_riddle(bot: Stage) -> None:
    await publish(bot, riddle(RIGHT))
    ana = await bot.person()
    await bot.says(ana, "/historia")
    zones, _ = await bot.taps(ana, await bot.says(ana, "/ajustes"), "🕰 Zona horaria")
    await bot.taps(ana, zones, "✍️ Escribir mi ciudad")

    assert "Madrid" in (await bot.says(ana, "madrid"))["text"]
    assert await tries(bot) == 0


@pytest.mark.parametrize(("words", "said"), [("luna", "Esto es end."), ("sol", "No es eso.")])
async def test_an_unasked_answer_that_is_worked_off_again_is_one_try_and_answered_the_same(
    bot: Stage, words: str, said: str
) -> None:
    await publish(bot, riddle(RIGHT))
    ana = await bot.person()
    await bot.says(ana, "/historia")
    await bot.sim.control("POST", "faults", {"method": "sendMessage", "kind": "500", "count": 1})

    assert said in (await bot.says(ana, words))["text"]
    await bot.until(OPEN, lambda left: left == 0)
    assert await bot.value("SELECT count(*) FROM operations WHERE name = 'RESPONDER_RETO'") == 1
    assert await tries(bot) == (words == "sol")


async def test_an_unasked_answer_that_comes_twice_is_one_try(bot: Stage) -> None:
    await publish(bot, riddle(RIGHT))
    ana = await bot.person()
    await bot.says(ana, "/historia")
    await bot.sim.control("POST", "faults", {"kind": "duplicate_updates", "count": 5})

    await bot.says(ana, "sol")

    await bot.until(OPEN, lambda left: left == 0)
    assert await tries(bot) == 1


async def test_a_wrong_option_says_how_many_tries_are_left(bot: Stage) -> None:
    quiz = {"kind": "quiz", "options": [{"es": "Esta"}, {"es": "Aquella"}, {"es": "La otra"}], "tries": 2}
    await publish(bot, world(place("hall", RIGHT, WRONG, entry=True, challenge=quiz), END))
    ana = await bot.person()
    again, _ = await bot.taps(ana, await bot.says(ana, "/historia"), "Aquella")
    assert again["text"].startswith("No es eso. ¿Lo pensamos otra vez? Le queda 1 intento.")
