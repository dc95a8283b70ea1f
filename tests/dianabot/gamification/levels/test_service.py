"""Experience on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from dianabot.gamification.levels import Level, Levels, LevelsRules
from dianabot.kernel.ids import MemberId
from tests.proof.stage import Stage

RULES = LevelsRules(thresholds=(100, 250, 450))
REACHED = "SELECT event_data ->> 'level', event_data ->> 'cause' FROM event_logs ORDER BY seq"


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        yield running


@pytest.fixture
async def ana(stage: Stage) -> MemberId:
    [ana] = await stage.members()
    return ana


async def add(stage: Stage, ana: MemberId, amount: int, rules: LevelsRules = RULES, cause: str = "a") -> Level:
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        return await Levels(tx, rules).add_xp(ana, amount, cause=cause)


async def test_everybody_begins_at_the_first_level(stage: Stage, ana: MemberId) -> None:
    async with stage.begin() as tx:
        assert await Levels(tx, RULES).level(ana) == 1
        assert await Levels(tx, RULES).of(ana) == Level(1, 0, 100)


async def test_each_level_is_reached_once_also_when_several_are_at_once(stage: Stage, ana: MemberId) -> None:
    assert await add(stage, ana, 99, cause="a") == Level(1, 99, 100)
    assert await add(stage, ana, 200, cause="b") == Level(3, 299, 450)
    assert await add(stage, ana, 1, cause="c") == Level(3, 300, 450)
    stage.time.advance(60)
    assert await add(stage, ana, 150, cause="d") == Level(4, 450, None)
    async with stage.begin() as tx:
        assert await Levels(tx, RULES).level(ana) == 4
        assert await Levels(tx, RULES).of(ana) == Level(4, 450, None)
    assert await stage.rows(REACHED) == [("2", "b"), ("3", "b"), ("4", "d")]
    assert await stage.rows("SELECT reached_at FROM user_levels") == [(stage.clock.now(),)]


async def test_the_very_first_points_may_lift_her_at_once(stage: Stage, ana: MemberId) -> None:
    assert await add(stage, ana, 100) == Level(2, 100, 250)
    assert await stage.rows(REACHED) == [("2", "a")]


async def test_what_is_known_of_her_needs_no_telling_and_is_what_is_written(stage: Stage, ana: MemberId) -> None:
    for known in (False, True):
        async with stage.begin() as tx:
            await tx.lock_members(ana)
            levels = Levels(tx, RULES)
            if known:
                assert (await levels.of(ana)).xp == 120
            before = 120 if known else 0
            assert await levels.add_xp(ana, 100, cause="a") == await levels.of(ana)
            assert (await levels.add_xp(ana, 20, cause="b")).xp == (await levels.of(ana)).xp == before + 120
        assert await stage.rows("SELECT xp FROM user_levels") == [(before + 120,)]
    assert await stage.rows(REACHED) == [("2", "a")]


async def test_what_is_read_while_points_come_does_not_make_their_level_be_told_twice(
    stage: Stage, ana: MemberId
) -> None:
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        levels = Levels(tx, RULES)
        now, seen = await tx.together(levels.add_xp(ana, 100, cause="a"), levels.of(ana))
        assert now == seen == Level(2, 100, 250)
        await levels.add_xp(ana, 1, cause="b")
    assert await stage.rows(REACHED) == [("2", "a")]


async def test_a_level_is_kept_when_thresholds_rise_and_reached_when_they_fall(stage: Stage, ana: MemberId) -> None:
    await add(stage, ana, 250)
    assert await add(stage, ana, 1, LevelsRules(thresholds=(1000, 2000, 3000))) == Level(3, 251, 3000)
    assert await add(stage, ana, 1, LevelsRules(thresholds=(10, 20, 30, 40))) == Level(5, 252, None)
    assert [level for level, _ in await stage.rows(REACHED)] == ["2", "3", "4", "5"]


async def test_a_level_that_fell_within_reach_is_hers_everywhere_and_announced_with_her_next_points(
    stage: Stage, ana: MemberId
) -> None:
    await add(stage, ana, 90)
    lower = LevelsRules(thresholds=(50, 250))

    async with stage.begin() as tx:
        assert await Levels(tx, lower).of(ana) == Level(2, 90, 250)
        assert await Levels(tx, lower).level(ana) == 2

    await add(stage, ana, 1, lower, cause="b")
    assert await stage.rows(REACHED) == [("2", "b")]


async def test_two_causes_at_once_both_count(stage: Stage, ana: MemberId) -> None:
    await asyncio.gather(*(add(stage, ana, 60) for _ in range(4)))
    async with stage.begin() as tx:
        assert await Levels(tx, RULES).of(ana) == Level(2, 240, 250)
    assert await stage.rows(REACHED) == [("2", "a")]


@pytest.mark.parametrize("amount", [0, -5, 1_000_000_001])
async def test_nothing_is_worth_nothing_or_less(stage: Stage, ana: MemberId, amount: int) -> None:
    with pytest.raises(ValueError, match="points"):
        await add(stage, ana, amount)
    assert await stage.count("user_levels") == 0
