"""The page that a reader has open: what is shown of it, and what is not any more."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from dianabot.kernel.ids import MemberId
from dianabot.narrative.fragments import NoSuchFragment
from dianabot.operations.page import page, page_again, why_shut
from dianabot.operations.start_trial import StartTrial
from tests.dianabot.operations.reading import reader, take, told
from tests.proof.house import House
from tests.proof.tale import way


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
