"""The wallet against a purse of plain Python: whatever is done with it, and in whatever transactions."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dianabot.gamification.wallet import HoldNotOpen, NotEnoughBesitos, Wallet, WalletRules
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.vocabulary.reason import Reason
from tests.proof.stage import Stage

START = date(2026, 1, 15)
CAP = 60
REASONS = (Reason.REACTION, Reason.TRIVIA, Reason.STORY, Reason.ADMIN)
LEDGER = "SELECT seq, amount, balance_after FROM besitos_ledger WHERE user_id = $1 ORDER BY seq"
KEPT = "SELECT balance, held, seq FROM wallets WHERE user_id = $1"
OPEN = "SELECT coalesce(sum(amount), 0)::bigint FROM besitos_holds WHERE user_id = $1 AND state = 'held'"
Step: TypeAlias = tuple[Any, ...]
Run: TypeAlias = Callable[[Coroutine[Any, Any, None]], None]

amounts = st.integers(1, 80)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("grant"), amounts, st.sampled_from(REASONS)),
        st.tuples(st.just("spend"), amounts, st.sampled_from(REASONS)),
        st.tuples(st.just("hold"), amounts),
        st.tuples(st.sampled_from(["release", "capture"]), st.integers(0, 3)),
        st.tuples(st.sampled_from(["day", "commit", "fail"])),
    ),
    max_size=25,
)


@dataclass
class Plain:
    """What a child would do with a purse and a notebook."""

    day: date = START
    movements: list[int] = field(default_factory=list)
    holds: dict[int, int] = field(default_factory=dict)
    """Open ones, by number."""
    ended: list[int] = field(default_factory=list)
    earned: dict[date, int] = field(default_factory=dict)

    @property
    def balance(self) -> int:
        return sum(self.movements)

    @property
    def held(self) -> int:
        return sum(self.holds.values())

    @property
    def free(self) -> int:
        return self.balance - self.held

    def copy(self) -> "Plain":
        return Plain(self.day, [*self.movements], {**self.holds}, [*self.ended], {**self.earned})


@dataclass(frozen=True)
class Row:
    seq: int
    amount: int
    after: int


@dataclass(frozen=True)
class Kept:
    balance: int
    held: int
    seq: int


class Failed(Exception):  # noqa: N818 - the far side of a transaction that is taken back
    pass


@pytest.fixture(scope="module")
def running(module_dsn: str) -> Iterator[tuple[Run, Stage]]:
    stage = Stage(module_dsn)
    with asyncio.Runner() as runner:
        runner.run(stage.__aenter__())
        yield runner.run, stage
        runner.run(stage.__aexit__())


@given(steps)
@settings(max_examples=100)
def test_the_wallet_does_what_a_purse_does(running: tuple[Run, Stage], script: list[Step]) -> None:
    run, stage = running
    run(_play(stage, script))


async def _play(stage: Stage, script: list[Step]) -> None:
    [member] = await stage.members()
    plain, waiting = Plain(), [*script, ("commit",)]
    while waiting:
        cut = 1 + next(number for number, step in enumerate(waiting) if step[0] in ("commit", "fail"))
        together, waiting = waiting[:cut], waiting[cut:]
        plain = await _transaction(stage, member, plain, together)


async def _transaction(stage: Stage, member: MemberId, before: Plain, together: list[Step]) -> Plain:
    """The steps up to its end; what has failed was never done."""
    plain = before.copy()
    try:
        async with stage.begin() as tx:
            await tx.lock_members(member)
            wallet = Wallet(tx, WalletRules(daily_cap=CAP), day=plain.day)
            for step in together:
                if step[0] == "day":
                    plain.day += timedelta(days=1)
                    wallet = Wallet(tx, WalletRules(daily_cap=CAP), day=plain.day)
                else:
                    await _step(wallet, member, plain, step)
                await _agree(tx, wallet, member, plain)
    except Failed:
        return before
    return plain


async def _step(wallet: Wallet, member: MemberId, plain: Plain, step: Step) -> None:
    match step:
        case ("grant", amount, reason):
            given = min(amount, CAP - plain.earned.get(plain.day, 0)) if reason.repeatable else amount
            granted = await wallet.grant(member, amount, reason=reason, reference="a")
            assert (granted.amount, granted.cut, granted.balance) == (given, amount - given, plain.balance + given)
            plain.movements += [given] if given else []
            if reason.repeatable:
                plain.earned[plain.day] = plain.earned.get(plain.day, 0) + given
        case ("spend" | "hold" as verb, amount, *_) if amount > plain.free:
            with pytest.raises(NotEnoughBesitos) as refused:
                await getattr(wallet, verb)(member, amount, reason=Reason.AUCTION, reference="a")
            assert refused.value == NotEnoughBesitos(plain.free, amount)
        case ("spend", amount, reason):
            plain.movements.append(-amount)
            assert await wallet.spend(member, amount, reason=reason, reference="a") == plain.free
        case ("hold", amount):
            plain.holds[await wallet.hold(member, amount, reason=Reason.AUCTION, reference="a")] = amount
        case ("release" | "capture" as verb, index):
            await _end(wallet, member, plain, verb, index)
        case ("fail",):
            raise Failed


async def _end(wallet: Wallet, member: MemberId, plain: Plain, verb: str, index: int) -> None:
    """One of the holds that there are or were."""
    holds = [*plain.holds, *plain.ended]
    hold = holds[index % len(holds)] if holds else 0
    if hold not in plain.holds:
        with pytest.raises(HoldNotOpen):
            await getattr(wallet, verb)(member, hold)
        return
    amount = plain.holds.pop(hold)
    plain.ended.append(hold)
    if verb == "release":
        await wallet.release(member, hold)
        return
    plain.movements.append(-amount)
    assert await wallet.capture(member, hold) == plain.free


async def _agree(tx: Tx, wallet: Wallet, member: MemberId, plain: Plain) -> None:
    """Invariant 1: no hole in the ledger, every balance the one before and the amount, and the wallet says the same."""
    ledger = await tx.ask(LEDGER, member)
    kept = await tx.ask(KEPT, member)
    held = await tx.ask(OPEN, member)
    rows = await ledger.all(Row)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert [row.amount for row in rows] == plain.movements
    assert all(row.after == sum(plain.movements[: row.seq]) >= 0 for row in rows)
    assert await kept.all(Kept) == ([Kept(plain.balance, plain.held, len(rows))] if rows else [])
    assert await held.column(int) == [plain.held]
    purse = await wallet.purse(member)
    assert (purse.balance, purse.held, purse.free) == (plain.balance, plain.held, plain.free)
    assert purse.earned_today == plain.earned.get(plain.day, 0)
