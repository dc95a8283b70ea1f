"""What is summed up over all readers: some seconds behind them, and each thing once."""

import pytest

from dianabot.members import RoleTooLow
from dianabot.operations.asks import Erase
from dianabot.operations.consequences import SUMS
from dianabot.operations.erase import erase
from dianabot.operations.recount import Recount
from dianabot.operations.unit import Unit, Who
from tests.dianabot.operations.reading import reader, take, told
from tests.proof.house import House

COUNTED = "SELECT key, view_count, reader_count, completed_count FROM narrative_fragments WHERE view_count > 0"


async def counted(house: House) -> dict[str, tuple[int, int, int]]:
    await house.drain()
    return {key: (views, readers, completed) for key, views, readers, completed in await house.rows(COUNTED)}


async def test_readers_are_counted_some_seconds_later_and_once(postgres_dsn: str) -> None:
    async with told(postgres_dsn) as house:
        await house.start()
        ana = await reader(house)
        await take(house, ana, "open")
        assert await counted(house) == {}, "they wait for others, so that a fragment's row is not written for each"
        house.time.advance(max(row.behind for row in SUMS))
        expected = {"hall": (1, 1, 1), "library": (1, 1, 0)}
        assert await counted(house) == expected
        house.time.advance(3600)
        assert await counted(house) == expected


async def test_what_was_read_before_anybody_counted_is_counted_too(postgres_dsn: str) -> None:
    async with told(postgres_dsn) as house:
        await reader(house)
        await house.start()
        house.time.advance(60)
        assert await counted(house) == {"hall": (1, 1, 0)}


async def test_what_came_to_be_wrong_is_right_again_when_it_is_counted_anew(postgres_dsn: str) -> None:
    async with told(postgres_dsn) as house:
        await house.start()
        ana = await reader(house)
        await take(house, ana, "open", "turn")
        house.time.advance(60)
        right = await counted(house)
        await house.db.run("UPDATE narrative_fragments SET view_count = 77, completed_count = 0")
        await house.coordinator.run(Recount(reason="lost"), key="again", member=None, actor="operator")
        assert await house.rows(COUNTED) == []
        house.time.advance(60)
        assert await counted(house) == right == {"hall": (2, 1, 1), "library": (1, 1, 1)}


async def test_a_fan_may_not_have_it_counted_anew(postgres_dsn: str) -> None:
    async with told(postgres_dsn) as house:
        ana = await reader(house)
        with pytest.raises(RoleTooLow):
            await house.coordinator.run(Recount(), key="again", member=ana, actor="member")


async def test_whoever_is_forgotten_has_been_counted(postgres_dsn: str) -> None:
    async with told(postgres_dsn) as house:
        await house.start()
        ana = await reader(house)
        house.time.advance(60)
        before = await counted(house)
        async with house.begin() as tx:
            await tx.lock_members(ana)
            await erase(Unit(tx, house.rules.now), Who("member", ana), Erase())
        house.time.advance(60)
        assert await counted(house) == before == {"hall": (1, 1, 0)}
