"""Hints, page by page: however many she has found, and however long they are."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from dianabot.narrative.hints import Found, Made
from dianabot.screens import hints
from dianabot.screens.callbacks import Callback, CombineHints, MarkHint, TurnHints
from dianabot.screens.screen import MOST_LABEL, MOST_TEXT, Screen, shown_length
from dianabot.screens.words import Words
from dianabot.telegram.sender.voice import keyboard

WORDS = Words("es")


def found(number: int, *, text: str = "Algo brilla.", title: str = "Pista") -> list[Found]:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    return [Found(f"h{place}", f"{title} {place}", text, at, place) for place in range(1, number + 1)]


def carried(screen: Screen) -> list[Callback]:
    return [button.callback for button in screen.buttons if button.callback is not None]


def marks(screen: Screen) -> list[int]:
    """The hints that this page offers, by place."""
    return [one.place for one in carried(screen) if isinstance(one, MarkHint)]


@pytest.mark.parametrize("text", ["Algo brilla.", "Una pista larga. " * 60, "||Oscuro|| y **hondo** <&> " * 150])
def test_three_hundred_hints_are_told_page_by_page_each_in_one_message(text: str) -> None:
    many = found(300, text=text)
    told: list[str] = []
    page: int | None = 0
    while page is not None:
        screen = hints.hints(WORDS, many, (), name="Ana", page=page)
        assert shown_length(screen.text) <= MOST_TEXT
        told = [line for line in screen.text.split("\n") if line.startswith("🔎")] + told
        turns = [one.callback.page for one in screen.buttons if isinstance(one.callback, TurnHints)]
        assert turns == [other for other in (page + 1, page - 1) if other in turns], "there and back"
        page = next((other for other in turns if other > page), None)

    assert told == [f"🔎 <b>{hint.title}</b>" for hint in many]


@pytest.mark.parametrize("text", ["Abre.", "Una larga respuesta. " * 60])
def test_what_she_made_of_hints_stands_among_them_where_she_made_it(text: str) -> None:
    many = found(20)
    made = [Made(f"m{n}", f"{n}: {text}", many[-1].at + timedelta(minutes=n + 1)) for n in range(20)]
    told: list[str] = []
    for page in reversed(range(40)):
        screen = hints.hints(WORDS, many, made, name="Ana", page=page)
        assert shown_length(screen.text) <= MOST_TEXT
        lines = [line.split(":")[0] for line in screen.text.split("\n") if line.startswith(("🔎", "🧩"))]
        told += [line for line in lines if line not in told]

    assert told == [*(f"🔎 <b>{hint.title}</b>" for hint in many), *(f"🧩 {n}" for n in range(20))]


@pytest.mark.parametrize("title", ["Pista", "Una pista de nombre larguísimo 🕯 " * 4])
def test_three_hundred_hints_are_chosen_from_page_by_page(title: str) -> None:
    many = found(300, title=title)
    offered: list[int] = []
    for page in range(-(-300 // hints.A_PAGE)):
        screen = hints.combining(WORDS, many, [1, 150, 298, 299, 300], name="Ana", page=page)
        assert len(json.dumps(keyboard(screen))) < 5000, "Telegram takes about 10,000"
        assert all(len(button.label) <= MOST_LABEL for button in screen.buttons)
        assert shown_length(screen.text) <= MOST_TEXT
        assert CombineHints("1.150.298.299.300") in carried(screen)
        assert hints.chosen_in(carried(screen), range(1, 301)) == [1, 150, 298, 299, 300]
        offered = marks(screen) + offered

    assert offered == list(range(1, 301))


def test_the_newest_hints_stand_on_the_first_page_and_a_page_that_is_not_there_is_the_last() -> None:
    many = found(20)

    assert marks(hints.combining(WORDS, many, [], name="Ana")) == list(range(13, 21))
    assert marks(hints.combining(WORDS, many, [], name="Ana", page=10**17)) == [1, 2, 3, 4]
    assert "Pista 1<" in hints.hints(WORDS, many, (), name="Ana", page=10**17).text


@pytest.mark.parametrize("chosen", [[], [2], [2, 1], [20, 3]])
@pytest.mark.parametrize("number", [2, 8, 20])
def test_a_message_knows_what_is_chosen_on_any_page(number: int, chosen: list[int]) -> None:
    chosen = [place for place in chosen if place <= number]

    for page in (0, 1):
        screen = hints.combining(WORDS, found(number), chosen, name="Ana", page=page)
        assert sorted(hints.chosen_in(carried(screen), range(1, number + 1))) == sorted(chosen)


def test_what_is_chosen_on_another_page_is_named() -> None:
    assert "Ha apartado: Pista 2 · Pista 20" in hints.combining(WORDS, found(20), [2, 20], name="Ana").text
    assert "Ha apartado" not in hints.combining(WORDS, found(8), [2], name="Ana").text


@pytest.mark.parametrize(
    ("chosen", "place", "now", "then"),
    [
        ([], 3, True, [3]),
        ([3], 3, True, [3]),
        ([3, 4], 3, False, [4]),
        ([], 3, False, []),
        ([1, 2, 3, 4, 5], 6, True, [2, 3, 4, 5, 6]),
    ],
)
def test_a_tap_chooses_or_lets_go_and_twice_the_same(
    chosen: list[int],
    place: int,
    now: bool,  # noqa: FBT001 - a table
    then: list[int],
) -> None:
    assert hints.marked(chosen, place, now=now) == then
    assert hints.marked(then, place, now=now) == then
