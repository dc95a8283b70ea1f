"""Names, languages, roles and days in a row, as tables."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianabot.kernel.errors import Refusal
from dianabot.members import LastOwner, MayNotGrantRoles, MembersRules, Role, RoleTooHigh, WhichTimeZone
from dianabot.members.rules import (
    LONGEST_NAME,
    ROLES,
    Engagement,
    active,
    clean_name,
    clean_username,
    language_of,
    rank,
    refuse_grant,
)

NOON = datetime(2026, 5, 2, 12, tzinfo=UTC)
YESTERDAY = date(2026, 5, 1)
TODAY = date(2026, 5, 2)


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("es", "es"),
        ("en", "en"),
        ("es-MX", "es"),
        ("EN_gb", "en"),
        ("fr", "es"),
        ("esperanto", "es"),
        ("", "es"),
        (None, "es"),
        ("-", "es"),
    ],
)
def test_telegrams_language_becomes_one_that_is_spoken_here(code: str | None, language: str) -> None:
    assert language_of(code, "es") == language


def test_whose_language_is_not_spoken_gets_the_creators() -> None:
    assert language_of("fr", "en") == "en"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ana", "Ana"),
        ("  Ana \n María\t", "Ana María"),
        ("A\x00n\x07a", "Ana"),
        ("Ana\u202egnirts", "Anagnirts"),
        ("Ana\ud800", "Ana"),
        ("Ana\u2028Eva", "Ana Eva"),
        ("👩‍🎤", "👩‍🎤"),
        ("x" * 5000, "x" * 64),
        ("x" * 63 + "\u200d👩", "x" * 63),
        ("\x00\u200b \u2060", None),
        ("", None),
        (None, None),
    ],
)
def test_names_can_be_stored_and_shown(written: str | None, name: str | None) -> None:
    assert clean_name(written) == name


@given(st.text(max_size=400))
def test_a_clean_name_is_short_printable_and_stays_clean(written: str) -> None:
    name = clean_name(written)

    if name is not None:
        assert 0 < len(name) <= LONGEST_NAME
        name.encode()
        assert "\x00" not in name
        assert clean_name(name) == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ana_99", "ana_99"),
        ("ana maria", None),
        ("<b>", None),
        ("añá", None),
        ("", None),
        ("___", None),
        (None, None),
        ("x" * 65, None),
    ],
)
def test_usernames_are_as_telegram_makes_them(written: str | None, name: str | None) -> None:
    assert clean_username(written) == name


@pytest.mark.parametrize(
    ("giver", "before", "after", "refusal"),
    [
        ("owner", "fan", "owner", None),
        ("owner", "owner", "fan", None),
        ("owner", "admin", "moderator", None),
        ("admin", "fan", "admin", None),
        ("admin", "moderator", "fan", None),
        ("admin", "fan", "owner", RoleTooHigh("owner", "admin")),
        ("admin", "owner", "fan", RoleTooHigh("owner", "admin")),
        ("admin", "admin", "fan", RoleTooHigh("admin", "admin")),
        ("moderator", "fan", "reader", MayNotGrantRoles("moderator")),
        ("reader", "fan", "fan", MayNotGrantRoles("reader")),
        ("fan", "fan", "owner", MayNotGrantRoles("fan")),
    ],
)
def test_who_may_grant_what(giver: Role, before: Role, after: Role, refusal: Refusal | None) -> None:
    if refusal is None:
        refuse_grant(giver, before, after)
        return
    with pytest.raises(type(refusal)) as refused:
        refuse_grant(giver, before, after)
    assert refused.value == refusal


def test_nobody_ever_grants_above_herself() -> None:
    for giver in ROLES:
        for before in ROLES:
            for after in ROLES:
                try:
                    refuse_grant(giver, before, after)
                except (RoleTooHigh, MayNotGrantRoles):
                    continue
                assert rank(giver) >= rank("admin")
                assert max(rank(before), rank(after)) <= rank(giver)


@pytest.mark.parametrize(
    ("since", "last_day", "streak", "after"),
    [
        (0, None, 0, (0, TODAY, 1)),
        (30, TODAY, 4, None),
        (59, TODAY, 4, None),
        (60, TODAY, 4, (60, TODAY, 4)),
        (5, YESTERDAY, 4, (5, TODAY, 5)),
        (3600, YESTERDAY, 4, (3600, TODAY, 5)),
        (3600, date(2026, 4, 30), 4, (3600, TODAY, 1)),
        (3600, date(2026, 5, 3), 4, (3600, date(2026, 5, 3), 4)),
        (-3600, TODAY, 4, None),
        (-3600, YESTERDAY, 4, (0, TODAY, 5)),
    ],
)  # fmt: skip
def test_activity_is_written_at_most_once_a_minute_and_days_in_a_row_are_counted(
    since: int, last_day: date | None, streak: int, after: tuple[int, date, int] | None
) -> None:
    before = Engagement(NOON - timedelta(seconds=since), last_day, streak)
    now = active(before, NOON, "Europe/Madrid", MembersRules())

    if after is None:
        assert now is None
    else:
        moved, day, days = after
        assert now == Engagement(before.last_active_at + timedelta(seconds=moved), day, days)


def test_the_day_is_the_one_of_her_own_zone() -> None:
    late = datetime(2026, 5, 2, 3, tzinfo=UTC)
    before = Engagement(late - timedelta(hours=5), YESTERDAY, 7)

    assert active(before, late, "America/Mexico_City", MembersRules()) == Engagement(late, YESTERDAY, 7)
    assert active(before, late, "Europe/Madrid", MembersRules()) == Engagement(late, TODAY, 8)


def test_refusals_travel_through_json() -> None:
    for refusal in (RoleTooHigh("owner", "admin"), LastOwner(), WhichTimeZone(["Europe/Madrid"])):
        assert Refusal.from_json(refusal.to_json()) == refusal
