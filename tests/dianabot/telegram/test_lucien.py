"""Lucien in the chat: his words arrive, once, in her language, from memory, at a fitting hour, and only if welcome."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from dianabot.kernel.clock import SystemClock
from dianabot.kernel.ids import MemberId
from dianabot.operations.asks import ChooseSilence
from tests.dianabot.telegram.stage import Stage
from tests.dianabot.telegram.working import another_worker, at_rest, heard, hears, rule, working

pytestmark = pytest.mark.slow

WORDS = {"es": "La vi entrar, {{ name }}.", "en": "I saw you come in, {{ name }}."}
SOON = {"key": "in", "on": "narrative.decision_taken", "where": {"decision": "door.in"}, "text": WORDS}
LATER = {**SOON, "after_minutes": 30}
TOLD = "SELECT state FROM telegram_sends WHERE kind = 'lucien' ORDER BY id"
WHY = "SELECT error FROM telegram_sends WHERE kind = 'lucien'"
PLANNED = "SELECT state FROM lucien_messages ORDER BY id"
WAITS = "SELECT count(*) FROM timers WHERE kind = 'lucien'"


async def goes_in(bot: Stage, person: int, label: str = "Entrar") -> dict[str, Any]:
    page, _ = await bot.taps(person, await bot.says(person, "/historia"), label)
    return page


async def passes(bot: Stage, *, hours: float = 0, minutes: float = 0) -> None:
    clock = bot.house.clock
    assert isinstance(clock, SystemClock)
    clock.move_to(clock.offset + timedelta(hours=hours, minutes=minutes))


async def makes_quiet(bot: Stage) -> None:
    """His quiet hours lie around the present one."""
    hour = bot.house.clock.now().hour
    await rule(bot.house, "creator.time_zone", "UTC")
    await rule(bot.house, "lucien.quiet_from", (hour - 1) % 24)
    await rule(bot.house, "lucien.quiet_until", (hour + 3) % 24)


async def test_what_she_did_brings_his_words_once_in_her_language(postgres_dsn: str) -> None:
    async with working(postgres_dsn, SOON) as bot:
        ana, alex = await bot.person("Ana <3"), await bot.person("Alex", "en")
        await goes_in(bot, ana)
        await goes_in(bot, alex, "Go in")
        [message] = await hears(bot, ana, "La vi entrar, Ana <3.")
        assert "inline_keyboard" in message["reply_markup"], "and a way back into the story"
        await hears(bot, alex, "I saw you come in, Alex.")
        page = await bot.says(ana, "/historia")
        page, _ = await bot.taps(ana, page, "Pagar al espejo · 15 💋")
        await at_rest(bot)
        assert len(await heard(bot, ana, "La vi entrar")) == 1
        assert await bot.column(TOLD) == ["sent", "sent"]


REMEMBERS = (
    "{% if chose('door.in') %}Entró{% endif %}{% if chose('door.cellar') %} y bajó{% endif %}: {{ vars.trust }},"
    " {{ besitos }} besitos{% if has_hint('soot') %}, hollín{% endif %}{% if has_hint('fire') %}, fuego{% endif %}"
    "{% if has_item('lamp') %}, lámpara{% endif %}."
)


async def test_he_remembers_what_she_chose_and_found(postgres_dsn: str) -> None:
    paid = {"key": "paid", "on": "narrative.decision_taken", "where": {"decision": "room.pay"},
            "text": {"es": REMEMBERS}}  # fmt: skip
    async with working(postgres_dsn, paid) as bot:
        ana = await bot.person()
        await bot.taps(ana, await goes_in(bot, ana), "Pagar al espejo · 15 💋")
        [message] = await hears(bot, ana, "Entró")
        assert message["text"] == "Entró: 1, 5 besitos, hollín, lámpara."


async def test_at_a_planned_hour_he_writes_and_not_before(postgres_dsn: str) -> None:
    async with working(postgres_dsn, LATER) as bot:
        ana = await bot.person()
        await goes_in(bot, ana)
        await bot.until(WAITS, lambda planned: planned == 1)
        assert await bot.column(PLANNED) == ["due"]
        due = await bot.value("SELECT due_at FROM timers WHERE kind = 'lucien'")
        assert due - await bot.value("SELECT at FROM operations WHERE name = 'TOMAR_DECISION'") >= timedelta(minutes=30)
        assert await heard(bot, ana, "La vi entrar") == []
        await passes(bot, minutes=30)
        assert len(await hears(bot, ana, "La vi entrar")) == 1


async def test_in_her_quiet_hours_he_waits_and_writes_after_them(postgres_dsn: str) -> None:
    async with working(postgres_dsn, SOON) as bot:
        await makes_quiet(bot)
        ana = await bot.person()
        await goes_in(bot, ana)
        await bot.until("SELECT count(*) FROM timers WHERE kind = 'lucien'", lambda found: found == 1)
        await at_rest(bot)
        assert await heard(bot, ana, "La vi entrar") == []
        await passes(bot, hours=3)
        assert len(await hears(bot, ana, "La vi entrar")) == 1
        assert await bot.column(TOLD) == ["sent"]


@asynccontextmanager
async def kept_waiting(bot: Stage) -> AsyncIterator[None]:
    """He has spoken, but Telegram asks for patience; what is done meanwhile is done before it takes his words."""
    await bot.sim.control("POST", "faults", {"method": "sendMessage", "kind": "429", "count": 1, "retry_after": 1})
    async with another_worker(bot):
        await bot.until(WHY, lambda why: why is not None)
        yield


async def test_words_that_telegram_kept_waiting_into_her_night_wait_for_her_morning(postgres_dsn: str) -> None:
    async with working(postgres_dsn, SOON, worker=False) as bot:
        ana = await bot.person()
        await goes_in(bot, ana)
        async with kept_waiting(bot):
            await makes_quiet(bot)
        await bot.until(WHY, lambda why: why == "she is left in peace now")
        assert await heard(bot, ana, "La vi entrar") == []
        await passes(bot, hours=3)
        assert len(await hears(bot, ana, "La vi entrar")) == 1


async def test_words_that_telegram_kept_waiting_are_not_for_whom_does_not_want_them_any_more(postgres_dsn: str) -> None:
    async with working(postgres_dsn, SOON, worker=False) as bot:
        ana = await bot.person()
        await goes_in(bot, ana)
        async with kept_waiting(bot):
            silent = ChooseSilence(silent=True)
            await bot.house.coordinator.run(silent, key="silent", member=MemberId(1), actor="member:1")
        await bot.until(TOLD, lambda state: state == "lapsed")
        assert await heard(bot, ana, "La vi entrar") == []


@pytest.mark.parametrize("asked", ["before", "between", "and taken back"])
async def test_whoever_asked_him_to_keep_quiet_hears_nothing_of_him(postgres_dsn: str, asked: str) -> None:
    async with working(postgres_dsn, LATER) as bot:
        ana = await bot.person()
        if asked == "before":
            await says_about_letters(bot, ana, "🤫 Que no me escriba")
        await goes_in(bot, ana)
        await at_rest(bot)
        if asked != "before":
            await says_about_letters(bot, ana, "🤫 Que no me escriba")
        if asked == "and taken back":
            await says_about_letters(bot, ana, "✉️ Que me escriba")
        await passes(bot, minutes=30)
        await bot.until(WAITS, lambda due: due == 0)
        await at_rest(bot)
        if asked == "and taken back":
            assert len(await hears(bot, ana, "La vi entrar")) == 1
        else:
            assert await bot.column(PLANNED) == ([] if asked == "before" else ["dropped"])
            assert await heard(bot, ana, "La vi entrar") == []


async def says_about_letters(bot: Stage, person: int, label: str) -> None:
    letters, _ = await bot.taps(person, await bot.says(person, "/ajustes"), "✉️ Cartas de Lucien")
    await bot.taps(person, letters, label)


async def test_whoever_shut_the_door_hears_nothing_of_him_and_nothing_waits_for_her(postgres_dsn: str) -> None:
    async with working(postgres_dsn, LATER) as bot:
        ana = await bot.person()
        await goes_in(bot, ana)
        await bot.until(WAITS, lambda planned: planned == 1)
        await bot.sim.act(ana, "block", blocked=True)
        await bot.until("SELECT blocked_bot FROM users", lambda blocked: blocked is True)
        await passes(bot, minutes=30)
        await bot.until(PLANNED, lambda state: state == "sent")
        await at_rest(bot)
        assert await bot.column(TOLD) == []
        await bot.sim.act(ana, "block", blocked=False)
        assert "Un espejo pregunta" in (await bot.says(ana, "/historia"))["text"]
        assert await heard(bot, ana, "La vi entrar") == []


CUTS = {
    "before he heard of it": "SELECT 1",
    "when he has spoken": "SELECT count(*) FROM event_logs WHERE event_type = 'narrative.lucien_spoke'",
    "when his words are on their way": "SELECT count(*) FROM telegram_sends",
}


@pytest.mark.parametrize("cut", CUTS)
async def test_he_says_it_once_though_the_worker_is_cut_off(postgres_dsn: str, cut: str) -> None:
    async with working(postgres_dsn, SOON, worker=False) as bot:
        ana = await bot.person()
        await goes_in(bot, ana)
        for _ in range(2):
            async with another_worker(bot):
                await bot.until(CUTS[cut], lambda there: there >= 1)
        async with another_worker(bot):
            assert len(await hears(bot, ana, "La vi entrar")) == 1
            await at_rest(bot)
        assert len(await heard(bot, ana, "La vi entrar")) == 1
        assert await bot.column("SELECT count(*) FROM lucien_messages") == [1]
