"""Ids of events are UUIDv7 of application time, in the order in which they were made."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from dianabot.kernel.ids import lasting_uuid7, uuid7

INSTANTS = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone follows
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@given(INSTANTS)
def test_an_id_says_when_it_was_made(at: datetime) -> None:
    made = uuid7(at)
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == int(at.timestamp() * 1000)


def test_a_lasting_id_is_made_of_what_it_names_and_of_nothing_else() -> None:
    made = lasting_uuid7(NOW, 7, 9)
    assert (made.version, made.variant, made.int >> 80) == (7, RFC_4122, int(NOW.timestamp() * 1000))
    assert lasting_uuid7(NOW, 7, 9) == made
    assert len({made, lasting_uuid7(NOW, 7, 10), lasting_uuid7(NOW, 79), lasting_uuid7(NOW, 9, 7)}) == 4


def test_ids_of_one_millisecond_grow() -> None:
    made = [uuid7(NOW) for _ in range(5000)]
    assert made == sorted(set(made))


def test_a_later_millisecond_is_greater_whatever_chance_says() -> None:
    made = [uuid7(NOW + timedelta(milliseconds=n)) for n in range(1000)]
    assert made == sorted(set(made))


def test_threads_never_get_the_same_id() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: uuid7(NOW), range(4000)))
    assert len(set(made)) == 4000
