"""Into the club by the way that she tapped; by the key alone only where nothing is left to choose."""

from collections.abc import AsyncIterator

import pytest

from dianabot.kernel.ids import MemberId
from dianabot.narrative.fragments import NoSuchDecision, NoSuchFragment, NotReading, StaleChoice
from dianabot.operations.enter_vip import EnterVip
from dianabot.operations.requirements import RequirementsNotMet
from dianabot.operations.start_trial import StartTrial
from dianabot.operations.steps import Opened, VipOnly
from dianabot.operations.unit import Unit
from dianabot.vocabulary.reason import Reason
from dianabot.vocabulary.world import World
from tests.dianabot.content.stories import Json, item, place, way, world
from tests.dianabot.operations.reading import facts, reader, take
from tests.proof.house import House
from tests.proof.tale import here, publish
from tests.proof.tale import way as button

END = place("end", ending=True)
SALON = place("salon", way("back", "hall"), way("out", "end"), vip=True, reward={"besitos": 7})
PLANS = [{"key": "month", "name": {"es": "Un mes"}, "days": 30, "price_stars": 300}]
BRIBE = way("bribe", "salon", cost=80, variables={"honest": False})
ASK = way("ask", "salon", variables={"honest": True}, reward={"xp": 5})
MOON = {"required_items": ["moon"]}


def hall(*ways: Json, key: str = "w") -> World:
    return world(
        place("hall", *ways, way("walk", "end"), entry=True), SALON, END, key=key, plans=PLANS,
        variables=[{"name": "honest", "initial": False}], items=[item("moon")],
    )  # fmt: skip


@pytest.fixture
async def house(postgres_dsn: str) -> AsyncIterator[House]:
    async with House(postgres_dsn) as built:
        yield built


async def member(house: House, *ways: Json, trial: bool = True) -> MemberId:
    """She stands in the hall with a hundred besitos, and is in the club."""
    await publish(house, hall(*ways))
    ana = await reader(house)
    async with house.begin() as tx:
        await tx.lock_members(ana)
        await Unit(tx, house.rules.now).wallet.grant(ana, 100, reason=Reason.ADMIN, reference="test")
    if trial:
        await house.coordinator.run(StartTrial(), key="trial", member=ana, actor="member")
    return ana


async def enter(house: House, ana: MemberId, act: EnterVip, key: str = "enter") -> Opened:
    return await house.coordinator.run(act, key=key, member=ana, actor="member")


async def by_way(house: House, ana: MemberId, decision: str) -> Opened:
    number, visit = await button(house, ana, decision)
    return await enter(house, ana, EnterVip(decision=number, visit=visit), decision)


async def besitos(house: House, ana: MemberId) -> int:
    async with house.coordinator.reading() as unit:
        return await unit.wallet.besitos(ana)


@pytest.mark.parametrize(("decision", "left", "honest"), [("ask", 100, True), ("bribe", 20, False)])
async def test_the_way_she_tapped_is_taken_and_no_other(
    house: House, decision: str, left: int, *, honest: bool
) -> None:
    ana = await member(house, BRIBE, ASK)

    opened = await by_way(house, ana, decision)

    assert opened.taken is not None
    assert (opened.fragment, opened.visit, opened.taken.choice) == ("salon", 2, decision)
    assert (opened.taken.cost, opened.taken.given) == (100 - left, {"xp": 5} if honest else {})
    assert await besitos(house, ana) == left
    assert (await here(house, ana)).own == {"honest": honest}
    assert (await facts(house, ana))[-1] == ("analytics.vip_content_accessed", {"fragment": "salon"})


async def test_a_locked_way_that_she_tapped_is_refused_with_all_that_it_asks(house: House) -> None:
    ana = await member(house, way("key", "salon", requirement=MOON), ASK)
    with pytest.raises(RequirementsNotMet) as refused:
        await by_way(house, ana, "key")
    assert [one.which for one in refused.value.lacking] == ["moon"]


async def test_a_way_of_another_page_or_of_none_leads_nowhere(house: House) -> None:
    ana = await member(house, ASK)
    number, visit = await button(house, ana, "ask")
    for asked, refusal in (((number, visit + 1), StaleChoice), ((10**6, visit), NoSuchDecision)):
        with pytest.raises(refusal):
            await enter(house, ana, EnterVip(decision=asked[0], visit=asked[1]), f"{asked}")
    [eva] = await house.members()
    with pytest.raises(NotReading):
        await enter(house, eva, EnterVip(decision=number, visit=visit))


