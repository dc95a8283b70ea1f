"""Which level experience makes."""

from typing import Any

import pytest
from pydantic import ValidationError

from dianabot.gamification.levels import Level, LevelsRules
from dianabot.gamification.levels.rules import standing

THRESHOLDS = (100, 250, 450)


@pytest.mark.parametrize(
    ("xp", "kept", "level", "next_at"),
    [
        (0, 1, 1, 100),
        (99, 1, 1, 100),
        (100, 1, 2, 250),
        (249, 2, 2, 250),
        (450, 1, 4, None),
        (10**12, 4, 4, None),
        (10, 3, 3, 450),
        (10, 9, 9, None),
    ],
)
def test_levels_begin_at_their_thresholds_and_are_kept(xp: int, kept: int, level: int, next_at: int | None) -> None:
    assert standing(xp, kept, THRESHOLDS) == Level(level, xp, next_at)


def test_the_levels_that_come_with_the_house_rise() -> None:
    thresholds = LevelsRules().thresholds
    assert standing(thresholds[-1], 1, thresholds) == Level(20, thresholds[-1], None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"thresholds": ()},
        {"thresholds": (0, 10)},
        {"thresholds": (10, 10)},
        {"thresholds": (10, 30, 20)},
        {"xp": {"narrative.story_completed": -1}},
        {"xp": {"story completed": 1}},
        {"besitos_per_level": -1},
        {"levels": 5},
    ],
)
def test_wrong_rules_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LevelsRules(**wrong)
