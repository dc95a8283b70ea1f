"""Besitos as arithmetic: what a day's cap cuts, what is free, what moves too fast."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from dianabot.gamification.wallet import NotEnoughBesitos, WalletRules, rules
from dianabot.gamification.wallet.rules import Account
from dianabot.vocabulary.reason import Reason

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
TODAY = date(2026, 1, 15)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("reason", "capped", "amount", "given", "counted"),
    [
        (Reason.REACTION, (None, 0), 300, 300, (TODAY, 300)),
        (Reason.REACTION, (None, 0), 1500, 1000, (TODAY, 1000)),
        (Reason.TRIVIA, (TODAY, 999), 5, 1, (TODAY, 1000)),
        (Reason.GIFT, (TODAY, 1000), 5, 0, (TODAY, 1000)),
        (Reason.GIFT, (YESTERDAY, 1000), 5, 5, (TODAY, 5)),
        (Reason.MISSION, (TOMORROW, 1000), 5, 0, (TOMORROW, 1000)),
        (Reason.MISSION, (TOMORROW, 990), 50, 10, (TOMORROW, 1000)),
        (Reason.STREAK, (TODAY, 4000), 5, 0, (TODAY, 4000)),
        (Reason.STORY, (TODAY, 1000), 5000, 5000, (TODAY, 1000)),
        (Reason.REFUND, (None, 0), 5000, 5000, (None, 0)),
    ],
)
def test_the_cap_of_a_day_cuts_what_repeats_and_nothing_else(
    reason: Reason, capped: tuple[date | None, int], amount: int, given: int, counted: tuple[date | None, int]
) -> None:
    before = Account(100, 0, 7, *capped)
    after, cut = rules.grant(before, amount, reason, day=TODAY, cap=1000)
    assert (after.balance - before.balance, cut) == (given, amount - given)
    assert (after.capped_on, after.capped) == counted
    assert after.seq == (8 if given else 7)


def test_a_cap_of_nothing_gives_nothing() -> None:
    assert rules.grant(Account(), 1, Reason.REACTION, day=TODAY, cap=0) == (Account(), 1)


def test_what_is_held_cannot_be_spent_or_held_again() -> None:
    account = Account(100, 60, 3)
    assert rules.spend(account, 40, Reason.PURCHASE).free == 0
    assert rules.hold(account, 40, Reason.AUCTION).free == 0
    for verb in (rules.spend, rules.hold):
        with pytest.raises(NotEnoughBesitos) as refused:
            verb(account, 41, Reason.AUCTION)
        assert refused.value == NotEnoughBesitos(40, 41)


def test_what_was_held_is_freed_or_spent() -> None:
    account = Account(100, 60, 3)
    assert rules.release(account, 50) == Account(100, 10, 3)
    assert rules.capture(account, 50) == Account(50, 10, 4)


@pytest.mark.parametrize("amount", [0, -1, 1_000_000_001])
def test_no_movement_is_nothing_or_less_or_beyond_all_measure(amount: int) -> None:
    account = Account(2_000_000_000, 0, 1)
    with pytest.raises(ValueError, match="no movement"):
        rules.grant(account, amount, Reason.STORY, day=TODAY, cap=1000)
    for verb in (rules.spend, rules.hold):
        with pytest.raises(ValueError, match="no movement"):
            verb(account, amount, Reason.STORY)


def test_a_reason_is_one_of_the_list() -> None:
    invented: Any = "because"
    account = Account(100, 0, 1)
    with pytest.raises(ValueError, match="because"):
        rules.grant(account, 1, invented, day=TODAY, cap=1000)
    for verb in (rules.spend, rules.hold):
        with pytest.raises(ValueError, match="because"):
            verb(account, 1, invented)


@pytest.mark.parametrize(
    ("since", "flagged", "fast"),
    [
        (None, None, False),
        (0, None, True),
        (59.9, None, True),
        (60, None, False),
        (10, 59.9, False),
        (10, 60, True),
        (90, 90, False),
    ],
)
def test_what_moves_too_fast_is_said_once_an_hour(since: float | None, flagged: float | None, fast: bool) -> None:  # noqa: FBT001 - a column of the table
    account = Account(flagged_at=_ago(flagged), since=_ago(since))
    assert rules.too_fast(account, NOON) == fast


def _ago(minutes: float | None) -> datetime | None:
    return None if minutes is None else NOON - timedelta(minutes=minutes)


@pytest.mark.parametrize("wrong", [{"daily_cap": -1}, {"suspicious_per_hour": 0}, {"dayly_cap": 5}])
def test_wrong_rules_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        WalletRules(**wrong)
