"""Reading on, beginning again, answering, combining, entering and trying the club."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from dianabot.channels.subscriptions import AlreadyVip, TrialUsed
from dianabot.kernel.ids import MemberId
from dianabot.kernel.limits import TooMany
from dianabot.narrative.fragments import NoSuchFragment, NothingToAnswer, NotReading, StaleChoice, StoryNotOpen
from dianabot.narrative.hints import AlreadyCombined, HintNotFound, NothingComesOfIt
from dianabot.operations import asks
from dianabot.operations.answer_challenge import AnswerChallenge, Judged
from dianabot.operations.begin_again import BeginAgain
from dianabot.operations.combine_hints import Combine
from dianabot.operations.decide import Decide
from dianabot.operations.enter_vip import EnterVip
from dianabot.operations.erase import erase
from dianabot.operations.export import export
from dianabot.operations.read_on import ReadOn
from dianabot.operations.start_trial import StartTrial
from dianabot.operations.steps import Opened, Taken, VipOnly
from dianabot.operations.unit import Act, Unit, Who
from dianabot.vocabulary.reason import Reason
from dianabot.vocabulary.world import World
from tests.dianabot.operations.reading import facts, reader, take, told
from tests.proof.house import House
from tests.proof.stage import START
from tests.proof.tale import GARDEN, here, publish, tale

Outcome = TypeVar("Outcome")


@pytest.fixture
async def house(postgres_dsn: str) -> AsyncIterator[House]:
    async with told(postgres_dsn) as built:
        yield built


@pytest.fixture
async def ana(house: House) -> MemberId:
    return await reader(house)


async def run(house: House, member: MemberId, act: Act[Outcome], key: str = "k") -> Outcome:
    return await house.coordinator.run(act, key=key, member=member, actor="member")


async def test_she_begins_at_the_entry_and_later_stays_where_she_is(house: House, ana: MemberId) -> None:
    assert await run(house, ana, ReadOn(), "a") == Opened("hall", 1)
    await take(house, ana, "open")
    assert await run(house, ana, ReadOn(), "b") == Opened("library", 2)


async def test_whose_page_is_gone_is_moved_when_she_reads_on(house: House, ana: MemberId) -> None:
    await rich(house, ana, 4)
    await take(house, ana, "pay")
    await publish(house, tale(cellar=False), "without")

    assert await run(house, ana, ReadOn()) == Opened("library", 3, moved_from="cellar")


async def test_whoever_is_moved_into_an_ending_has_its_reward(house: House, ana: MemberId) -> None:
    await rich(house, ana, 4)
    await take(house, ana, "pay")
    await publish(house, tale_with("cellar", if_gone="garden"), "before")
    await publish(house, tale(cellar=False), "without")

    assert await run(house, ana, ReadOn()) == Opened("garden", 3, moved_from="cellar", given={"besitos": 50})
    async with house.coordinator.reading() as unit:
        assert await unit.wallet.besitos(ana) == 50


async def test_a_button_of_the_page_to_which_she_would_be_moved_is_of_no_page_she_has_seen(
    house: House, ana: MemberId
) -> None:
    await rich(house, ana, 4)
    await take(house, ana, "pay")
    await publish(house, tale(cellar=False), "without")
    forged: list[Act[Any]] = [Decide(decision=2, visit=3), AnswerChallenge(visit=3, text="la luna")]
    for number, act in enumerate(forged):
        with pytest.raises(StaleChoice):
            await run(house, ana, act, f"{number}")


async def test_an_entry_that_is_an_ending_is_rewarded_once(postgres_dsn: str) -> None:
    async with House(postgres_dsn) as house:
        end = {**GARDEN, "entry": True, "secret": True, "decisions": []}
        await publish(house, World.model_validate({"key": "end", "title": {"es": "Fin"}, "fragments": [end]}))
        [eva] = await house.members()
        assert await run(house, eva, ReadOn(), "a") == Opened("garden", 1, given={"besitos": 50}, secret=True)
        assert await run(house, eva, BeginAgain(), "b") == Opened("garden", 2)


def test_what_was_answered_before_a_secret_was_told_can_still_be_read() -> None:
    before = {"decision": "hall.open", "choice": "open", "entered": "library", "visit": 2, "cost": 0, "given": {}}
    assert Decide.outcome_type().validate_python(before) == Taken("hall.open", "open", "library", 2, 0, {})
    opened = ReadOn.outcome_type().validate_python({"fragment": "hall", "visit": 1, "moved_from": None})
    assert opened == Opened("hall", 1)


async def test_a_secret_is_found_once(house: House, ana: MemberId) -> None:
    await publish(house, tale_with("library", secret=True), "secret")
    assert [(await take(house, ana, way)).secret for way in ("open", "turn", "open")] == [True, False, False]


async def test_without_a_story_nobody_reads(postgres_dsn: str) -> None:
    async with House(postgres_dsn) as house:
        [eva] = await house.members()
        with pytest.raises(StoryNotOpen):
            await run(house, eva, ReadOn())


async def test_to_begin_again_forgets_variables_and_rewards_nothing_twice(house: House, ana: MemberId) -> None:
    await take(house, ana, "open")
    assert await run(house, ana, BeginAgain()) == Opened("hall", 3)
    assert (await here(house, ana)).own == {}
    assert (await take(house, ana, "open")).given == {}


async def test_a_right_answer_takes_its_way_and_no_more_is_awaited(house: House, ana: MemberId) -> None:
    await take(house, ana, "open", "ask")
    visit = (await here(house, ana)).visit
    await run(house, ana, asks.ExpectInput(kind="riddle"), "asked")

    wrong = await run(house, ana, AnswerChallenge(visit=visit, text="el sol"), "wrong")
    assert wrong == Judged("wrong", 1, None)
    async with house.coordinator.reading() as unit:
        assert await unit.members.expected(ana, uuid4()) is not None, "she may try again"
    right = await run(house, ana, AnswerChallenge(visit=visit, text="¡La LUNA!"), "right")

    assert right.step is not None
    assert (right.result, right.step.entered, right.step.given["vip_days"]) == ("right", "garden", 7)
    async with house.coordinator.reading() as unit:
        assert await unit.members.expected(ana, uuid4()) is None
        assert (await unit.subscriptions.club(ana)).vip
    assert await house.count("operations", "input::text ILIKE '%luna%'") == 0, "her words are not kept"


async def test_the_last_try_takes_the_way_of_the_wrong(house: House, ana: MemberId) -> None:
    await take(house, ana, "open", "ask")
    visit = (await here(house, ana)).visit
    await run(house, ana, AnswerChallenge(visit=visit, text="no sé"), "first")
    judged = await run(house, ana, AnswerChallenge(visit=visit, text="no sé"), "last")
    assert judged.step is not None
    assert (judged.result, judged.step.entered) == ("wrong", "hall")


async def test_where_nothing_is_asked_nothing_is_answered(house: House, ana: MemberId) -> None:
    with pytest.raises(NothingToAnswer):
        await run(house, ana, AnswerChallenge(visit=1, text="la luna"), "a")
    [eva] = await house.members()
    with pytest.raises(NotReading):
        await run(house, eva, AnswerChallenge(visit=1, option=0), "b")


async def test_hints_join_once_in_any_order_and_open_a_door(house: House, ana: MemberId) -> None:
    await take(house, ana, "open", "ask")

    joined = await run(house, ana, Combine(hints=["map", "key"]), "a")
    with pytest.raises(AlreadyCombined):
        await run(house, ana, Combine(hints=["key", "map"]), "b")

    given = {"besitos": 5, "unlock_fragments": ["attic"]}
    assert (joined.combination, joined.text, joined.given) == ("door", "La puerta cede.", given)
    assert ("narrative.content_unlocked", {"fragment": "attic"}) in await facts(house, ana)
    assert await house.count("besitos_ledger", "reason = 'hint' AND reference = 'combination:door'") == 1


async def test_what_is_not_hers_or_does_not_fit_joins_to_nothing(house: House, ana: MemberId) -> None:
    await take(house, ana, "open")
    for number, (keys, refusal) in enumerate(
        [(["key", "map"], HintNotFound), (["key"], NothingComesOfIt), (["key", "\x00"], HintNotFound)]
    ):
        with pytest.raises(refusal):
            await run(house, ana, Combine(hints=keys), f"{number}")


async def test_the_club_is_tried_once_and_opens_what_is_for_it(house: House, ana: MemberId) -> None:
    with pytest.raises(VipOnly):
        await run(house, ana, EnterVip(fragment="salon"), "before")
    until = await run(house, ana, StartTrial(), "trial")
    assert until == START + timedelta(days=3)
    with pytest.raises(TrialUsed):
        await run(house, ana, StartTrial(), "again")

    opened = await run(house, ana, EnterVip(fragment="salon"), "in")
    assert (opened.fragment, opened.visit) == ("salon", 2)
    assert await house.count("user_decisions") == 1, "by the decision that leads there"
    house.time.advance(timedelta(days=7).total_seconds())
    with pytest.raises(TrialUsed):
        await run(house, ana, StartTrial(), "later")
    with pytest.raises(VipOnly):
        await run(house, ana, EnterVip(fragment="salon"), "shut")


async def test_knocking_at_the_wall_counts_as_deciding(house: House, ana: MemberId) -> None:
    for number in range(house.rules.now.limits["decision"].count):
        with pytest.raises(VipOnly):
            await run(house, ana, EnterVip(fragment="salon"), f"{number}")
    with pytest.raises(TooMany):
        await run(house, ana, EnterVip(fragment="salon"), "one more")
    with pytest.raises(TooMany):
        await take(house, ana, "open")


async def test_whoever_is_in_the_club_has_nothing_to_try(house: House, ana: MemberId) -> None:
    async with house.begin() as tx:
        await tx.lock_members(ana)
        await Unit(tx, house.rules.now).subscriptions.extend(ana, 30, cause="gift")
    with pytest.raises(AlreadyVip):
        await run(house, ana, StartTrial())


async def test_a_trial_followed_by_days_given_is_remembered(house: House, ana: MemberId) -> None:
    await run(house, ana, StartTrial(), "trial")
    async with house.begin() as tx:
        await tx.lock_members(ana)
        await Unit(tx, house.rules.now).subscriptions.extend(ana, 1, cause="gift")
    house.time.advance(timedelta(days=30).total_seconds())

    with pytest.raises(TrialUsed):
        await run(house, ana, StartTrial(), "again")
    async with house.coordinator.reading() as unit:
        assert not (await unit.subscriptions.club(ana)).vip, "and nothing was begun"


async def test_the_club_is_entered_only_where_a_way_leads_there(house: House, ana: MemberId) -> None:
    await run(house, ana, StartTrial(), "trial")
    await take(house, ana, "open")

    for number, key in enumerate(("salon", "garden", "nowhere", "\x00")):
        with pytest.raises(NoSuchFragment):
            await run(house, ana, EnterVip(fragment=key), f"{number}")
    assert (await here(house, ana)).key == "library"
    await take(house, ana, "turn", "club", "out")
    assert await run(house, ana, EnterVip(fragment="salon"), "by the way") == Opened("salon", 6)
    await take(house, ana, "out", "open")
    assert await run(house, ana, EnterVip(fragment="salon"), "she was there") == Opened("salon", 9)
    assert await run(house, ana, EnterVip(fragment="salon"), "stands there") == Opened("salon", 9)


async def test_whoever_comes_too_late_takes_the_way_of_the_late_also_through_the_wall(
    house: House, ana: MemberId
) -> None:
    hurried = tale().model_dump(mode="json")
    hall = hurried["fragments"][0]
    hall["challenge"] = {"kind": "timed", "seconds": 30}
    hall["decisions"].append({"key": "late", "text": {"es": "Tarde"}, "to": "library", "taken_by": "late"})
    await publish(house, World.model_validate(hurried), "hurried")
    await run(house, ana, StartTrial(), "trial")
    house.time.advance(31)

    opened = await run(house, ana, EnterVip(fragment="salon"), "late")
    assert (opened.fragment, opened.visit) == ("library", 2)


async def test_all_that_is_hers_is_in_her_export(house: House, ana: MemberId) -> None:
    await take(house, ana, "open", "turn")
    async with house.coordinator.reading() as unit:
        document = await export(unit, ana)

    assert document["story"]["stands_in"] == "hall"
    assert [one["decision"] for one in document["story"]["decisions"]] == ["library.turn", "hall.open"]
    assert document["story"]["variables"] == {"trust": 1}
    assert {one["cause"] for one in document["story"]["rewards"]} == {"decision:hall.open", "fragment:library"}
    assert [row["amount"] for row in document["besitos"]["ledger"]] == [20, 10]
    assert document["items"]["has"] == {"lantern": 1}
    assert [one["hint"] for one in document["hints"]["found"]] == ["key"]
    assert (document["level"]["level"], document["level"]["xp"]) == (3, 300)
    assert document["club"] == {"vip": False, "until": None}
    assert document["lucien"] == {"silent_since": None, "letters": []}


async def test_what_lucien_said_goes_with_her_and_the_ledger_stays(house: House, ana: MemberId) -> None:
    await house.bus.start()
    await take(house, ana, "open", "leave")
    await house.drain()
    assert await house.count("lucien_messages") == 1
    entries = await house.count("besitos_ledger")
    async with house.begin() as tx:
        await tx.lock_members(ana)
        await erase(Unit(tx, house.rules.now), Who("member", ana), asks.Erase())

    assert await house.count("lucien_messages") == 0
    assert await house.count("besitos_ledger") == entries > 0
    assert await house.count("users", f"id = {ana} AND first_name IS NULL") == 1


def tale_with(key: str, **more: Any) -> World:
    """The story, with one of its places otherwise."""
    story = tale().model_dump(mode="json")
    next(place for place in story["fragments"] if place["key"] == key).update(more)
    return World.model_validate(story)


async def rich(house: House, member: MemberId, amount: int) -> None:
    async with house.begin() as tx:
        await tx.lock_members(member)
        await Unit(tx, house.rules.now).wallet.grant(member, amount, reason=Reason.ADMIN, reference="test")
