"""The club on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from dianabot.channels.subscriptions import (
    AlreadyVip,
    ClubRules,
    PlanOffer,
    Published,
    Subscriptions,
    TrialUsed,
)
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.vocabulary.standing import Club
from dianabot.vocabulary.world import Plan
from tests.proof.stage import START, Stage

DAY = timedelta(days=1)
MONTH = Plan(
    key="month", name={"es": "Un mes", "en": "A month"}, description={"en": "All of it."}, days=30, price_stars=500
)
YEAR = Plan(key="year", name={"es": "Un año"}, days=365)
TOLD = "SELECT event_type, event_data - 'member' FROM event_logs ORDER BY seq"
STORED = "SELECT status, start_date, end_date FROM subscriptions"


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        yield running


@pytest.fixture
async def ana(stage: Stage) -> MemberId:
    [ana] = await stage.members()
    return ana


def subscriptions(tx: Tx) -> Subscriptions:
    return Subscriptions(tx, ClubRules())


async def extend(stage: Stage, ana: MemberId, days: int, cause: str = "a") -> datetime:
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        return await subscriptions(tx).extend(ana, days, cause=cause)


async def start_trial(stage: Stage, ana: MemberId) -> datetime:
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        return await subscriptions(tx).start_trial(ana)


async def club(stage: Stage, ana: MemberId) -> Club:
    async with stage.begin() as tx:
        return await subscriptions(tx).club(ana)


def iso(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


async def test_she_gets_in_stays_longer_leaves_and_comes_back(stage: Stage, ana: MemberId) -> None:
    assert await club(stage, ana) == Club(vip=False, until=None)
    end = START + 30 * DAY
    assert await extend(stage, ana, 30, "fragment:hall") == end
    assert await club(stage, ana) == Club(vip=True, until=end)
    assert await extend(stage, ana, 10, "level:2") == end + 10 * DAY
    assert await stage.rows(STORED) == [("active", START, end + 10 * DAY)]
    stage.time.advance((43 * DAY).total_seconds())
    assert await club(stage, ana) == Club(vip=False, until=end + 10 * DAY)
    back = START + 43 * DAY
    assert await extend(stage, ana, 1, "gift") == back + DAY
    assert await stage.rows(STORED) == [("active", back, back + DAY)]
    assert await stage.rows(TOLD) == [
        ("admin.subscription_started", {"until": iso(end), "trial": False, "cause": "fragment:hall"}),
        ("admin.vip_status_changed", {"vip": True}),
        ("admin.subscription_extended", {"until": iso(end + 10 * DAY), "cause": "level:2"}),
        ("admin.subscription_started", {"until": iso(back + DAY), "trial": False, "cause": "gift"}),
        ("admin.vip_status_changed", {"vip": True}),
    ]


async def test_within_her_days_of_grace_she_was_never_gone(stage: Stage, ana: MemberId) -> None:
    await extend(stage, ana, 1)
    stage.time.advance((3 * DAY).total_seconds())
    assert await club(stage, ana) == Club(vip=True, until=START + DAY)
    assert await extend(stage, ana, 1) == START + 4 * DAY
    assert await stage.rows(STORED) == [("active", START, START + 4 * DAY)]
    assert await stage.count("event_logs", "event_type = 'admin.vip_status_changed'") == 1


async def test_she_tries_the_club_once(stage: Stage, ana: MemberId) -> None:
    end = START + 3 * DAY
    assert await start_trial(stage, ana) == end
    assert await club(stage, ana) == Club(vip=True, until=end)
    assert await stage.rows(STORED) == [("trial", START, end)]
    assert await stage.rows(TOLD) == [
        ("admin.subscription_started", {"until": iso(end), "trial": True, "cause": "trial"}),
        ("admin.vip_status_changed", {"vip": True}),
    ]
    for days in (0, 300):
        stage.time.advance((days * DAY).total_seconds())
        with pytest.raises(TrialUsed):
            await start_trial(stage, ana)


async def test_whoever_liked_it_stays(stage: Stage, ana: MemberId) -> None:
    end = await start_trial(stage, ana)
    assert await extend(stage, ana, 30) == end + 30 * DAY
    assert await stage.rows(STORED) == [("active", START, end + 30 * DAY)]
    with pytest.raises(AlreadyVip):
        await start_trial(stage, ana)


async def test_two_trials_at_once_are_one(stage: Stage, ana: MemberId) -> None:
    ended = await asyncio.gather(start_trial(stage, ana), start_trial(stage, ana), return_exceptions=True)
    assert sorted(type(one) is TrialUsed for one in ended) == [False, True]


async def test_two_gifts_of_days_at_once_both_count(stage: Stage, ana: MemberId) -> None:
    await asyncio.gather(extend(stage, ana, 10), extend(stage, ana, 20))
    assert await club(stage, ana) == Club(vip=True, until=START + 30 * DAY)


async def test_the_ways_in_are_offered_in_their_order_and_her_language(stage: Stage) -> None:
    async with stage.begin() as tx:
        await subscriptions(tx).publish([YEAR, MONTH], "es")
    async with stage.begin() as tx:
        assert await subscriptions(tx).offers("en") == [
            PlanOffer("year", "Un año", "", 365, None),
            PlanOffer("month", "A month", "All of it.", 30, 500),
        ]
        assert (await subscriptions(tx).offers("es"))[1] == PlanOffer("month", "Un mes", "", 30, 500)


def changed(plan: Plan, **fields: Any) -> Plan:
    return Plan.model_validate({**plan.model_dump(), **fields})


@pytest.mark.parametrize(
    ("plans", "report"),
    [
        ([MONTH, YEAR], []),
        ([YEAR, MONTH], [("month", "changed"), ("year", "changed")]),
        ([MONTH], [("year", "retired")]),
        ([MONTH, YEAR, changed(MONTH, key="week", days=7)], [("week", "added")]),
        ([changed(MONTH, days=31), YEAR], [("month", "changed")]),
        ([changed(MONTH, price_stars=None), YEAR], [("month", "changed")]),
        ([changed(MONTH, description=None), YEAR], [("month", "changed")]),
    ],
)
async def test_publishing_says_what_is_new_other_and_gone(
    stage: Stage, plans: list[Plan], report: list[tuple[str, str]]
) -> None:
    async with stage.begin() as tx:
        await subscriptions(tx).publish([MONTH, YEAR], "es")
    async with stage.begin() as tx:
        assert await subscriptions(tx).publish(plans, "es") == [Published(*row) for row in report]
    async with stage.begin() as tx:
        assert await subscriptions(tx).publish(plans, "es") == []
        assert [offer.key for offer in await subscriptions(tx).offers("es")] == [plan.key for plan in plans]


async def test_a_plan_that_is_gone_may_return(stage: Stage) -> None:
    async with stage.begin() as tx:
        await subscriptions(tx).publish([MONTH], "es")
        await subscriptions(tx).publish([], "es")
        assert await subscriptions(tx).offers("es") == []
        assert await subscriptions(tx).publish([MONTH], "es") == [Published("month", "added")]
