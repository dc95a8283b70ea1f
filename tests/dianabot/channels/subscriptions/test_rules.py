"""How long she belongs to the club, as tables."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from dianabot.channels.subscriptions import AlreadyVip, ClubRules, TrialUsed
from dianabot.channels.subscriptions.rules import LONGEST, Span, club, extended, tried
from dianabot.vocabulary.standing import Club

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def span(ends_in: float, *, trial: bool = False) -> Span:
    return Span(NOW - 30 * DAY, NOW + ends_in * DAY, trial=trial)


@pytest.mark.parametrize(
    ("ends_in", "grace", "vip"),
    [(0.1, 3, True), (0, 3, True), (-2.9, 3, True), (-3, 3, False), (-40, 3, False), (0.1, 0, True), (0, 0, False)],
)
def test_days_of_grace_count_to_their_last_instant(ends_in: float, grace: int, vip: bool) -> None:  # noqa: FBT001 - a column of the table
    assert club(span(ends_in), NOW, grace) == Club(vip, NOW + ends_in * DAY)


def test_whoever_never_came_is_not_in_it() -> None:
    assert club(None, NOW, 3) == Club(vip=False, until=None)


@pytest.mark.parametrize(
    ("ends_in", "vip", "days", "end"),
    [
        (None, False, 30, 30),
        (10, True, 30, 40),
        (-1, True, 30, 30),
        (-90, False, 30, 30),
        (None, False, 10**9, LONGEST.days),
        (LONGEST.days - 1, True, 10**9, LONGEST.days),
        (LONGEST.days + 5, True, 30, LONGEST.days + 5),
    ],
)
def test_days_are_added_to_the_end_and_never_cut(ends_in: int | None, vip: bool, days: int, end: int) -> None:  # noqa: FBT001 - a column of the table
    before = None if ends_in is None else span(ends_in, trial=True)
    start = before.start if before is not None and vip else NOW
    assert extended(before, days, NOW, vip=vip) == Span(start, NOW + end * DAY, trial=False)


@pytest.mark.parametrize("days", [0, -3])
def test_nobody_joins_for_no_day(days: int) -> None:
    with pytest.raises(ValueError, match="days"):
        extended(None, days, NOW, vip=False)


@pytest.mark.parametrize("before", [None, span(-3), span(-90)])
def test_the_club_can_be_tried_by_whoever_is_not_in_it(before: Span | None) -> None:
    assert tried(before, NOW, ClubRules()) == Span(NOW, NOW + 3 * DAY, trial=True)


@pytest.mark.parametrize("ends_in", [1, -1, -90])
def test_the_club_is_tried_once(ends_in: int) -> None:
    with pytest.raises(TrialUsed):
        tried(span(ends_in, trial=True), NOW, ClubRules())


@pytest.mark.parametrize("ends_in", [5, -1])
def test_whoever_is_in_the_club_need_not_try_it(ends_in: int) -> None:
    with pytest.raises(AlreadyVip):
        tried(span(ends_in), NOW, ClubRules())


@pytest.mark.parametrize("wrong", [{"grace_days": -1}, {"trial_days": 0}, {"days": 3}])
def test_wrong_rules_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ClubRules(**wrong)
