"""Answers, times and steps, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dianabot.narrative.fragments import Here, NothingToAnswer, StoryRules
from dianabot.narrative.fragments.rules import beginning, changes_of, judge, plain, time_spent, touched
from dianabot.vocabulary.reward import Reward
from dianabot.vocabulary.world import Challenge
from tests.dianabot.narrative.fragments.tale import RIDDLE

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)


def standing(challenge: Challenge | None, ways: tuple[Any, ...] = (), tries: int = 0) -> Here:
    return Here(
        1, AT, tries, {}, (), 1, "study", "", "", None, 1, None, False, False, False, True, Reward(), challenge,
        False, 1, ways,
    )  # fmt: skip


def ending_in(*results: Any) -> tuple[Any, ...]:
    """A way for each result."""
    from_here = [Way(result) for result in results]
    return tuple(from_here)


class Way:
    """As much of a choice as a challenge looks at."""

    def __init__(self, taken_by: str) -> None:
        self.taken_by = taken_by


@pytest.mark.parametrize(
    ("said", "meant", "same"),
    [
        ("  La LUNA! ", "la luna", True),
        ("corazón", "CORAZON", True),
        ("¿La-luna?", "la luna", True),
        ("ﬁn", "fin", True),
        ("la lun", "la luna", False),
        ("🌙", "🌙", True),
        ("🌙", "🌞", False),
        ("", "la luna", False),
        ("Straße", "STRASSE", True),
    ],
)
def test_answers_are_compared_as_people_mean_them(said: str, meant: str, same: bool) -> None:  # noqa: FBT001 - a table
    assert (plain(said) == plain(meant)) is same


@pytest.mark.parametrize(
    ("given", "tries", "seconds", "result", "moves", "left"),
    [
        ("la luna", 0, 0, "right", True, 2),
        ("The Moon!", 1, 59, "right", True, 1),
        ("el sol", 0, 0, "wrong", False, 1),
        ("el sol", 1, 0, "wrong", True, 0),
        ("la luna", 0, 60, "late", True, 2),
    ],
)
def test_a_riddle_is_judged_by_words_tries_and_time(
    given: str,
    tries: int,
    seconds: int,
    result: str,
    moves: bool,  # noqa: FBT001 - a table
    left: int,
) -> None:
    answer = judge(standing(RIDDLE, ending_in("right", "wrong", "late"), tries), given, AT + timedelta(seconds=seconds))
    assert (answer.result, answer.way is not None, answer.tries_left) == (result, moves, left)


def test_who_is_late_has_failed_where_the_author_says_nothing_else() -> None:
    right, wrong = ending_in("right", "wrong")
    assert judge(standing(RIDDLE, (right, wrong)), "x", AT + timedelta(seconds=60)).way is wrong


def test_nobody_is_late_or_stuck_where_no_way_of_failing_was_made() -> None:
    alone = standing(RIDDLE, ending_in("right"), tries=9)
    assert alone.late_from is None
    answer = judge(alone, "el sol", AT + timedelta(days=1))
    assert (answer.result, answer.way, answer.tries_left) == ("wrong", None, 0)
    assert judge(alone, "luna la", AT).result == "wrong"


@pytest.mark.parametrize(("option", "result"), [(0, "right"), (1, "wrong"), ("0", "wrong")])
def test_the_first_option_of_a_quiz_is_right(option: Any, result: str) -> None:
    quiz = Challenge(kind="quiz", options=[{"es": "sí"}, {"es": "no"}])
    assert judge(standing(quiz), option, AT).result == result


@pytest.mark.parametrize("challenge", [None, Challenge(kind="timed", seconds=10)])
def test_what_asks_nothing_takes_no_answer(challenge: Challenge | None) -> None:
    with pytest.raises(NothingToAnswer):
        judge(standing(challenge), "x", AT)


@pytest.mark.parametrize(("minutes", "counted"), [(0, 0), (2, 120), (30, 1800), (600, 1800), (-5, 0)])
def test_a_visit_counts_within_reason(minutes: int, counted: int) -> None:
    assert time_spent(AT, AT + timedelta(minutes=minutes), StoryRules()) == counted


def test_what_she_has_not_touched_keeps_following_its_initial_value() -> None:
    changes = changes_of({"trust": "+2", "name": "Ana"})
    assert touched({"old": 1}, {"trust": 3, "met": False, "old": 1}, changes) == {"old": 1, "trust": 5, "name": "Ana"}
    assert changes_of({}) == ()


def test_a_preview_is_the_first_paragraph_and_ends_with_a_word() -> None:
    assert beginning("Uno dos.\n\nTres.") == "Uno dos."
    long = beginning("palabra, " * 100)
    assert len(long) <= 200
    assert long.endswith("palabra…")
    assert beginning(long) == long
    assert beginning("a" * 300) == "a" * 199 + "…"


def test_a_place_knows_its_buttons() -> None:
    tap, right = ending_in("tap", "right")
    assert standing(RIDDLE, (tap, right)).taps == (tap,)
    assert replace(standing(RIDDLE), tries=5).tries_left == 0
