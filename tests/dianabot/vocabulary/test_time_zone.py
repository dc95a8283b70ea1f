"""A person writes a place or an offset; the zone that she means comes out, or those among which she must choose."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianabot.vocabulary.places import CITIES, COUNTRIES, FOREMOST
from dianabot.vocabulary.time_zone import CHOICES, Matched, exists, match

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("America/Mexico_City", "America/Mexico_City"),
        ("  america/mexico city ", "America/Mexico_City"),
        ("Europe/Madrid", "Europe/Madrid"),
        ("US/Eastern", "US/Eastern"),
        ("EST", "EST"),
        ("Madrid", "Europe/Madrid"),
        ("MADRID!", "Europe/Madrid"),
        ("Bogotá", "America/Bogota"),
        ("bogota", "America/Bogota"),
        ("São Paulo", "America/Sao_Paulo"),
        ("buenos aires", "America/Argentina/Buenos_Aires"),
        ("ciudad de méxico", "America/Mexico_City"),
        ("CDMX", "America/Mexico_City"),
        ("argentina", "America/Argentina/Buenos_Aires"),
        ("Perú", "America/Lima"),
        ("Cuba", "America/Havana"),
        ("japan", "Asia/Tokyo"),
        ("Singapore", "Asia/Singapore"),
        ("Calcutta", "Asia/Calcutta"),
        ("UTC", "Etc/UTC"),
        ("gmt", "Etc/UTC"),
        ("UTC+0", "Etc/UTC"),
        ("GMT-6", "Etc/GMT+6"),
        ("GMT −6", "Etc/GMT+6"),
        ("utc+02:00", "Etc/GMT-2"),
        ("-5", "Etc/GMT+5"),
        ("+14", "Etc/GMT-14"),
        ("Etc/GMT-6", "Etc/GMT-6"),
    ],
)
def test_what_is_meant_is_found(written: str, zone: str) -> None:
    assert match(written, NOW) == Matched(sure=zone)


@pytest.mark.parametrize(
    ("written", "zones"),
    [
        ("España", ("Europe/Madrid", "Atlantic/Canary")),
        ("Spain", ("Europe/Madrid", "Atlantic/Canary")),
        ("Madird", ("Europe/Madrid",)),
        ("colombi", ("America/Bogota",)),
        ("buenos", ("America/Argentina/Buenos_Aires",)),
        ("+05:30", ("Asia/Kolkata",)),
        ("GMT-2:30", ("America/St_Johns",)),
    ],
)
def test_what_may_be_meant_is_offered(written: str, zones: tuple[str, ...]) -> None:
    matched = match(written, NOW)

    assert matched.sure is None
    assert matched.maybe[: len(zones)] == zones


def test_a_large_country_offers_one_zone_for_each_time_it_keeps_the_most_populous_first() -> None:
    mexico, brazil = match("mexico", NOW).maybe, match("Brasil", NOW).maybe

    assert mexico[0] == "America/Mexico_City"
    assert {"America/Cancun", "America/Tijuana"} <= set(mexico)
    assert "America/Monterrey" not in mexico, "it keeps the time of Mexico City"
    assert brazil[0] == "America/Sao_Paulo"


@pytest.mark.parametrize(
    "written", ["", "   ", "x", "6", "-", "zzzzzz", "-15", "+99", "GMT+25", "-7:45", "🇪🇸", "\x00", "a" * 65]
)
def test_what_is_no_place_is_nothing(written: str) -> None:
    assert match(written, NOW) == Matched()


@given(st.text(max_size=80))
def test_whatever_is_written_only_zones_come_out(written: str) -> None:
    matched = match(written, NOW)

    assert len(matched.maybe) <= CHOICES
    for zone in (*matched.maybe, *filter(None, [matched.sure])):
        assert exists(zone)
        assert ZoneInfo(zone).utcoffset(NOW) is not None


def test_every_place_we_named_ourselves_leads_to_a_zone() -> None:
    assert all(exists(zone) for zone in (*CITIES.values(), *FOREMOST))
    assert [place for place in (*CITIES, *COUNTRIES) if match(place, NOW) == Matched()] == []
    assert not exists("europe/madrid")
    assert not exists("Europe/Narnia")
