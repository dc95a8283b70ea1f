"""The story in the chat: read, choose, meet a lock and open it, join hints, stand before the wall and pass it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.dianabot.telegram.stage import Stage, stage
from tests.dianabot.telegram.working import working

pytestmark = pytest.mark.slow


@pytest.fixture
async def bot(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with working(postgres_dsn, worker=False) as running:
        yield running


def labels(message: dict[str, Any]) -> list[str]:
    return [button["text"] for row in message["reply_markup"]["inline_keyboard"] for button in row]


async def test_a_page_is_read_in_her_language_with_its_ways_on(bot: Stage) -> None:
    ana, alex = await bot.person("Ana <3"), await bot.person("Alex", "en")
    page = await bot.says(ana, "/historia")
    assert page["text"] == "La puerta\nLa puerta\n\nHola, Ana <3. La puerta está abierta."
    assert labels(page) == ["Entrar", "🔒 Bajar al sótano", "👣 Mi camino", "🔎 Mis pistas", "🕯 Vestíbulo"]
    assert (await bot.says(alex, "/historia"))["text"] == "The door\nThe door\n\nHello, Alex."


async def test_the_hall_offers_to_begin_until_she_has_begun(bot: Stage) -> None:
    ana = await bot.stranger()
    for written in ("/start", "/start", "hola", "/nadie_lo_conoce"):
        assert labels(await bot.says(ana, written))[0] == "📖 Empezar a leer", written
    hall, _ = await bot.taps(ana, await bot.says(ana, "/ayuda"), "🕯 Vestíbulo")
    page, _ = await bot.taps(ana, hall, "📖 Empezar a leer")
    assert "La puerta está abierta" in page["text"]

    hall, _ = await bot.taps(ana, page, "🕯 Vestíbulo")
    assert labels(hall)[0] == "📖 Seguir leyendo"
    for written in ("/start", "hola", "/nadie_lo_conoce"):
        assert labels(await bot.says(ana, written))[0] == "📖 Seguir leyendo", written


async def test_a_choice_turns_the_page_and_says_what_it_brought(bot: Stage) -> None:
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    following, _ = await bot.taps(ana, page, "Entrar")
    assert following["message_id"] > page["message_id"]
    assert following["text"].startswith("✨ +20 besitos · 🔎 Hollín")
    assert "Un espejo pregunta" in following["text"]
    left = next(one for one in await bot.sim.messages(ana) if one["message_id"] == page["message_id"])
    assert left["text"].endswith("› Entrar")
    assert "reply_markup" not in left


async def test_a_double_tap_decides_once(bot: Stage) -> None:
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    data = page["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    twice = [bot.sim.act(ana, "tap", message_id=page["message_id"], data=data) for _ in range(2)]
    await asyncio.gather(*twice)
    await bot.until("SELECT count(*) FROM telegram_updates WHERE state IN ('new', 'done')", lambda left: left == 0)
    assert await bot.column("SELECT amount FROM besitos_ledger") == [20]
    assert await bot.value("SELECT count(*) FROM user_decisions") == 1
    left = next(one for one in await bot.sim.messages(ana) if one["message_id"] == page["message_id"])
    assert "Hola, Ana. La puerta está abierta." in left["text"], "the second tap has not written over it"
    assert left["text"].endswith("› Entrar")
    assert "Un espejo pregunta" in (await bot.says(ana, "/historia"))["text"]


async def test_a_lock_says_everything_that_is_missing_and_opens_when_she_has_it(bot: Stage) -> None:
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    locked, _ = await bot.taps(ana, page, "🔒 Bajar al sótano")
    assert "«Lámpara» en su mochila (0 de 1)" in locked["text"]
    page, _ = await bot.taps(ana, locked, "‹ Volver")
    page, _ = await bot.taps(ana, page, "Entrar")
    asked, _ = await bot.taps(ana, page, "✍️ Responder")
    assert "Escriba su respuesta" in asked["text"]
    wrong = await bot.says(ana, "una ventana")
    assert "No es eso" in wrong["text"]
    right = await bot.says(ana, "¡EL REFLEJO!")
    assert "🎒 Lámpara" in right["text"]
    assert "Bajar al sótano" in labels(right)


async def test_two_hints_make_a_third_once(bot: Stage) -> None:
    ana = await bot.person()
    empty = await bot.says(ana, "/pistas")
    assert "Aún no guarda ninguna pista" in empty["text"]
    page, _ = await bot.taps(ana, await bot.says(ana, "/historia"), "Entrar")
    await bot.taps(ana, page, "Pagar al espejo · 15 💋")
    hints = await bot.says(ana, "/pistas")
    assert "Hollín" in hints["text"]
    mixing, _ = await bot.taps(ana, hints, "🧩 Combinar")
    mixing, _ = await bot.taps(ana, mixing, "Hollín")
    mixing, _ = await bot.taps(ana, mixing, "Ceniza")
    assert "✓ Hollín" in labels(mixing)
    joined, _ = await bot.taps(ana, mixing, "🧩 Unir lo elegido")
    assert joined["text"].startswith("🧩 Hollín y ceniza: anoche.")
    assert "Se fue anoche." in joined["text"]
    assert joined["text"].count("Hollín y ceniza: anoche.") == 1
    again = await bot.says(ana, "/pistas")
    assert "Lo que ha descubierto" in again["text"]
    assert "🧩 Hollín y ceniza: anoche.\n\n🔎 Anoche" in again["text"], "between what made it and what it gave"
    assert await bot.column("SELECT amount FROM besitos_ledger ORDER BY seq") == [20, -15, 5]


async def test_the_wall_shows_the_offer_and_the_invitation_opens_it(bot: Stage) -> None:
    ana = await bot.person()
    page, _ = await bot.taps(ana, await bot.says(ana, "/historia"), "Entrar")
    page, _ = await bot.taps(ana, page, "Pagar al espejo · 15 💋")
    assert "🔒 Al diván" in labels(page)
    locked, _ = await bot.taps(ana, page, "🔒 Al diván")
    assert "pertenecer al club" in locked["text"]
    wall, _ = await bot.taps(ana, locked, "👑 El club")
    assert "Solo para ti." in wall["text"]
    assert "secreto" not in wall["text"]
    assert "Un mes, 30 días por 150 ⭐" in wall["text"]
    inside, _ = await bot.taps(ana, wall, "🕯 Probar 3 días")
    assert "Bienvenida sea su visita al club" in inside["text"]
    page = await bot.turns(ana, inside, "🚪 Entrar ahora")
    assert "Lo demás es secreto." in page["text"]
    end, _ = await bot.taps(ana, page, "Subir")
    assert "Aquí termina este camino" in end["text"]
    path, _ = await bot.taps(ana, end, "👣 Mi camino")
    assert "1. El diván\n› Subir" in path["text"]
    again, _ = await bot.taps(ana, path, "1")
    assert "Lo demás es secreto." in again["text"]


async def test_a_tap_at_the_wall_is_a_try_that_leaves_its_facts_under_one_correlation(bot: Stage) -> None:
    ana = await bot.person()
    page, _ = await bot.taps(ana, await bot.says(ana, "/historia"), "Entrar")
    page, _ = await bot.taps(ana, page, "Pagar al espejo · 15 💋")
    locked, _ = await bot.taps(ana, page, "🔒 Al diván")
    wall, _ = await bot.taps(ana, locked, "👑 El club")
    assert "Solo para ti." in wall["text"]
    assert await bot.column(
        "SELECT event_type FROM event_logs JOIN operations USING (correlation_id)"
        " WHERE name = 'ACCEDER_NARRATIVA_VIP' AND event_type LIKE ANY (ARRAY['coordinator.%', 'analytics.%'])"
        " ORDER BY seq"
    ) == ["coordinator.access_denied", "analytics.conversion_opportunity"]


async def test_when_her_days_in_the_club_are_over_its_pages_close_those_behind_her_too(bot: Stage) -> None:
    ana = await bot.person()
    page, _ = await bot.taps(ana, await bot.says(ana, "/historia"), "Entrar")
    page, _ = await bot.taps(ana, page, "Pagar al espejo · 15 💋")
    locked, _ = await bot.taps(ana, page, "🔒 Al diván")
    wall, _ = await bot.taps(ana, locked, "👑 El club")
    inside, _ = await bot.taps(ana, wall, "🕯 Probar 3 días")
    page = await bot.turns(ana, inside, "🚪 Entrar ahora")
    assert "Lo demás es secreto." in page["text"]

    month = "start_date = start_date - interval '30 days', end_date = end_date - interval '30 days'"
    await bot.house.db.run(f"UPDATE subscriptions SET {month}")  # noqa: S608 - ours, to save a line
    shut = await bot.says(ana, "/historia")
    assert "Solo para ti." in shut["text"]
    assert "secreto" not in shut["text"]
    await bot.taps(ana, page, "Subir")
    path, _ = await bot.taps(ana, await bot.says(ana, "/historia"), "👣 Mi camino")
    again, _ = await bot.taps(ana, path, "1")
    assert "Solo para ti." in again["text"]
    assert "secreto" not in again["text"]


async def test_besitos_are_told_one_by_one(bot: Stage) -> None:
    ana = await bot.person()
    assert "Aún no se ha movido ninguno" in (await bot.says(ana, "/besitos"))["text"]
    page, _ = await bot.taps(ana, await bot.says(ana, "/historia"), "Entrar")
    await bot.taps(ana, page, "Pagar al espejo · 15 💋")
    purse = await bot.says(ana, "/besitos")
    assert "Tiene 5 besitos." in purse["text"]
    assert "−15 · la historia" in purse["text"]
    assert "+20 · la historia" in purse["text"]


async def test_before_anything_is_published_she_is_told_kindly(postgres_dsn: str) -> None:
    async with stage(postgres_dsn) as empty:
        said = await empty.says(await empty.person(), "/historia")
        assert "aún está escribiendo la primera página" in said["text"]


async def test_lucien_can_be_asked_to_keep_quiet(bot: Stage) -> None:
    ana = await bot.person()
    settings = await bot.says(ana, "/ajustes")
    letters, _ = await bot.taps(ana, settings, "✉️ Cartas de Lucien")
    quiet, answered = await bot.taps(ana, letters, "🤫 Que no me escriba")
    assert "No le escribo si usted no me llama" in quiet["text"]
    assert await bot.value("SELECT count(*) FROM lucien_deaf") == 1
    assert answered
