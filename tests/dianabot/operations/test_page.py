"""The page that a reader has open: what is shown of it, and what is not any more."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from dianabot.kernel.ids import MemberId
from dianabot.narrative.fragments import NoSuchFragment
from dianabot.operations.page import page, page_again, why_shut
from dianabot.operations.start_trial import StartTrial
from dianabot.vocabulary.world import World
from tests.dianabot.operations.reading import reader, take, told
from tests.proof.house import House
from tests.proof.tale import publish, tale, way


@pytest.fixture
async def house(postgres_dsn: str) -> AsyncIterator[House]:
    async with told(postgres_dsn) as built:
        yield built


@pytest.fixture
async def ana(house: House) -> MemberId:
    return await reader(house)


async def test_a_lock_is_explained_on_the_page_it_stands_on_and_nowhere_else(house: House, ana: MemberId) -> None:
    club, visit = await way(house, ana, "club")
    async with house.coordinator.reading() as unit:
        found = await why_shut(unit, ana, "es", visit, club)
        assert found is not None
        assert [one.what for one in found[0].lacks] == ["vip_required"]
        assert [one.kind for one in found[0].lacks[0].ways] == ["vip"]
        assert await why_shut(unit, ana, "es", visit + 1, club) is None, "of another visit"
        assert await why_shut(unit, ana, "es", visit, 10**6) is None, "of no decision"


@pytest.mark.parametrize(("late", "shut"), [({"min_level": 3}, "late"), ({}, "climb")])
async def test_when_her_time_is_over_it_is_the_lock_of_the_late_if_theirs_is_locked(
    house: House, ana: MemberId, late: dict[str, int], shut: str
) -> None:
    await publish(house, hurried({"requirement": late}), "hurried")
    climb, visit = await way(house, ana, "climb")
    for seconds, expected in ((29, "climb"), (1, shut)):
        house.time.advance(seconds)
        async with house.coordinator.reading() as unit:
            found = await why_shut(unit, ana, "es", visit, climb)
        assert found is not None
        assert found[0].choice.key == expected
        assert found[0].lacks


async def test_when_her_time_is_over_its_page_leads_by_the_way_of_the_late_alone(house: House, ana: MemberId) -> None:
    await publish(house, hurried({"hidden": True, "requirement": {"min_level": 3}}), "hurried")
    for seconds, left, offered in ((29.5, 1, ["open", "pay", "club", "climb"]), (0.5, 0, ["late"])):
        house.time.advance(seconds)
        async with house.coordinator.reading() as unit:
            shown = await page(unit, ana, "es")
        assert shown is not None
        assert shown.seconds_left == left
        assert [each.choice.key for each in shown.ways] == offered
    late, visit = await way(house, ana, "late")
    async with house.coordinator.reading() as unit:
        found = await why_shut(unit, ana, "es", visit, late)
    assert found is not None
    assert (found[0].choice.id, [one.what for one in found[0].lacks]) == (late, ["min_level"])


def hurried(late: dict[str, object]) -> World:
    """The small story, with a beginning that does not wait."""
    document = tale().model_dump(mode="json")
    hall = document["fragments"][0]
    hall["challenge"] = {"kind": "timed", "seconds": 30}
    hall["decisions"].append({"key": "late", "text": {"es": "Tarde"}, "to": "library", "taken_by": "late", **late})
    return World.model_validate(document)


async def test_what_is_for_the_club_is_open_as_long_as_she_is_in_it(house: House, ana: MemberId) -> None:
    await house.coordinator.run(StartTrial(), key="trial", member=ana, actor="member")
    await take(house, ana, "club")
    for days, open_ in ((0, True), (7, False)):
        house.time.advance(timedelta(days=days).total_seconds())
        async with house.coordinator.reading() as unit:
            shown = await page(unit, ana, "es")
            assert shown is not None
            assert shown.closed is not open_
            assert (await page_again(unit, ana, "es", "salon") is not None) is open_
            assert await page_again(unit, ana, "es", "hall") is not None
            with pytest.raises(NoSuchFragment):
                await page_again(unit, ana, "es", "library")
