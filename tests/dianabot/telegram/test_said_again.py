"""An answer that did not get through is given again, and it is the answer to what she said then."""

from collections.abc import AsyncIterator

import pytest

from tests.dianabot.telegram.stage import Stage
from tests.dianabot.telegram.test_conversation import OPEN
from tests.dianabot.telegram.working import working

pytestmark = pytest.mark.slow


@pytest.fixture
async def bot(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with working(postgres_dsn, worker=False) as running:
        yield running


async def answered_at_last(bot: Stage, person: int, text: str) -> str:
    """What the bot says to it when the first try was written, and Telegram took no message."""
    await bot.sim.control("POST", "faults", {"method": "sendMessage", "kind": "500", "count": 1})
    answer = str((await bot.says(person, text))["text"])
    await bot.until(OPEN, lambda left: left == 0)
    return answer


async def test_whoever_came_for_the_first_time_is_welcomed_as_new(bot: Stage) -> None:
    ana = int((await bot.sim.control("POST", "people", {"first_name": "Ana", "language_code": "es"})).body["id"])

    assert "soy Lucien" in await answered_at_last(bot, ana, "/start")
    assert "de nuevo" in (await bot.says(ana, "/start"))["text"]
    assert "de nuevo" in await answered_at_last(bot, ana, "/start")


async def test_the_place_that_she_wrote_is_confirmed_and_chosen_once(bot: Stage) -> None:
    ana = await bot.person()
    screen, _ = await bot.taps(ana, await bot.says(ana, "/ajustes"), "🕰 Zona horaria")
    await bot.taps(ana, screen, "✍️ Escribir mi ciudad")

    assert "Madrid" in await answered_at_last(bot, ana, "madrid")
    assert "no esperaba" in (await bot.says(ana, "lima"))["text"]
    assert "no esperaba" in await answered_at_last(bot, ana, "lima")
    assert await bot.value("SELECT time_zone FROM users") == "Europe/Madrid"


async def test_a_right_answer_turns_the_page_and_its_words_mean_nothing_later(bot: Stage) -> None:
    ana = await bot.person()
    await bot.taps(ana, await bot.says(ana, "/historia"), "Entrar")
    page = (await bot.sim.messages(ana))[-1]
    await bot.taps(ana, page, "✍️ Responder")

    assert "La puerta" in await answered_at_last(bot, ana, "el reflejo")
    assert "no esperaba" in (await bot.says(ana, "el reflejo"))["text"]
    assert await bot.value("SELECT count(*) FROM operations WHERE name = 'RESPONDER_RETO'") == 1