@pytest.mark.parametrize("by_key", [True, False])
async def test_where_she_has_been_she_enters_freely_though_the_way_costs(house: House, *, by_key: bool) -> None:
    ana = await member(house, BRIBE)
    await take(house, ana, "bribe", "back")

    opened = await enter(house, ana, EnterVip(fragment="salon")) if by_key else await by_way(house, ana, "bribe")

    assert opened == Opened("salon", 4)
    assert await besitos(house, ana) == 27


async def test_what_is_unlocked_she_enters_freely_and_it_is_told_what_that_brought(house: House) -> None:
    ana = await member(house, BRIBE)
    salon = {**SALON, "ending": True}
    await publish(house, World.model_validate({**hall(BRIBE).model_dump(mode="json"), "fragments": [
        place("hall", BRIBE, way("walk", "end"), entry=True), salon, END]}), "ends")  # fmt: skip
    async with house.begin() as tx:
        await tx.lock_members(ana)
        await Unit(tx, house.rules.now).fragments.unlock(ana, ["salon"])

    assert await enter(house, ana, EnterVip(fragment="salon")) == Opened("salon", 2, given={"besitos": 7})
    assert await besitos(house, ana) == 107


async def test_whoever_is_too_late_takes_the_way_of_the_late_also_to_where_she_has_been(house: House) -> None:
    ana = await member(house, ASK)
    await take(house, ana, "ask", "back")
    hurried = hall(ASK, way("slow", "salon", taken_by="late", reward={"xp": 1})).model_dump(mode="json")
    hurried["fragments"][0]["challenge"] = {"kind": "timed", "seconds": 30}
    await publish(house, World.model_validate(hurried), "hurried")
    house.time.advance(31)

    opened = await by_way(house, ana, "ask")

    assert opened.taken is not None
    assert (opened.taken.choice, opened.taken.given) == ("slow", {"xp": 1})


STAYS = {
    "two lead there": (ASK, BRIBE),
    "it costs": (BRIBE,),
    "it is locked": (way("key", "salon", requirement=MOON),),
    "one of two is locked": (way("key", "salon", requirement=MOON), ASK),
}


@pytest.mark.parametrize("ways", STAYS.values(), ids=STAYS)
async def test_by_the_key_alone_nothing_is_chosen_for_her(house: House, ways: tuple[Json, ...]) -> None:
    ana = await member(house, *ways)
    assert await enter(house, ana, EnterVip(fragment="salon")) == Opened("hall", 1)
    assert await house.count("user_decisions") == 0
    assert await besitos(house, ana) == 100
    assert "analytics.vip_content_accessed" not in [kind for kind, _ in await facts(house, ana)]


async def test_by_the_key_alone_the_only_way_that_she_sees_is_taken(house: House) -> None:
    ana = await member(house, way("key", "salon", requirement=MOON, hidden=True), ASK)
    opened = await enter(house, ana, EnterVip(fragment="salon"))
    assert opened.taken is not None
    assert (opened.fragment, opened.taken.decision) == ("salon", "hall.ask")


async def test_a_fragment_to_which_nothing_leads_has_no_wall(house: House) -> None:
    """Neither is told that it exists, nor that she wanted in."""
    ana = await member(house, way("key", "salon", hidden=True), trial=False)
    before = await facts(house, ana)

    with pytest.raises(NoSuchFragment):
        await enter(house, ana, EnterVip(fragment="salon"), "hidden")
    await take(house, ana, "walk")
    with pytest.raises(NoSuchFragment):
        await enter(house, ana, EnterVip(fragment="salon"), "from afar")

    told = [kind for kind, _ in (await facts(house, ana))[len(before) :]]
    assert not {"coordinator.access_denied", "analytics.conversion_opportunity"} & set(told)


async def test_the_wall_stands_before_a_way_that_she_sees_also_by_the_key(house: House) -> None:
    ana = await member(house, BRIBE, ASK, trial=False)
    with pytest.raises(VipOnly):
        await enter(house, ana, EnterVip(fragment="salon"), "key")
    with pytest.raises(VipOnly):
        await by_way(house, ana, "bribe")
