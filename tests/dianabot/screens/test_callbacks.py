"""What buttons carry, and what comes back instead."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianabot.screens import callbacks
from dianabot.screens.callbacks import Callback, Erase, PickLanguage, PickTimeZone, ShowMenu, read


def samples() -> list[Callback]:
    """One of every kind, as long as it may get."""
    longest = "America/Argentina/ComodRivadavia"
    words = {
        "nonce": "A" * 12,
        "name": longest,
        "language": "es",
        "fragment": "f" * 40,
        "door": "f" * 40,
        "hints": "121.122.123.124.125",
    }
    found = []
    for kind in Callback.known.values():
        values = [10**18 - 1 if field.type is int else words[field.name] for field in fields(kind)]  # type: ignore[arg-type]  # every kind is a dataclass
        found.append(kind(*values))
    return found


@pytest.mark.parametrize("button", samples(), ids=lambda button: type(button).__name__)
def test_every_button_is_read_back_and_fits(button: Callback) -> None:
    packed = button.pack()

    assert len(packed.encode()) <= 64
    assert read(packed) == button
    assert type(button).unpack(packed) == button


@pytest.mark.parametrize(
    "forged",
    [
        None,
        17,
        "",
        ":",
        "nobody:knows",
        "lang",
        "lang:es:en",
        "menu:1",
        "erase:" + "x" * 70,
        "lang:\x00",
        "lang:\ud800",
        "lang:\u202e",
        b"menu",
    ],
)
def test_what_no_button_of_ours_carries_is_nothing(forged: object) -> None:
    assert read(forged) is None


def test_a_button_of_another_kind_is_nothing() -> None:
    assert PickLanguage.unpack(ShowMenu().pack()) is None


@given(st.text())
def test_whatever_comes_back_is_read_without_an_error(written: str) -> None:
    found = read(written)
    assert found is None or found.pack() == written


@pytest.mark.parametrize("button", [PickTimeZone("a" * 64), Erase("á" * 30), PickLanguage("e:s")])
def test_a_button_that_cannot_travel_is_a_defect(button: Callback) -> None:
    with pytest.raises(AssertionError):
        button.pack()


@pytest.mark.parametrize(
    ("door", "way"),
    [
        (callbacks.door_by(callbacks.ShowLock(10**18 - 1, 10**18 - 2)), callbacks.Choose(10**18 - 1, 10**18 - 2)),
        ("salon", None),
        ("17", None),
        ("", None),
        (".", None),
        ("17.", None),
        (".4", None),
        ("1.2.3", None),
        ("².-4", None),
    ],
)
def test_a_door_is_named_by_the_way_to_it_or_by_its_fragment(door: str, way: callbacks.Choose | None) -> None:
    button = callbacks.EnterVip(door)
    assert callbacks.read(button.pack()) == button
    assert callbacks.way_through(door) == way


class _Numbered(Callback, prefix="test-number"):
    page: int


@pytest.mark.parametrize(
    ("packed", "page"),
    [("test-number:12", 12), ("test-number:-3", None), ("test-number:٣", None), ("test-number:", None)],
)
def test_numbers_are_plain_digits(packed: str, page: int | None) -> None:
    found = callbacks.read(packed)
    assert found == (None if page is None else _Numbered(page))


def test_a_number_that_no_row_can_have_is_nothing() -> None:
    assert callbacks.read("test-number:" + "9" * 40) is None
