"""Taps as people make them: twice, late, on old messages, and with buttons that nobody has shown them."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from dianabot.operations.publish import Publish
from dianabot.vocabulary.world import World
from tests.dianabot.content import stories
from tests.dianabot.content.stories import place, way, world
from tests.dianabot.telegram.cottage import WORLD
from tests.dianabot.telegram.stage import Stage, stage
from tests.dianabot.telegram.working import working

pytestmark = pytest.mark.slow

NUMBER = itertools.count(900_000)
SUBSCRIBE = """
INSERT INTO subscriptions (user_id, status, start_date, end_date)
SELECT id, 'active', created_at, created_at + $1::interval FROM users
"""
IDLE = "SELECT count(*) FROM telegram_updates WHERE state IN ('new', 'done')"
QUIZ = {
    "key": "quiz", "title": {"es": "Un examen"}, "entry": True, "text": {"es": "¿Cuál es?"},
    "challenge": {"kind": "quiz", "options": [{"es": "Esta"}, {"es": "Aquella"}, {"es": "La otra"}], "tries": 2},
    "decisions": [{"key": "right", "to": "end", "text": {"es": "Acertar"}, "taken_by": "right"},
                  {"key": "wrong", "to": "end", "text": {"es": "Fallar"}, "taken_by": "wrong"}],
}  # fmt: skip
END = {"key": "end", "ending": True, "title": {"es": "Fin"}, "text": {"es": "Amanece."}}
SCHOOL = World.model_validate({"key": "school", "title": {"es": "La escuela"}, "fragments": [QUIZ, END]})


@pytest.fixture
async def bot(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with stage(postgres_dsn) as running:
        await publish(running, WORLD)
        yield running


async def publish(bot: Stage, world: World) -> None:
    await bot.house.coordinator.run(Publish(world=world), key=f"publish {world.key}", member=None, actor="test")


def callback(message: dict[str, Any], label: str) -> str:
    buttons = [one for row in message["reply_markup"]["inline_keyboard"] for one in row]
    return str(next(one["callback_data"] for one in buttons if one["text"] == label))


def labels(message: dict[str, Any]) -> list[str]:
    return [one["text"] for row in message["reply_markup"]["inline_keyboard"] for one in row]


async def taps_at_once(bot: Stage, person: int, message: dict[str, Any], label: str, times: int = 2) -> None:
    number, data = message["message_id"], callback(message, label)
    await asyncio.gather(*(bot.sim.act(person, "tap", message_id=number, data=data) for _ in range(times)))
    await bot.until(IDLE, lambda left: left == 0)


async def tap_raw(bot: Stage, person: int, message: dict[str, Any], data: str) -> None:
    """Also a button that is not, or no longer, under that message."""
    by = {"id": person, "is_bot": False, "first_name": "Ana"}
    tap = {"id": data, "from": by, "chat_instance": "x", "data": data, "message": message}
    await bot.raw({"update_id": next(NUMBER), "callback_query": tap})
    await bot.until(IDLE, lambda left: left == 0)


async def texts(bot: Stage, person: int) -> list[str]:
    """All that the bot has shown her after its greeting."""
    return [one["text"] for one in await bot.sim.messages(person) if one["from"]["is_bot"]][1:]


async def to_the_cellar(bot: Stage, person: int) -> dict[str, Any]:
    page, _ = await bot.taps(person, await bot.says(person, "/historia"), "Entrar")
    page, _ = await bot.taps(person, page, "Pagar al espejo · 15 💋")
    return page


async def to_the_divan(bot: Stage, person: int) -> dict[str, Any]:
    wall, _ = await bot.taps(person, await to_the_cellar(bot, person), "🔒 Al diván")
    wall, _ = await bot.taps(person, wall, "👑 El club")
    inside, _ = await bot.taps(person, wall, "🕯 Probar 3 días")
    return await bot.turns(person, inside, "🚪 Entrar ahora")


async def leave_the_club(bot: Stage) -> None:
    await bot.house.db.run(
        "UPDATE subscriptions SET start_date = start_date - $1::interval, end_date = end_date - $1::interval",
        timedelta(days=30),
    )


async def test_a_double_tap_turns_the_page_once(bot: Stage) -> None:
    ana = await bot.person()
    await taps_at_once(bot, ana, await bot.says(ana, "/historia"), "Entrar")

    left, following = await texts(bot, ana)
    assert left == "La puerta\nLa puerta\n\nHola, Ana. La puerta está abierta.\n\n› Entrar"
    assert "Un espejo pregunta" in following


async def test_the_same_page_shown_twice_is_left_once(bot: Stage) -> None:
    ana = await bot.person()
    first, second = await bot.says(ana, "/historia"), await bot.says(ana, "/historia")
    page, _ = await bot.taps(ana, first, "Entrar")
    await bot.taps(ana, page, "Pagar al espejo · 15 💋")

    await taps_at_once(bot, ana, second, "Entrar", times=1)

    shown = next(one for one in await bot.sim.messages(ana) if one["message_id"] == second["message_id"])
    assert "Oscuro. Muy oscuro." in shown["text"]
    assert await bot.value("SELECT count(*) FROM user_decisions") == 2


async def test_a_double_tap_on_a_wrong_option_is_one_try(bot: Stage) -> None:
    await publish(bot, SCHOOL)
    ana = await bot.person()
    page = await bot.says(ana, "/historia")

    await taps_at_once(bot, ana, page, "Aquella")

    assert await bot.value("SELECT tries FROM user_story_state") == 1
    again = await bot.says(ana, "/historia")
    following, _ = await bot.taps(ana, again, "Aquella")
    assert "Amanece." in following["text"], "the same option once more is another try"


async def test_what_two_hints_made_stays_to_be_read_after_a_double_tap(bot: Stage) -> None:
    ana = await bot.person()
    page, _ = await bot.taps(ana, await bot.says(ana, "/historia"), "Entrar")
    await bot.taps(ana, page, "Pagar al espejo · 15 💋")
    mixing, _ = await bot.taps(ana, await bot.says(ana, "/pistas"), "🧩 Combinar")
    for hint in ("Hollín", "Ceniza"):
        mixing, _ = await bot.taps(ana, mixing, hint)
    await taps_at_once(bot, ana, mixing, "🧩 Unir lo elegido")
    assert (await texts(bot, ana))[-1].startswith("🧩 Hollín y ceniza: anoche.")


async def test_two_hints_tapped_fast_are_both_chosen(bot: Stage) -> None:
    ana = await bot.person()
    await to_the_cellar(bot, ana)
    none, _ = await bot.taps(ana, await bot.says(ana, "/pistas"), "🧩 Combinar")
    await bot.taps(ana, none, "Hollín")

    await taps_at_once(bot, ana, none, "Ceniza")  # on what she still saw, and twice

    assert labels((await bot.sim.messages(ana))[-1])[:2] == ["✓ Hollín", "✓ Ceniza"]


async def test_of_a_hundred_hints_two_on_different_pages_are_joined(bot: Stage) -> None:
    keys = [f"h{number}" for number in range(100)]
    made = {"key": "both", "hints": ["h0", "h99"], "text": {"es": "La primera y la última."}, "reward": {"xp": 1}}
    hall = place("hall", way("go", "end", reward={"hints": keys}), entry=True)
    await publish(bot, world(hall, place("end", ending=True), hints=list(map(stories.hint, keys)), combinations=[made]))
    ana = await bot.person()
    await bot.taps(ana, await bot.says(ana, "/historia"), "go")
    page, _ = await bot.taps(ana, await bot.says(ana, "/pistas"), "🧩 Combinar")
    page, _ = await bot.taps(ana, page, "h99")
    while "h0" not in labels(page):
        page, _ = await bot.taps(ana, page, "‹ Anteriores")
    page, _ = await bot.taps(ana, page, "h0")
    joined, _ = await bot.taps(ana, page, "🧩 Unir lo elegido")

    assert joined["text"].startswith("🧩 La primera y la última.")


async def test_what_refused_her_once_is_judged_anew(bot: Stage) -> None:
    ana = await bot.person()
    page = await to_the_cellar(bot, ana)
    await tap_raw(bot, ana, page, callback(page, "🔒 Al diván").replace("why", "ch"))
    assert await bot.value("SELECT count(*) FROM user_decisions") == 2
    wall = (await bot.sim.messages(ana))[-1]
    await bot.taps(ana, wall, "🕯 Probar 3 días")
    again = await bot.says(ana, "/historia")

    inside, _ = await bot.taps(ana, again, "Al diván")

    assert "Lo demás es secreto." in inside["text"]


async def test_the_story_begins_again_only_from_the_page_she_is_on(bot: Stage) -> None:
    await publish(bot, SCHOOL)
    ana = await bot.person()
    end, _ = await bot.taps(ana, await bot.says(ana, "/historia"), "Esta")
    other = await bot.says(ana, "/historia")
    await bot.taps(ana, end, "🌅 Empezar de nuevo")
    await bot.says(ana, "/perfil")

    await taps_at_once(bot, ana, other, "🌅 Empezar de nuevo")

    assert await bot.value("SELECT visit FROM user_story_state") == 3


async def test_the_trial_is_welcomed_twice_and_begun_once(bot: Stage) -> None:
    ana = await bot.person()
    wall, _ = await bot.taps(ana, await to_the_cellar(bot, ana), "🔒 Al diván")
    wall, _ = await bot.taps(ana, wall, "👑 El club")

    await taps_at_once(bot, ana, wall, "🕯 Probar 3 días")

    shown = next(one for one in await bot.sim.messages(ana) if one["message_id"] == wall["message_id"])
    assert "Bienvenida sea su visita al club" in shown["text"]
    assert await bot.value("SELECT count(*) FROM subscriptions") == 1


async def test_whoever_was_in_the_club_may_still_try_it_later(bot: Stage) -> None:
    ana = await bot.person()
    wall, _ = await bot.taps(ana, await to_the_cellar(bot, ana), "🔒 Al diván")
    wall, _ = await bot.taps(ana, wall, "👑 El club")
    trial = callback(wall, "🕯 Probar 3 días")
    await bot.house.db.run(SUBSCRIBE, timedelta(days=5))
    await tap_raw(bot, ana, wall, trial)
    await leave_the_club(bot)

    await tap_raw(bot, ana, wall, trial)

    assert await bot.value("SELECT count(*) FROM users WHERE vip_trial_used") == 1


async def test_what_is_for_the_club_closes_to_who_reads_it_again(bot: Stage) -> None:
    ana = await bot.person()
    end, _ = await bot.taps(ana, await to_the_divan(bot, ana), "Subir")
    path, _ = await bot.taps(ana, end, "👣 Mi camino")
    await leave_the_club(bot)

    closed, _ = await bot.taps(ana, path, "1")

    assert "Lo demás es secreto." not in closed["text"]
    assert "Un mes, 30 días por 150 ⭐" in closed["text"]


async def test_whoever_stands_inside_when_the_club_closes_finds_the_way_out(bot: Stage) -> None:
    ana = await bot.person()
    await to_the_divan(bot, ana)
    await leave_the_club(bot)

    wall = await bot.says(ana, "/historia")

    assert "Lo demás es secreto." not in wall["text"]
    assert labels(wall) == ["Subir", "🌅 Empezar de nuevo"]
    outside, _ = await bot.taps(ana, wall, "Subir")
    assert "Amanece." in outside["text"]


FORGED = ("ch:-1:1", "ch:1:-5", "opt:101:1:1", "opt:1:1:-1", "why:-1:-1", "say:-1", "purse:-1", "path:-1", "mix!:",
          "mix!:1.2.3", "mix!:..", "club:nada", "enter:nada", "enter:door", "page:nada", "try:nada", "anew:x", "anew:7",
          "lucien:7", "zone:x", "mark:999:1:999", "mark:1:1:0", "mark:0:0:5", "mark<:1..x:9", "hints<:9",
          "mix:1")  # fmt: skip


async def test_a_forged_button_is_answered_and_never_a_defect(bot: Stage) -> None:
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    for data in FORGED:
        await tap_raw(bot, ana, page, data)
        assert await bot.column("SELECT raw FROM telegram_updates WHERE state = 'dead'") == [], data


async def test_hints_that_she_marked_are_joined_also_when_others_are_told_no_more(postgres_dsn: str) -> None:
    story = WORLD.model_dump()
    story["hints"].insert(0, {"key": "dust", "title": {"es": "Polvo"}, "text": {"es": "Todo calla."}})
    story["fragments"][0]["decisions"][0]["reward"]["hints"] = ["dust", "soot", "ash"]
    async with working(postgres_dsn, world=World.model_validate(story), worker=False) as bot:
        ana = await bot.person()
        await bot.taps(ana, await bot.says(ana, "/historia"), "Entrar")
        marking, _ = await bot.taps(ana, await bot.says(ana, "/pistas"), "🧩 Combinar")
        for hint in ("Hollín", "Ceniza"):
            marking, _ = await bot.taps(ana, marking, hint)
        await bot.house.coordinator.run(Publish(world=WORLD), key="less", member=None, actor="test")
        joined, _ = await bot.taps(ana, marking, "🧩 Unir lo elegido")

        assert "Hollín y ceniza: anoche." in joined["text"]
