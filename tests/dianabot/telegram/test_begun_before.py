"""What was at work before is answered as if it had been answered then, by whichever process comes to it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from dianabot.kernel.clock import SystemClock
from dianabot.operations.asks import Erase
from dianabot.operations.start_trial import StartTrial
from tests.dianabot.telegram.stage import Message, Stage, part_of
from tests.dianabot.telegram.test_conversation import OPEN
from tests.dianabot.telegram.working import working

pytestmark = pytest.mark.slow

CUT = "SELECT count(*) FROM telegram_updates WHERE state = 'done'"
FACTS = "SELECT event_type FROM event_logs ORDER BY seq"


@pytest.fixture
async def bot(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with working(postgres_dsn, worker=False) as running:
        yield running


async def fails(bot: Stage, method: str, times: int = 1) -> None:
    await bot.sim.control("POST", "faults", {"method": method, "kind": "500", "count": times})


async def answered(bot: Stage) -> None:
    await bot.until(OPEN, lambda left: left == 0)


async def newest(bot: Stage, person: int) -> Message:
    return (await bot.sim.messages(person))[-1]


async def another_process_goes_on(bot: Stage, *, killed: bool) -> None:
    """What is done and unanswered is handed on, by whoever ends in order or is found dead."""
    await bot.until(CUT, lambda left: left == 1)
    await bot.part.stop()
    if killed:
        await bot.house.db.run("UPDATE telegram_updates SET attempts = 1, leased_by = 'dead' WHERE state = 'done'")
    await bot.sim.control("DELETE", "faults")
    following = part_of(bot.house, pace=None)
    try:
        await following.start()
        await answered(bot)
    finally:
        await following.stop()


async def test_what_she_is_asked_for_stays_asked(bot: Stage) -> None:
    ana = await bot.person()
    screen, _ = await bot.taps(ana, await bot.says(ana, "/ajustes"), "🕰 Zona horaria")
    await fails(bot, "editMessageText")
    await bot.taps(ana, screen, "✍️ Escribir mi ciudad")
    await answered(bot)

    assert "Madrid" in (await bot.says(ana, "madrid"))["text"]


async def test_she_was_here_once(bot: Stage) -> None:
    ana = await bot.person()
    await fails(bot, "sendMessage")
    await bot.says(ana, "/historia")
    await answered(bot)

    facts = await bot.column(FACTS)
    assert facts.count("user.command_executed") == 2


@pytest.mark.parametrize("killed", [False, True], ids=["ended in order", "killed"])
async def test_the_page_that_follows_is_shown_by_the_next_process(bot: Stage, *, killed: bool) -> None:
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    await fails(bot, "sendMessage", 1000)
    await bot.sim.act(ana, "tap", message_id=page["message_id"], label="Entrar")
    await another_process_goes_on(bot, killed=killed)

    assert "¿quién soy?" in (await newest(bot, ana))["text"]
    assert await bot.value("SELECT count(*) FROM user_decisions") == 1


@pytest.mark.parametrize("killed", [False, True], ids=["ended in order", "killed"])
async def test_what_she_wrote_means_the_same_to_the_next_process(bot: Stage, *, killed: bool) -> None:
    ana = await bot.person()
    screen, _ = await bot.taps(ana, await bot.says(ana, "/ajustes"), "🕰 Zona horaria")
    await bot.taps(ana, screen, "✍️ Escribir mi ciudad")
    await answered(bot)
    await fails(bot, "sendMessage", 1000)
    await bot.sim.says(ana, "madrid")
    await another_process_goes_on(bot, killed=killed)

    assert "Madrid" in (await newest(bot, ana))["text"]


async def test_the_page_that_she_leaves_keeps_what_she_chose(bot: Stage) -> None:
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    await fails(bot, "editMessageText")
    await bot.taps(ana, page, "Entrar")
    await answered(bot)

    left = next(one for one in await bot.sim.messages(ana) if one["message_id"] == page["message_id"])
    assert left["text"] == f"{page['text']}\n\n› Entrar"
    assert [one["type"] for one in left["entities"]] == [*(one["type"] for one in page["entities"]), "italic"]
    assert "reply_markup" not in left


async def test_two_taps_are_two_signs_of_her(bot: Stage) -> None:
    ana = await bot.person()
    page = await bot.says(ana, "/historia")
    tap = {"message_id": page["message_id"], "label": "Entrar"}
    await asyncio.gather(*(bot.sim.act(ana, "tap", **tap) for _ in range(2)))
    await answered(bot)

    assert (await bot.column(FACTS)).count("user.activity") == 2


async def test_a_try_at_the_wall_is_told_once(bot: Stage) -> None:
    ana = await bot.person()
    await bot.taps(ana, await bot.says(ana, "/historia"), "Entrar")
    member = await bot.value("SELECT id FROM users")
    await bot.house.coordinator.run(StartTrial(), key="trial", member=member, actor="test")
    cellar, _ = await bot.taps(ana, await newest(bot, ana), "Pagar al espejo · 15 💋")
    assert isinstance(bot.house.clock, SystemClock)
    bot.house.clock.move_to(timedelta(days=60))
    await fails(bot, "editMessageText")
    wall, _ = await bot.taps(ana, cellar, "Al diván")
    await answered(bot)

    assert "Solo para ti." in wall["text"]
    facts = await bot.column(FACTS)
    assert facts.count("coordinator.access_denied") == 1
    assert facts.count("analytics.conversion_opportunity") == 1


async def test_what_was_shown_is_not_shown_again_because_its_button_was_not_let_go(bot: Stage) -> None:
    ana = await bot.person()
    settings = await bot.says(ana, "/ajustes")
    await fails(bot, "answerCallbackQuery")
    await bot.sim.act(ana, "tap", message_id=settings["message_id"], label="📜 Mis datos")
    await answered(bot)

    assert len(await bot.calls("sendDocument")) == 1


@pytest.mark.parametrize("words", ["/start", "/historia"])
async def test_whoever_is_erased_meanwhile_is_not_made_known_again_by_her_old_words(bot: Stage, words: str) -> None:
    ana = await bot.person()
    if words != "/start":
        await bot.says(ana, "/start")
    await answered(bot)
    await fails(bot, "sendMessage", 1000)
    before = len(await bot.calls("sendMessage"))
    await bot.sim.says(ana, words)
    await bot.until_called("sendMessage", before + 1)
    member = await bot.value("SELECT id FROM users")
    await bot.house.coordinator.run(Erase(), key="erase", member=member, actor="cli")
    await bot.sim.control("DELETE", "faults")
    await answered(bot)

    assert await bot.value("SELECT count(*) FROM users") == 1
    assert "hasta la última línea" in (await newest(bot, ana))["text"]
