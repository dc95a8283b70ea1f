"""The story's flows from the tap to the last thing that follows from it, under the one number of that tap."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from dianabot.kernel.embedded import Scratch
from dianabot.vocabulary.world import World
from tests.dianabot.processes import ask
from tests.dianabot.telegram.cottage import WORLD
from tests.dianabot.telegram.stage import Stage
from tests.dianabot.telegram.working import at_rest, facts, heard, hears, rule, working

pytestmark = pytest.mark.slow

IN = {"key": "in", "on": "narrative.decision_taken", "where": {"decision": "door.in"},
      "text": {"es": "La vi entrar, {{ name }}."}}  # fmt: skip
ROSE = {"key": "rose", "on": "gamification.level_reached", "text": {"es": "Ya es de nivel {{ event.level }}."}}
CHAIN = "SELECT DISTINCT correlation_id FROM operations WHERE name = $1"
WHOSE = "SELECT kind || ' ' || state FROM telegram_sends WHERE correlation_id = $1"
REFUSED = "SELECT outcome ->> 'refused' FROM operations WHERE name = $1"


async def chain(bot: Stage, operation: str) -> UUID:
    """The number of the tap that this operation came of: it ran for one tap only."""
    [found] = await bot.column(CHAIN, operation)
    assert isinstance(found, UUID)
    return found


def at_once(told: list[dict[str, Any]]) -> list[str]:
    """What the operation itself announced, in its order."""
    return [one["event_type"] for one in told if one["causation_id"] is None]


def followed(told: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """What was caused, and by which earlier fact of the same chain."""
    by_id = {one["event_id"]: one for one in told}
    caused = [(one, by_id[one["causation_id"]]) for one in told if one["causation_id"] is not None]
    assert all(cause["seq"] < one["seq"] for one, cause in caused)
    pairs = {(one["event_type"], cause["event_type"]) for one, cause in caused}
    assert len(pairs) == len(caused), "each thing followed once"
    return pairs


async def listed(dsn: str, servers: Scratch, data: Path, number: UUID) -> Any:
    """What an operator reads who asks for that number."""
    stands: dict[str, Any] = {"DATABASE_URL": dsn, "REDIS_URL": servers.valkey_url or "", "DIANABOT_DATA": data}
    words = ("events", "list", "--correlation", str(number))
    plain, parsed = await asyncio.gather(
        asyncio.to_thread(ask, *words, **stands), asyncio.to_thread(ask, *words, "--json", **stands)
    )
    assert (plain.code, parsed.code) == (0, 0), plain.err
    _, *lines = plain.out.splitlines()
    assert [line.split()[2] for line in lines if str(number) in line] == [one["event"] for one in parsed.json]
    return parsed.json


async def test_a_decision_and_all_that_follows_bear_the_number_of_the_tap(
    postgres_dsn: str, servers: Scratch, tmp_path: Path
) -> None:
    async with working(postgres_dsn, IN, ROSE) as bot:
        await rule(bot.house, "levels.xp", {"narrative.fragment_completed": 90, "narrative.hint_unlocked": 15})
        ana = await bot.person()
        await bot.taps(ana, await bot.says(ana, "/historia"), "Entrar")
        await hears(bot, ana, "La vi entrar, Ana.")
        await hears(bot, ana, "Ya es de nivel 2.")
        await at_rest(bot)

        number = await chain(bot, "TOMAR_DECISION")
        told = await facts(bot, number)
        assert at_once(told) == [
            "user.activity",
            "narrative.decision_taken",
            "narrative.fragment_visited",
            "narrative.fragment_completed",
            "gamification.besitos_earned",
            "narrative.hint_unlocked",
            "coordinator.decision_taken",
        ]
        assert followed(told) == {
            ("narrative.lucien_spoke", "narrative.decision_taken"),
            ("gamification.level_reached", "narrative.hint_unlocked"),
            ("gamification.besitos_earned", "gamification.level_reached"),
            ("narrative.lucien_spoke", "gamification.level_reached"),
        }
        assert {(one["operation"], one["actor"]) for one in told} == {("TOMAR_DECISION", "member:1")}
        assert await bot.column(WHOSE, number) == ["lucien sent", "lucien sent"]
        assert await bot.column("SELECT amount FROM besitos_ledger ORDER BY seq") == [20, 25]
        assert await bot.column("SELECT xp FROM user_levels") == [105]
        assert await bot.value("SELECT count(*) FROM dead_letters") == 0

        read = await listed(postgres_dsn, servers, tmp_path, number)
        assert [one["seq"] for one in read] == [one["seq"] for one in reversed(told)], "newest first, all of it"
        assert {one["correlation_id"] for one in read} == {str(number)}
        assert {one["subject"] for one in read} == {"member:1"}


async def test_nothing_of_another_tap_is_in_the_chain(postgres_dsn: str) -> None:
    async with working(postgres_dsn, IN) as bot:
        ana, eva = await bot.person(), await bot.person("Eva")
        pages = [await bot.says(one, "/historia") for one in (ana, eva)]
        for person, page in zip((ana, eva), pages, strict=True):
            await bot.taps(person, page, "Entrar")
            await hears(bot, person, "La vi entrar")
        await at_rest(bot)
        numbers = await bot.column(CHAIN, "TOMAR_DECISION")
        chains = [await facts(bot, number) for number in numbers]
        assert sorted({one["actor"] for one in told} for told in chains) == [{"member:1"}, {"member:2"}]
        assert [len(await heard(bot, one, "La vi entrar")) for one in (ana, eva)] == [1, 1]


WALL = ["coordinator.access_denied", "analytics.conversion_opportunity"]


async def at_the_club(bot: Stage, person: int) -> dict[str, Any]:
    """The page before the wall."""
    page, _ = await bot.taps(person, await bot.says(person, "/historia"), "Entrar")
    page, _ = await bot.taps(person, page, "Pagar al espejo · 15 💋")
    return page


async def test_a_try_at_the_wall_leaves_its_facts_and_shows_the_offer_and_the_beginning(
    postgres_dsn: str, servers: Scratch, tmp_path: Path
) -> None:
    async with working(postgres_dsn) as bot:
        ana = await bot.person()
        locked, _ = await bot.taps(ana, await at_the_club(bot, ana), "🔒 Al diván")
        wall, _ = await bot.taps(ana, locked, "👑 El club")
        assert "Solo para ti." in wall["text"], "the beginning of what lies behind"
        assert "Lo demás es secreto." not in wall["text"]
        assert "Un mes, 30 días por 150 ⭐" in wall["text"], "and an offer"
        await at_rest(bot)

        assert await bot.column(REFUSED, "ACCEDER_NARRATIVA_VIP") == ["VipOnly"]
        number = await chain(bot, "ACCEDER_NARRATIVA_VIP")
        told = await facts(bot, number)
        assert at_once(told) == ["user.activity", *WALL]
        assert followed(told) == set()
        assert {one["event_data"]["fragment"] for one in told[1:]} == {"divan"}
        assert await bot.value("SELECT count(*) FROM event_logs WHERE event_data ->> 'fragment' = 'divan'") == 2
        read = await listed(postgres_dsn, servers, tmp_path, number)
        assert [one["event"] for one in reversed(read)] == at_once(told)


async def test_a_choice_that_the_club_has_closed_meanwhile_is_a_try_at_the_wall(postgres_dsn: str) -> None:
    async with working(postgres_dsn) as bot:
        ana = await bot.person()
        locked, _ = await bot.taps(ana, await at_the_club(bot, ana), "🔒 Al diván")
        wall, _ = await bot.taps(ana, locked, "👑 El club")
        await bot.taps(ana, wall, "🕯 Probar 3 días")
        page = await bot.says(ana, "/historia")
        month = "start_date = start_date - interval '30 days', end_date = end_date - interval '30 days'"
        await bot.house.db.run(f"UPDATE subscriptions SET {month}")  # noqa: S608 - ours, to save a line
        before = await bot.value("SELECT max(seq) FROM event_logs")
        wall, _ = await bot.taps(ana, page, "Al diván")
        assert "Solo para ti." in wall["text"]
        assert "Un mes, 30 días por 150 ⭐" in wall["text"]
        await at_rest(bot)

        after = "SELECT event_type FROM event_logs WHERE seq > $1 ORDER BY seq"
        assert await bot.column(after, before) == ["user.activity", *WALL]
        numbers = await bot.column("SELECT DISTINCT correlation_id FROM event_logs WHERE seq > $1", before)
        assert len(numbers) == 1
        assert await bot.column("SELECT name FROM operations WHERE correlation_id = $1", numbers[0]) == [
            "TOMAR_DECISION"
        ]
        assert await bot.value("SELECT visit FROM user_story_state") == 3, "she has stayed where she was"


async def test_a_right_answer_that_leads_behind_the_wall_shows_the_wall(postgres_dsn: str) -> None:
    async with working(postgres_dsn, world=leading_behind_the_wall()) as bot:
        ana = await bot.person()
        page, _ = await bot.taps(ana, await bot.says(ana, "/historia"), "Entrar")
        await bot.taps(ana, page, "✍️ Responder")
        wall = await bot.says(ana, "el reflejo")
        assert "Solo para ti." in wall["text"]
        assert "Un mes, 30 días por 150 ⭐" in wall["text"]
        await at_rest(bot)
        assert at_once(await facts(bot, await chain(bot, "RESPONDER_RETO"))) == ["user.activity", *WALL]


def leading_behind_the_wall() -> World:
    """The cottage, where whoever knows the answer comes to the divan."""
    story = WORLD.model_dump()
    [room] = [one for one in story["fragments"] if one["key"] == "room"]
    room["decisions"][0]["to"] = "divan"
    return World.model_validate(story)
