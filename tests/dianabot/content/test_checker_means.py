"""What a price asks and what the story brings, in one reading or in several."""

from typing import Any

import pytest

from dianabot.content.checker import check
from dianabot.gamification.levels import LevelsRules
from dianabot.vocabulary.world import World
from tests.dianabot.content.stories import place, short, way, world

NOTHING = LevelsRules(xp={}, besitos_per_level=0)


def test_days_are_counted_from_what_the_story_brings_by_then() -> None:
    one = world(
        place("hall", way("a", "mid", reward={"besitos": 30}), way("b", "mid", reward={"besitos": 12}, cost=5),
              entry=True),
        place("mid", way("buy", "end", cost=100), way("go", "end"), reward={"besitos": 900}), place("end", ending=True),
        economy={"daily_besitos": 20},
    )  # fmt: skip

    assert [(each.severity, each.path, each.values) for each in check(one)] == [
        ("note", "fragments.hall.decisions.b.cost", {"need": 5, "have": 0, "daily": 20, "count": 1}),
        ("note", "fragments.mid.decisions.buy.cost", {"need": 100, "have": 30, "daily": 20, "count": 4}),
    ]


def two_sides(cost: int, *ways: Any) -> World:
    """The left brings 50, and no reading goes through both; the entry brings the fare to the right."""
    return world(
        place("in", way("go", "hall"), entry=True, reward={"besitos": 10}),
        place("hall", way("left", "left"), way("right", "right", cost=10)),
        place("left", way("on", "end", reward={"besitos": 50})),
        place("right", way("buy", "end", cost=cost), *ways, reward={"besitos": 30}), place("end", ending=True),
    )  # fmt: skip


OUT = way("out", "end", reward={"besitos": 10})
SAVED: list[tuple[int, Any, list[tuple[str, str]]]] = [
    (50, [OUT], [("only_again", "note")]),
    (50, [], [("only_again", "warning")]),  # who goes right at first is stuck there
    (80, [OUT], [("only_again", "note")]),
    (91, [OUT], [("never_affordable", "error")]),  # 100 in all, and the fare must be paid once more
    (51, [], [("never_affordable", "error")]),  # what the right brings comes after the price
]


@pytest.mark.parametrize(("cost", "ways", "said"), SAVED)
def test_besitos_of_earlier_readings_are_still_there(cost: int, ways: Any, said: list[tuple[str, str]]) -> None:
    findings = check(two_sides(cost, *ways), growth=NOTHING)

    assert [(one.code, one.severity) for one in findings] == said
    assert {one.path for one in findings} == {"fragments.right.decisions.buy.cost"}


def test_what_no_reading_can_pay_keeps_no_second_reading_possible() -> None:
    one = world(
        place("hall", way("left", "shop", reward={"besitos": 50}), way("right", "shop", reward={"besitos": 50}),
              entry=True),
        place("shop", way("buy", "till", cost=80)), place("till", way("more", "end", cost=9)),
        place("end", ending=True),
    )  # fmt: skip

    assert [(each.code, each.path) for each in check(one, growth=NOTHING)] == [
        ("never_affordable", "fragments.shop.decisions.buy.cost")
    ]


def test_what_was_paid_on_the_way_is_no_longer_there() -> None:
    one = world(
        place("hall", way("a", "mid", reward={"besitos": 30}, cost=5), entry=True),
        place("mid", way("buy", "end", cost=40)), place("end", ending=True), economy={"daily_besitos": 20},
    )  # fmt: skip

    assert [each.values["have"] for each in check(one) if each.path.startswith("fragments.mid")] == [25]


def test_the_only_way_on_that_must_be_saved_for_is_a_warning() -> None:
    one = world(
        place("hall", way("go", "end", cost=5), entry=True), place("end", ending=True), economy={"daily_besitos": 20}
    )

    assert [(each.code, each.severity) for each in check(one)] == [("days_to_afford", "warning")]


def test_whoever_goes_round_has_what_the_place_gives() -> None:
    one = world(
        place("hall", way("round", "hall"), way("buy", "end", cost=20), entry=True, reward={"besitos": 20}),
        place("end", ending=True),
    )  # fmt: skip

    assert check(one, growth=NOTHING) == []


def test_levels_that_days_bring_pay_a_price_too() -> None:
    growth = LevelsRules(thresholds=(10, 20), xp={}, besitos_per_level=25)
    costs = {cost: short(way("desk", "end", cost=cost), economy={"daily_xp": 1}) for cost in (50, 51)}

    assert check(costs[50], growth=growth) == []
    assert [one.code for one in check(costs[51], growth=growth)] == ["never_affordable"]
