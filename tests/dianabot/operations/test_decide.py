"""A way on is taken whole: judged, paid, walked, rewarded; or not at all."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from dianabot.kernel.ids import MemberId
from dianabot.narrative.fragments import NoSuchDecision, NotReading, StaleChoice
from dianabot.operations.change_rules import ChangeRule
from dianabot.operations.decide import Decide
from dianabot.operations.requirements import RequirementsNotMet
from dianabot.operations.steps import Taken, VipOnly
from dianabot.operations.unit import Unit
from dianabot.vocabulary.missing import Missing, Way
from dianabot.vocabulary.reason import Reason
from tests.dianabot.operations.reading import decide, facts, reader, take, told
from tests.proof.house import House
from tests.proof.tale import here, way

LEDGER = "SELECT seq, amount, balance_after, reason, reference FROM besitos_ledger WHERE user_id = $1 ORDER BY seq"
HANDED = """
SELECT event_type FROM deliveries WHERE consumer = 'levels' AND subject = 'member:' || $1::bigint ORDER BY event_type
"""
EMPTY = {"besitos_ledger": 0, "rewards_given": 0, "user_decisions": 0, "item_movements": 0, "user_hints": 0}


@pytest.fixture
async def house(postgres_dsn: str) -> AsyncIterator[House]:
    async with told(postgres_dsn) as built:
        yield built


@pytest.fixture
async def ana(house: House) -> MemberId:
    return await reader(house)


async def test_a_decision_brings_all_that_its_author_promised(house: House, ana: MemberId) -> None:
    taken = await take(house, ana, "open")

    given = {"besitos": 10, "hints": ["key"], "items": {"lantern": 1}}
    assert taken == Taken("hall.open", "open sí", "library", 2, 0, given)
    assert await house.rows(LEDGER, ana) == [(1, 10, 10, "story", "decision:hall.open")]
    page = await here(house, ana)
    assert (page.key, page.visit, page.own) == ("library", 2, {"trust": 1})
    async with house.coordinator.reading() as unit:
        assert await unit.mochila.quantities(ana) == {"lantern": 1}
        assert await unit.hints.keys(ana) == {"key"}


async def test_it_announces_the_step_its_gifts_and_last_that_it_is_done(house: House, ana: MemberId) -> None:
    before = len(await facts(house, ana))
    await take(house, ana, "open")

    told_of = [kind for kind, _ in (await facts(house, ana))[before:]]
    assert told_of == [
        "narrative.decision_taken",
        "narrative.fragment_visited",
        "narrative.fragment_completed",
        "gamification.besitos_earned",
        "narrative.hint_unlocked",
        "gamification.item_acquired",
        "coordinator.decision_taken",
    ]


async def test_it_speaks_her_language_and_is_the_same_act_in_any(house: House, ana: MemberId) -> None:
    button = await way(house, ana, "open")
    assert (await decide(house, ana, *button, language="en")).choice == "open yes"
    assert (await decide(house, ana, *button, language="es")).choice == "open yes", "what was answered first"


async def test_a_double_tap_decides_once(house: House, ana: MemberId) -> None:
    button = await way(house, ana, "open")

    first, second = await decide(house, ana, *button), await decide(house, ana, *button)

    assert first == second
    assert await house.count("user_decisions") == await house.count("besitos_ledger") == 1


async def test_two_at_once_decide_once(house: House, ana: MemberId) -> None:
    button = await way(house, ana, "open")

    answers = await asyncio.gather(*(decide(house, ana, *button) for _ in range(5)))

    assert answers == [answers[0]] * 5
    assert await house.count("user_decisions") == await house.count("besitos_ledger") == 1


async def test_two_ways_at_once_lead_along_one(house: House, ana: MemberId) -> None:
    async with house.begin() as tx:
        await tx.lock_members(ana)
        await Unit(tx, house.rules.now).wallet.grant(ana, 4, reason=Reason.ADMIN, reference="test")
    buttons = [await way(house, ana, key) for key in ("open", "pay")]

    answers = await asyncio.gather(*(decide(house, ana, *button) for button in buttons), return_exceptions=True)

    assert sorted(type(answer).__name__ for answer in answers) == ["StaleChoice", "Taken"]
    assert await house.count("user_decisions") == 1


async def test_a_stale_button_says_what_she_chose(house: House, ana: MemberId) -> None:
    first = await way(house, ana, "open")
    other = await way(house, ana, "pay")
    await decide(house, ana, *first)

    with pytest.raises(StaleChoice) as stale:
        await decide(house, ana, *other)

    assert stale.value == StaleChoice("hall", "open sí")
    assert (await here(house, ana)).key == "library"


@pytest.mark.parametrize("number", [0, 10**6, 2**63 - 1])
async def test_a_made_up_button_leads_nowhere(house: House, ana: MemberId, number: int) -> None:
    with pytest.raises(NoSuchDecision):
        await decide(house, ana, number, (await here(house, ana)).visit)


async def test_who_has_not_begun_decides_nothing(house: House) -> None:
    [eva] = await house.members()
    with pytest.raises(NotReading):
        await decide(house, eva, 1, 1)


async def test_everything_missing_is_named_at_once_with_the_ways_to_it(house: House, ana: MemberId) -> None:
    with pytest.raises(RequirementsNotMet) as refused:
        await take(house, ana, "climb")

    level, item, price, trust = refused.value.lacking
    assert level == Missing("min_level", 3, 1).with_ways(Way("story", "read"))
    assert item == Missing("required_items", 1, 0, "moon").with_ways(Way("fragment", "salon"))
    assert price == Missing("min_besitos", 900, 0).with_ways(Way("story", "read"))
    assert trust == Missing("variables", ">= 2", "0", "trust")
    failed = ["min_besitos", "min_level", "required_items", "variables"]
    assert (await facts(house, ana))[-1] == ("coordinator.requirements_failed", {"missing": failed})
    assert await counts(house) == EMPTY


async def test_whoever_was_let_in_need_not_meet_what_the_place_requires(house: House, ana: MemberId) -> None:
    async with house.begin() as tx:
        await tx.lock_members(ana)
        await Unit(tx, house.rules.now).fragments.unlock(ana, ["attic"])

    with pytest.raises(RequirementsNotMet) as refused:
        await take(house, ana, "climb")

    assert {each.what for each in refused.value.lacking} == {"min_level", "required_items", "min_besitos"}


async def test_it_is_paid_each_time_and_rewarded_once_ever(house: House, ana: MemberId) -> None:
    await take(house, ana, "open", "turn", "open", "turn", "pay", "return", "pay")

    assert [(amount, cause) for _, amount, _, _, cause in await house.rows(LEDGER, ana)] == [
        (10, "decision:hall.open"),
        (20, "fragment:library"),
        (-4, "decision:hall.pay"),
        (-4, "decision:hall.pay"),
    ]
    assert await house.count("rewards_given") == 2


async def test_an_ending_is_completed_when_it_is_reached(house: House, ana: MemberId) -> None:
    taken = await take(house, ana, "open", "leave")

    assert taken.given == {"besitos": 70, "xp": 300}
    completed = [values for kind, values in await facts(house, ana) if kind == "narrative.story_completed"]
    assert completed == [{"ending": "garden"}]


async def test_the_wall_of_the_club_refuses_with_facts_and_writes_nothing_else(house: House, ana: MemberId) -> None:
    before = await facts(house, ana)

    with pytest.raises(VipOnly) as refused:
        await take(house, ana, "club")

    assert refused.value == VipOnly("salon")
    assert (await facts(house, ana))[len(before) :] == [
        ("coordinator.access_denied", {"fragment": "salon"}),
        ("analytics.conversion_opportunity", {"fragment": "salon"}),
    ]
    assert await counts(house) == EMPTY
    assert (await here(house, ana)).visit == 1


async def test_the_club_reads_on_and_it_is_noted(house: House, ana: MemberId) -> None:
    async with house.begin() as tx:
        await tx.lock_members(ana)
        await Unit(tx, house.rules.now).subscriptions.extend(ana, 1, cause="test")

    assert (await take(house, ana, "club")).entered == "salon"
    assert (await facts(house, ana))[-1] == ("analytics.vip_content_accessed", {"fragment": "salon"})
    house.time.advance(timedelta(days=5).total_seconds())
    await take(house, ana, "out")
    with pytest.raises(VipOnly):
        await take(house, ana, "club")


async def test_one_chain_of_causes_runs_from_the_decision_to_the_level(house: House, ana: MemberId) -> None:
    await take(house, ana, "open")
    decision, visit = await way(house, ana, "turn")
    chain = UUID(int=7)
    await house.bus.start()
    await house.coordinator.run(
        Decide(decision=decision, visit=visit), key="k", member=ana, actor="member", correlation_id=chain
    )
    await house.drain()

    chained = await house.rows("SELECT event_type FROM event_logs WHERE correlation_id = $1 ORDER BY seq", chain)
    kinds = [kind for (kind,) in chained]
    assert kinds[:3] == ["narrative.decision_taken", "narrative.fragment_visited", "narrative.fragment_completed"]
    assert kinds.count("gamification.level_reached") == 2, "300 points are two levels"
    assert kinds[-2:] == ["gamification.besitos_earned"] * 2, "each level brings besitos"
    by_level = [row for row in await house.rows(LEDGER, ana) if row[3] == "level"]
    assert [(amount, cause) for _, amount, _, _, cause in by_level] == [(25, "level:2"), (25, "level:3")]


async def test_experience_comes_for_each_fact_once(house: House, ana: MemberId) -> None:
    await house.bus.start()
    await take(house, ana, "open", "turn", "open", "turn", "open")
    await house.drain()

    [(xp,)] = await house.rows("SELECT xp FROM user_levels WHERE user_id = $1", ana)
    assert xp == 300 + 2 * 10 + 15, "the library's reward, two fragments completed, a hint"


async def test_what_brings_no_experience_is_not_handed_to_the_levels(house: House, ana: MemberId) -> None:
    await take(house, ana, "open")
    assert await house.rows(HANDED, ana) == [("narrative.fragment_completed",), ("narrative.hint_unlocked",)]

    change = ChangeRule(path="levels.xp", value={"gamification.item_acquired": 7})
    await house.coordinator.run(change, key="xp", member=None, actor="operator")
    await house.rules.load()
    eva = await reader(house)
    await take(house, eva, "open")
    assert await house.rows(HANDED, eva) == [
        ("gamification.item_acquired",), ("narrative.fragment_completed",), ("narrative.hint_unlocked",)
    ]  # fmt: skip


async def counts(house: House) -> dict[str, int]:
    return {table: await house.count(table) for table in EMPTY}
