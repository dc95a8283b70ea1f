"""The wallet on a real PostgreSQL: what is written, what is announced, and what nobody can do."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from dianabot.gamification.wallet import (
    TOO_FAST,
    Granted,
    HoldNotOpen,
    NotEnoughBesitos,
    Purse,
    Wallet,
    WalletRules,
)
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import AnnouncedWithoutLock, Tx
from dianabot.vocabulary.reason import Reason
from tests.proof.stage import Stage

TODAY = date(2026, 1, 15)
HOLDS = "SELECT id, amount, state, captured_seq FROM besitos_holds ORDER BY id"


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        yield running


@pytest.fixture
async def ana(stage: Stage) -> MemberId:
    [ana] = await stage.members()
    return ana


def wallet(tx: Tx, **rules: int) -> Wallet:
    return Wallet(tx, WalletRules(**rules), day=TODAY)


async def give(stage: Stage, ana: MemberId, amount: int, reason: Reason = Reason.STORY, **rules: int) -> Granted:
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        return await wallet(tx, **rules).grant(ana, amount, reason=reason, reference="fragment:hall")


async def test_what_moves_while_she_is_looked_up_is_not_forgotten(stage: Stage, ana: MemberId) -> None:
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        hers = wallet(tx)
        given, free = await tx.together(
            hers.grant(ana, 30, reason=Reason.STORY, reference="fragment:hall"), hers.besitos(ana)
        )
        assert (given, free) == (Granted(30, 0, 30), 30)
        assert await hers.spend(ana, 10, reason=Reason.STORY, reference="decision:hall.pay") == 20


async def facts(stage: Stage, event_type: str) -> list[dict[str, Any]]:
    async with stage.begin() as tx:
        return await tx.column(dict, "SELECT event_data FROM event_logs WHERE event_type = $1 ORDER BY seq", event_type)


async def test_besitos_come_and_go_and_every_movement_is_kept_and_told(stage: Stage, ana: MemberId) -> None:
    assert await give(stage, ana, 30) == Granted(30, 0, 30)
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        left = await wallet(tx).spend(ana, 12, reason=Reason.PURCHASE, reference="item:lamp")
    async with stage.begin() as tx:
        entries = await wallet(tx).history(ana)
        assert await wallet(tx).purse(ana) == Purse(18, 0, 0)
    assert left == 18
    assert [(one.seq, one.amount, one.balance_after, one.reason, one.reference, one.at) for one in entries] == [
        (2, -12, 18, Reason.PURCHASE, "item:lamp", stage.clock.now()),
        (1, 30, 30, Reason.STORY, "fragment:hall", stage.clock.now()),
    ]
    assert await facts(stage, "gamification.besitos_earned") == [
        {"member": ana, "amount": 30, "balance": 30, "reason": "story", "reference": "fragment:hall", "seq": 1,
         "cut": 0},
    ]  # fmt: skip
    assert await facts(stage, "gamification.besitos_spent") == [
        {"member": ana, "amount": 12, "balance": 18, "reason": "purchase", "reference": "item:lamp", "seq": 2},
    ]


async def test_what_exceeds_a_day_is_cut_and_said_and_nothing_is_written_for_nothing(
    stage: Stage, ana: MemberId
) -> None:
    granted = [await give(stage, ana, 600, Reason.REACTION) for _ in range(3)]
    assert granted == [Granted(600, 0, 600), Granted(400, 200, 1000), Granted(0, 600, 1000)]
    assert [fact["cut"] for fact in await facts(stage, "gamification.besitos_earned")] == [0, 200]
    assert await stage.count("besitos_ledger") == 2
    async with stage.begin() as tx:
        assert (await wallet(tx).purse(ana)).earned_today == 1000


async def test_each_day_has_a_cap_of_its_own(stage: Stage, ana: MemberId) -> None:
    cut = []
    for days in (0, 1, 1, 2):
        async with stage.begin() as tx:
            await tx.lock_members(ana)
            hers = Wallet(tx, WalletRules(), day=TODAY + timedelta(days=days))
            cut.append((await hers.grant(ana, 600, reason=Reason.GIFT, reference="a")).cut)
    assert cut == [0, 0, 200, 0]


async def test_whoever_has_too_little_is_refused_and_nothing_is_written(stage: Stage, ana: MemberId) -> None:
    await give(stage, ana, 10)
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        with pytest.raises(NotEnoughBesitos) as refused:
            await wallet(tx).spend(ana, 11, reason=Reason.STORY, reference="a")
        with pytest.raises(NotEnoughBesitos):
            await wallet(tx).hold(ana, 11, reason=Reason.AUCTION, reference="a")
    assert refused.value == NotEnoughBesitos(10, 11)
    assert await stage.count("besitos_ledger") == 1
    assert await stage.count("besitos_holds") == 0


async def test_nobody_begins_with_nothing(stage: Stage, ana: MemberId) -> None:
    async with stage.begin() as tx:
        assert await wallet(tx).besitos(ana) == 0
        assert await wallet(tx).purse(ana) == Purse(0, 0, 0)
        assert await wallet(tx).history(ana) == []
        with pytest.raises(NotEnoughBesitos):
            await wallet(tx).spend(ana, 1, reason=Reason.STORY, reference="a")


async def test_what_is_held_is_let_go_or_spent_once(stage: Stage, ana: MemberId) -> None:
    await give(stage, ana, 100)
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        hers = wallet(tx)
        first = await hers.hold(ana, 60, reason=Reason.AUCTION, reference="auction:1")
        second = await hers.hold(ana, 30, reason=Reason.AUCTION, reference="auction:2")
        assert await hers.besitos(ana) == 10
        await hers.release(ana, first)
        assert await hers.capture(ana, second) == 70
        assert await hers.purse(ana) == Purse(70, 0, 0)
        for ended in (first, second, 999):
            with pytest.raises(HoldNotOpen):
                await hers.release(ana, ended)
            with pytest.raises(HoldNotOpen):
                await hers.capture(ana, ended)
        assert (await hers.history(ana, limit=1))[0].reference == "auction:2"
    assert await stage.rows(HOLDS) == [(first, 60, "released", None), (second, 30, "captured", 2)]
    async with stage.begin() as tx:
        assert await wallet(tx).purse(ana) == Purse(70, 0, 0)
    assert [fact["seq"] for fact in await facts(stage, "gamification.besitos_spent")] == [2]


async def test_what_another_has_set_aside_is_not_hers(stage: Stage, ana: MemberId) -> None:
    [eva] = await stage.members()
    await give(stage, ana, 100)
    async with stage.begin() as tx:
        await tx.lock_members(ana, eva)
        hold = await wallet(tx).hold(ana, 60, reason=Reason.AUCTION, reference="auction:1")
        for verb in (wallet(tx).release, wallet(tx).capture):
            with pytest.raises(HoldNotOpen):
                await verb(eva, hold)
        assert await wallet(tx).purse(ana) == Purse(100, 60, 0)


async def test_her_ledger_is_read_page_by_page(stage: Stage, ana: MemberId) -> None:
    for amount in range(1, 6):
        await give(stage, ana, amount)
    async with stage.begin() as tx:
        first = await wallet(tx).history(ana, limit=3)
        then = await wallet(tx).history(ana, before=first[-1].seq, limit=3)
    assert [entry.amount for entry in first] == [5, 4, 3]
    assert [entry.amount for entry in then] == [2, 1]


async def test_two_grants_at_once_come_one_after_the_other(stage: Stage, ana: MemberId) -> None:
    async with stage.begin() as slow:
        await slow.lock_members(ana)
        await wallet(slow).grant(ana, 700, reason=Reason.REACTION, reference="a")
        second = asyncio.create_task(give(stage, ana, 700, Reason.REACTION))
        await stage.somebody_waits()
    assert await second == Granted(300, 400, 1000)
    assert await stage.rows("SELECT seq, balance_after FROM besitos_ledger ORDER BY seq") == [(1, 700), (2, 1000)]


async def test_the_last_besitos_are_spent_once(stage: Stage, ana: MemberId) -> None:
    await give(stage, ana, 10)

    async def spend() -> int:
        async with stage.begin() as tx:
            await tx.lock_members(ana)
            return await wallet(tx).spend(ana, 10, reason=Reason.STORY, reference="a")

    ended = await asyncio.gather(*(spend() for _ in range(4)), return_exceptions=True)
    assert sorted(map(str, ended)) == ["0", *["NotEnoughBesitos(have=0, need=10)"] * 3]


async def test_whoever_has_not_locked_her_moves_nothing(stage: Stage, ana: MemberId) -> None:
    with pytest.raises(AnnouncedWithoutLock):
        async with stage.begin() as tx:
            await wallet(tx).grant(ana, 10, reason=Reason.STORY, reference="a")
    assert await stage.count("besitos_ledger") == 0


async def test_even_without_the_lock_no_more_is_held_than_there_is(stage: Stage, ana: MemberId) -> None:
    await give(stage, ana, 100)

    async def hold() -> None:
        async with stage.begin() as tx:
            await wallet(tx).hold(ana, 60, reason=Reason.AUCTION, reference="a")

    async with stage.begin() as first:
        await wallet(first).hold(ana, 60, reason=Reason.AUCTION, reference="a")
        second = asyncio.create_task(hold())
        await stage.somebody_waits()
    with pytest.raises(psycopg.errors.CheckViolation):
        await second
    assert await stage.count("besitos_holds") == 1


@pytest.mark.parametrize("change", ["UPDATE besitos_ledger SET amount = 5", "DELETE FROM besitos_ledger"])
async def test_the_ledger_is_never_rewritten(stage: Stage, ana: MemberId, change: str) -> None:
    await give(stage, ana, 100)
    with pytest.raises(psycopg.errors.RaiseException, match="never changed"):
        await stage.db.run(change)
    assert await stage.rows("SELECT amount FROM besitos_ledger") == [(100,)]


async def test_a_wallet_that_moves_faster_than_people_do_is_flagged_once_an_hour(stage: Stage, ana: MemberId) -> None:
    async def moves(number: int) -> int:
        for _ in range(number):
            await give(stage, ana, 1, suspicious_per_hour=10)
        return len(await facts(stage, "system.fraud_flagged"))

    assert await moves(10) == 0
    assert await moves(1) == 1
    assert await moves(12) == 1
    stage.time.advance(3600)
    assert await moves(10) == 1
    assert await moves(1) == 2
    assert await facts(stage, "system.fraud_flagged") == [{"member": ana, "signal": TOO_FAST}] * 2


async def test_too_many_movements_in_one_transaction_are_seen_by_the_next(stage: Stage, ana: MemberId) -> None:
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        hers = wallet(tx, suspicious_per_hour=10)
        for _ in range(15):
            await hers.grant(ana, 1, reason=Reason.STORY, reference="a")
    await give(stage, ana, 1, suspicious_per_hour=10)
    assert len(await facts(stage, "system.fraud_flagged")) == 1


async def test_a_slow_hour_is_not_suspicious(stage: Stage, ana: MemberId) -> None:
    for _ in range(25):
        stage.time.advance(timedelta(minutes=6).total_seconds())
        await give(stage, ana, 1, suspicious_per_hour=10)
    assert await facts(stage, "system.fraud_flagged") == []


async def test_the_ledger_names_the_operation_that_moved_it(stage: Stage, ana: MemberId) -> None:
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        told = Wallet(tx, WalletRules(), day=TODAY)
        tx.operation_id = 812
        await told.grant(ana, 5, reason=Reason.STORY, reference="a")
    await give(stage, ana, 5)
    assert await stage.rows("SELECT operation_id FROM besitos_ledger ORDER BY seq") == [(812,), (None,)]
