"""When something is in the way: kind words, a code that finds the log line, and nothing lost."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from dianabot.operations.rulebook import Flags, Rules
from dianabot.telegram.ingest.arrival import sorted_out
from tests.dianabot.telegram.stage import Stage, stage
from tests.dianabot.telegram.test_conversation import OPEN, tap
from tests.telesim.home import DIANA, LUCIA

pytestmark = pytest.mark.slow

BROKEN = Rules(texts={"es": {"help.end": "<b>nobody closes this"}})


async def test_a_defect_is_tried_again_and_then_told_with_a_code_that_finds_it(
    bot: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    await bot.says(LUCIA, "/start")
    bot.house.rules.now = BROKEN
    sorry = await bot.says(LUCIA, "/ayuda")

    assert "Le ruego que me disculpe" in sorry["text"]
    code = sorry["text"].rpartition(" ")[2]
    logged = capsys.readouterr().out
    assert f"code={code}" in logged
    assert "Can't parse entities" in logged
    assert (await bot.value("SELECT correlation_id::text FROM dead_letters")).replace("-", "").endswith(code)
    assert len([call for call in await bot.calls("sendMessage") if not call["ok"]]) == 3
    assert "Ajustes" in (await bot.says(LUCIA, "/ajustes"))["text"]


async def test_a_tapped_button_is_let_go_when_its_screen_fails(bot: Stage) -> None:
    screen = await bot.says(LUCIA, "/start")
    bot.house.rules.now = BROKEN
    said = await bot.sim.act(LUCIA, "tap", message_id=screen["message_id"], label="🛎 Ayuda")

    assert said["answered"]


async def test_a_refusal_stands_over_the_button(postgres_dsn: str) -> None:
    async with stage(postgres_dsn, owner_telegram_id=DIANA) as bot:
        await bot.says(DIANA, "/start")
        screen, _ = await bot.taps(DIANA, await bot.says(DIANA, "/ajustes"), "🔥 Borrar mis datos")
        said = await bot.sim.act(DIANA, "tap", message_id=screen["message_id"], label="Sí, borrar todo")

        assert said["text"].startswith("Esta casa necesita a alguien al frente")
        assert said["show_alert"]
        assert await bot.value("SELECT erased_at FROM users") is None


async def test_a_refusal_of_a_tap_that_is_too_old_comes_as_a_message(postgres_dsn: str) -> None:
    async with stage(postgres_dsn, owner_telegram_id=DIANA) as bot:
        await bot.says(DIANA, "/start")
        screen, _ = await bot.taps(DIANA, await bot.says(DIANA, "/ajustes"), "🔥 Borrar mis datos")
        data = screen["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        await arrives_late(bot, tap(DIANA, screen["message_id"], data, update_id=10**9), minutes=3)

        answer = await bot.next_from_bot(DIANA, screen["message_id"])
        assert answer["text"].startswith("Esta casa necesita a alguien al frente")


async def test_a_tap_that_is_too_old_is_done_without_an_answer(bot: Stage) -> None:
    screen = await bot.says(LUCIA, "/start")
    await arrives_late(bot, tap(LUCIA, screen["message_id"], "me", update_id=10**9), minutes=3)
    await bot.until(OPEN, lambda left: left == 0)

    assert (await bot.sim.messages(LUCIA))[-1]["text"].startswith("Su ficha")
    assert await bot.calls("answerCallbackQuery") == []


async def arrives_late(bot: Stage, update: dict[str, Any], *, minutes: int) -> None:
    """It was stored by a process that is gone, and lay there."""
    [(came, _)] = sorted_out([update])[0]
    at = bot.house.clock.real() - timedelta(minutes=minutes)
    await bot.house.db.run(
        "INSERT INTO telegram_updates (bot, update_id, queue, raw, leased_by, received_at)"
        " VALUES ($1, $2, $3, $4::text::json, 'gone', $5)",
        bot.part._front.bot, came.update_id, came.queue, came.raw, at,
    )  # fmt: skip


async def test_a_closed_house_says_so_in_her_language(bot: Stage) -> None:
    bot.house.rules.now = Rules(flags=Flags(registration=False))
    ana, alex = await bot.stranger("Ana", "es"), await bot.stranger("Alex", "en")

    assert "no recibe nuevas visitas" in (await bot.says(ana, "/start"))["text"]
    assert "no new guests" in (await bot.says(alex, "hello"))["text"]
    assert await bot.value("SELECT count(*) FROM users") == 0


async def test_whoever_blocks_the_bot_is_marked_until_she_writes_again(bot: Stage) -> None:
    await bot.says(LUCIA, "/start")
    await bot.sim.act(LUCIA, "block", blocked=True)
    await bot.until("SELECT blocked_bot FROM users", lambda blocked: blocked is True)
    await bot.until(OPEN, lambda left: left == 0)

    await bot.sim.act(LUCIA, "block", blocked=False)
    await bot.says(LUCIA, "/start")

    assert await bot.value("SELECT blocked_bot FROM users") is False


async def test_a_403_marks_her_too(bot: Stage) -> None:
    screen = await bot.says(LUCIA, "/start")
    await bot.sim.act(LUCIA, "block", blocked=True)
    await bot.until("SELECT count(*) FROM operations WHERE name = 'MARCAR_BLOQUEO'", lambda number: number == 1)
    await bot.house.db.run("UPDATE users SET blocked_bot = false")

    await bot.raw(tap(LUCIA, screen["message_id"] + 99, "me", update_id=10**9))

    await bot.until("SELECT blocked_bot FROM users", lambda blocked: blocked is True)
    await bot.until(OPEN, lambda left: left == 0)
    assert await bot.value("SELECT count(*) FROM dead_letters") == 0


@pytest.mark.parametrize(("fault", "times"), [("429", 1), ("500", 1), ("drop_reply", 2)])
async def test_an_answer_that_does_not_get_through_is_given_again_and_the_act_is_done_once(
    bot: Stage, fault: str, times: int
) -> None:
    """A lost reply may mean that it was said: better twice than never."""
    await bot.says(LUCIA, "/start")
    await bot.sim.control("POST", "faults", {"method": "sendMessage", "kind": fault, "count": 1, "retry_after": 1})
    await bot.says(LUCIA, "/perfil")
    await bot.until(OPEN, lambda left: left == 0)

    shown = [said["text"] for said in await bot.sim.messages(LUCIA) if said["from"]["is_bot"]][1:]
    assert len(shown) == times
    assert len(await bot.column("SELECT id FROM operations WHERE name = 'ATENDER'")) == 2


async def test_while_telegram_asks_for_patience_others_are_answered(bot: Stage) -> None:
    for person in (LUCIA, DIANA):
        await bot.says(person, "/start")
    await bot.sim.control("POST", "faults", {"method": "sendMessage", "kind": "429", "count": 1, "retry_after": 30})
    await bot.sim.says(LUCIA, "/perfil")
    await bot.until("SELECT count(*) FROM operations WHERE user_id = 1", lambda number: number == 3)

    async with asyncio.timeout(60):
        assert "Ajustes" in (await bot.says(DIANA, "/ajustes"))["text"]
    await bot.until(OPEN, lambda left: left == 1)
