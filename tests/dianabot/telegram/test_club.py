"""Before the wall and through it: she goes on by the choice that she tapped, and it says what that brought and cost."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.dianabot.content.stories import item, place, way, world
from tests.dianabot.telegram.stage import Stage, stage
from tests.dianabot.telegram.test_story_taps import callback, labels, publish, tap_raw, taps_at_once, texts

pytestmark = pytest.mark.slow

PLANS = [{"key": "month", "name": {"es": "Un mes"}, "days": 30, "price_stars": 300}]
SALON = place("salon", way("out", "end"), way("back", "hall"), vip=True)
END = place("end", ending=True)
HOUSE = world(
    place("gate", way("come", "hall", reward={"besitos": 100}), entry=True),
    place("hall", way("bribe", "salon", cost=80), way("ask", "salon", reward={"besitos": 3}), way("on", "cave")),
    place("cave", way("in", "vault"), way("up", "hall"), challenge={"kind": "riddle", "answers": {"es": ["sí"]}}),
    SALON,
    place("vault", way("out", "end"), vip=True, secret=True, requirement={"required_items": ["moon"]}),
    END, plans=PLANS, items=[item("moon")],
)  # fmt: skip


@pytest.fixture
async def bot(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with stage(postgres_dsn) as running:
        await publish(running, HOUSE)
        yield running


async def in_the_hall(bot: Stage, person: int) -> dict[str, Any]:
    """Somebody with a hundred besitos."""
    return await bot.turns(person, await bot.says(person, "/historia"), "come")


async def to_the_welcome(bot: Stage, person: int, page: dict[str, Any], label: str) -> dict[str, Any]:
    lock, _ = await bot.taps(person, page, label)
    wall, _ = await bot.taps(person, lock, "👑 El club")
    inside, _ = await bot.taps(person, wall, "🕯 Probar 3 días")
    return inside


@pytest.mark.parametrize(
    ("label", "said", "left"), [("🔒 ask", "✨ +3 besitos", 103), ("🔒 bribe · 80 💋", "✨ −80 besitos", 20)]
)
async def test_beyond_the_wall_she_goes_on_by_the_choice_she_tapped(
    bot: Stage, label: str, said: str, left: int
) -> None:
    ana = await bot.person()
    inside = await to_the_welcome(bot, ana, await in_the_hall(bot, ana), label)

    await taps_at_once(bot, ana, inside, "🚪 Entrar ahora")

    *_, behind, page = await texts(bot, ana)
    assert behind.endswith(f"› {label.split()[1]}")
    assert page.startswith(f"{said}\n\nSalon")
    assert await bot.column("SELECT balance FROM wallets") == [left]
    assert await bot.value("SELECT count(*) FROM user_decisions") == 2


async def test_a_page_shown_while_she_belonged_leads_by_its_choice_too(bot: Stage) -> None:
    ana = await bot.person()
    page = await in_the_hall(bot, ana)
    await tap_raw(bot, ana, page, callback(page, "🔒 ask").replace("why", "ch"))
    inside, _ = await bot.taps(ana, (await bot.sim.messages(ana))[-1], "🕯 Probar 3 días")
    await taps_at_once(bot, ana, inside, "🚪 Entrar ahora", times=1)
    assert (await texts(bot, ana))[-1].startswith("✨ +3 besitos")


async def test_who_has_gone_on_meanwhile_is_shown_where_she_is(bot: Stage) -> None:
    ana = await bot.person()
    inside = await to_the_welcome(bot, ana, await in_the_hall(bot, ana), "🔒 ask")
    page = await bot.turns(ana, await bot.says(ana, "/historia"), "on")

    shown, said = await bot.taps(ana, inside, "🚪 Entrar ahora")

    assert "Esa página ya la pasó." in said["text"]
    assert page["text"] == next(
        one["text"] for one in await bot.sim.messages(ana) if one["message_id"] == inside["message_id"]
    )
    assert labels(shown)[0] != "🚪 Entrar ahora"
    assert await bot.column("SELECT balance FROM wallets") == [100]


async def test_what_else_her_choice_asks_is_said_behind_the_wall(bot: Stage) -> None:
    ana = await bot.person()
    page = await bot.turns(ana, await in_the_hall(bot, ana), "on")
    inside = await to_the_welcome(bot, ana, page, "🔒 in")
    lock, _ = await bot.taps(ana, inside, "🚪 Entrar ahora")
    assert "«moon» en su mochila" in lock["text"]
    assert "pertenecer al club" not in lock["text"]


async def test_an_old_button_that_names_the_fragment_alone_chooses_nothing_for_her(bot: Stage) -> None:
    ana = await bot.person()
    page = await in_the_hall(bot, ana)
    await to_the_welcome(bot, ana, page, "🔒 ask")
    await tap_raw(bot, ana, page, "enter:salon")
    shown = next(one for one in await bot.sim.messages(ana) if one["message_id"] == page["message_id"])
    assert labels(shown)[:2] == ["bribe · 80 💋", "ask"]
    assert await bot.column("SELECT balance FROM wallets") == [100]


async def test_a_forged_button_shows_nothing_of_what_no_way_leads_to(bot: Stage) -> None:
    ana = await bot.person()
    page = await in_the_hall(bot, ana)
    for data in ("club:vault", "enter:vault"):
        await tap_raw(bot, ana, page, data)
    assert not [said for said in await texts(bot, ana) if "vault" in said.lower()]
    refused = "SELECT count(*) FROM event_logs WHERE event_type = 'analytics.conversion_opportunity'"
    assert await bot.value(refused) == 0
