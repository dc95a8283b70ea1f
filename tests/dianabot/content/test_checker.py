"""Whatever is wrong with a world is found where it is, and nothing is found where nothing is wrong."""

from typing import Any

import pytest

from dianabot.content.checker import check
from dianabot.content.play import play
from dianabot.content.sources import Sources
from dianabot.gamification.levels import LevelsRules
from dianabot.vocabulary.world import World
from tests.dianabot.content.stories import hint, item, mansion, place, short, trial, twice, way, world

HALL = "fragments.hall"
DESK = f"{HALL}.decisions.desk"
OPEN = place("open", way("back", "hall"))


def found(one: World) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in check(one)]


@pytest.mark.parametrize("healthy", [mansion, trial, twice, short])
def test_a_healthy_story_gives_no_alarm(healthy: Any) -> None:
    assert check(healthy()) == []


COINS = {"variables": [{"name": "coins", "initial": 0}]}
SPENT: list[tuple[str, World]] = [
    ("once", world(
        place("hall", way("get", "shop", variables={"coins": "+100"}), entry=True),
        place("shop", way("spend", "gate", variables={"coins": "-60"})),
        place("gate", way("pay", "end", requirement={"variables": {"coins": {">=": 40}}})), place("end", ending=True),
        **COINS)),
    ("all or most of it", world(
        place("hall", way("get", "shop", variables={"coins": 100}), entry=True),
        place("shop", way("most", "gate", variables={"coins": "-60"}), way("all", "gate", variables={"coins": "-100"})),
        place("gate", way("pay", "end", requirement={"variables": {"coins": {">": 0}}}), way("beg", "end")),
        place("end", ending=True), **COINS)),
    ("a debt that is paid", world(
        place("hall", way("owe", "shop", variables={"coins": "-100"}), entry=True),
        place("shop", way("earn", "gate", reward={"variables": {"coins": "+90"}})),
        place("gate", way("go", "end", requirement={"variables": {"coins": {"<": -5}}})), place("end", ending=True),
        **COINS)),
]  # fmt: skip


@pytest.mark.parametrize("healthy", [one for _, one in SPENT], ids=[what for what, _ in SPENT])
def test_what_was_earned_is_counted_until_it_is_spent(healthy: World) -> None:
    assert check(healthy) == []


def test_what_is_earned_and_spent_round_and_round_gives_no_alarm() -> None:
    one = world(
        place("hall", way("work", "hall", variables={"coins": "+5"}), way("pay", "end", requirement={
            "variables": {"coins": 41}}), way("shop", "hall", variables={"coins": "-62"}), entry=True),
        place("end", ending=True), **COINS,
    )  # fmt: skip

    assert found_with(one, 500) == {("explored_partly", "fragments")}


def found_with(one: World, bound: int) -> set[tuple[str, str]]:
    return {(finding.code, finding.path) for finding in check(one, bound=bound)}


def locked(requirement: dict[str, Any], **more: Any) -> World:
    return short(way("desk", "end", requirement=requirement), **more)


TRUST = {"variables": [{"name": "trust", "initial": 1}]}
GET = way("get", "hall", reward={"items": {"coin": 2}})
SOME = {"all": [{"any": [{"min_streak": 2}, {"required_items": ["coin"]}]}] * 5}
MANY = {"all": [{"any": [{"min_streak": 2}, {"required_items": ["coin"]}]}] * 9}
LOCKS: list[tuple[str, str, World]] = [
    ("nothing_gives", f"{DESK}.requirement", locked({"required_hints": ["ring"]}, hints=[hint("ring")])),
    ("nothing_gives", f"{DESK}.requirement", locked({"required_items": ["key"]}, items=[item("key")])),
    ("given_too_late", f"{DESK}.requirement", world(
        place("hall", way("go", "end"), way("desk", "open", requirement={"required_hints": ["ring"]}), entry=True),
        {**OPEN, "reward": {"hints": ["ring"]}}, place("end", ending=True), hints=[hint("ring")])),
    ("given_too_late", f"{DESK}.requirement", world(
        place("hall", way("go", "end"), way("desk", "open", requirement={"required_fragments": ["open"]}), entry=True),
        OPEN, place("end", ending=True))),
    ("too_few", f"{DESK}.requirement", short(
        way("desk", "end", requirement={"required_items": {"coin": 3}}), GET,
        items=[item("coin")])),
    ("too_few", f"{DESK}.requirement", short(
        way("desk", "end", requirement={"required_items": {"coin": 2}}), GET,
        items=[item("coin", unique=True)])),
    ("value_never", f"{DESK}.requirement", locked({"variables": {"trust": 3}}, **TRUST)),
    ("value_never", f"{DESK}.requirement", short(
        way("desk", "end", requirement={"variables": {"trust": {"<": 1}}}),
        way("up", "hall", variables={"trust": "+1"}), **TRUST)),
    ("contradiction", f"{DESK}.requirement", short(
        way("desk", "end", requirement={"variables": {"trust": {">": 3, "<": 4}}}),
        way("up", "hall", variables={"trust": "+1"}), **TRUST)),
    ("contradiction", f"{DESK}.requirement", locked({"min_level": 2, "not": {"min_level": 2}})),
    ("contradiction", f"{DESK}.requirement", locked({"vip_required": True, "not": {"vip_required": True}})),
    ("contradiction", f"{DESK}.requirement", locked({"languages": ["en"]})),
    ("contradiction", f"{DESK}.requirement", locked({
        "from": "2026-02-01T00:00:00+00:00", "all": [{"until": "2026-01-01T00:00:00+00:00"}]})),
    ("level_out_of_reach", f"{DESK}.requirement", locked({"min_level": 4})),
    ("level_out_of_reach", f"{DESK}.requirement", locked({"min_level": 90}, economy={"daily_xp": 50})),
    ("always_had", f"{HALL}.decisions.desk.requirement", world(
        place("in", way("go", "hall"), entry=True),
        place("hall", way("go", "end"), way("desk", "end", requirement={"not": {"required_fragments": ["in"]}})),
        place("end", ending=True))),
    ("only_again", f"{DESK}.requirement", locked({"required_fragments": ["end"]})),
    ("nothing_gives", "fragments.open.requirement", world(
        place("hall", way("go", "end"), way("desk", "open"), entry=True),
        {**OPEN, "requirement": {"required_hints": ["ring"]}}, place("end", ending=True), hints=[hint("ring")])),
    ("never_together", f"{HALL}.decisions.desk.requirement", world(
        place("in", way("left", "hall", variables={"a": 1, "b": 2}), way("right", "hall", variables={"a": 2, "b": 1}),
              entry=True),
        place("hall", way("go", "end"), way("desk", "end", requirement={"variables": {"a": 1, "b": 1}})),
        place("end", ending=True), variables=[{"name": "a", "initial": 0}, {"name": "b", "initial": 0}])),
    ("only_again", f"{HALL}.decisions.desk.requirement", world(
        place("in", way("left", "hall"), way("right", "hall"), entry=True),
        place("hall", way("go", "end"),
              way("desk", "end", requirement={"required_decisions": ["in.left", "in.right"]})),
        place("end", ending=True))),
    ("stuck", HALL, world(
        place("in", way("left", "hall", reward={"hints": ["ring"]}), way("right", "hall"), entry=True),
        place("hall", way("desk", "end", requirement={"required_hints": ["ring"]})), place("end", ending=True),
        hints=[hint("ring")])),
    ("never_affordable", f"{DESK}.cost", short(way("desk", "end", cost=50))),
    ("days_to_afford", f"{DESK}.cost", short(way("desk", "end", cost=50), economy={"daily_besitos": 20})),
    ("days_to_afford", f"{DESK}.requirement", locked({"min_besitos": 9}, economy={"daily_besitos": 20})),
    ("only_by_use", f"{DESK}.requirement", world(
        place("hall", way("go", "end"), GET, way("desk", "open", requirement={"required_hints": ["ring"]}), entry=True),
        place("open", way("back", "hall"), way("on", "end", requirement={"required_fragments": ["open"]})),
        place("end", ending=True), items=[item("coin", unlocks={"hints": ["ring"]})], hints=[hint("ring")])),
    ("only_by_use", f"{DESK}.to", world(
        place("hall", way("go", "end"), GET, way("desk", "open"), entry=True),
        {**OPEN, "requirement": {"required_fragments": ["open"]}}, place("end", ending=True),
        items=[item("coin", unlocks={"unlock_fragments": ["open"]})])),
    ("too_many_terms", f"{DESK}.requirement", short(
        way("desk", "end", requirement=MANY), GET, items=[item("coin")])),
    ("too_many_terms", f"{DESK}.requirement", short(
        way("desk", "end", requirement={"not": {"not": MANY}}), GET, items=[item("coin")])),
    ("too_many_terms", f"{DESK}.requirement", world(
        place("hall", way("go", "end"), GET, way("desk", "open", requirement=SOME), entry=True),
        {**OPEN, "requirement": SOME}, place("end", ending=True), items=[item("coin")])),
    ("too_many_terms", "fragments.open.requirement", world(
        place("hall", way("go", "end"), GET, way("desk", "open"), way("lock", "open"), entry=True),
        {**OPEN, "requirement": MANY}, place("end", ending=True), items=[item("coin")])),
    ("club_without_offer", f"{DESK}.requirement", locked({"any": [
        {"vip_required": True}, {"vip_required": True, "min_streak": 2}]})),
    ("club_without_offer", f"{HALL}.decisions.go.requirement", world(
        place("hall", way("go", "end", requirement={"vip_required": True}), entry=True), place("end", ending=True))),
    ("club_without_offer", "fragments.end.requirement", world(
        place("hall", way("go", "end"), entry=True), place("end", ending=True, requirement={"vip_required": True}))),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path", "one"), LOCKS)
def test_a_lock_that_nobody_opens_is_found_and_nothing_else(code: str, path: str, one: World) -> None:
    assert found(one) == [(code, path)]


def test_what_using_something_opens_is_no_alarm_where_something_else_opens_it_too() -> None:
    ring = {"hints": ["ring"]}
    one = short(way("desk", "end", requirement={"required_hints": ["ring"]}), {**GET, "reward": {"items": ["coin"]}},
                way("find", "end", reward=ring), items=[item("coin", unlocks=ring)], hints=[hint("ring")])  # fmt: skip

    assert {finding.severity for finding in check(one)} <= {"note"}


PLAN = {"key": "month", "name": {"es": "Un mes"}, "days": 30}


@pytest.mark.parametrize("one", [
    locked({"vip_required": False}),
    locked({"any": [{"vip_required": True}, {"min_streak": 2}]}),
    locked({"vip_required": True}, plans=[PLAN]),
    short(way("desk", "end", requirement={"vip_required": True}), way("get", "hall", reward={"vip_days": 2})),
])  # fmt: skip
def test_a_lock_of_the_club_is_no_alarm_where_there_is_a_way_around_or_in(one: World) -> None:
    assert check(one) == []


SHAPES: list[tuple[str, str, World]] = [
    ("no_entry", "fragments", world(place("hall", way("go", "end")), place("end", ending=True))),
    ("several_entries", "fragments.end.entry", world(
        place("hall", way("go", "end"), entry=True), place("end", ending=True, entry=True))),
    ("no_ending", "fragments", world(place("hall", way("go", "hall"), entry=True))),
    ("unreachable", "fragments.attic", world(
        place("hall", way("go", "end"), entry=True), place("attic", way("down", "end")), place("end", ending=True))),
    ("dead_end", "fragments.wall", world(
        place("hall", way("go", "end"), way("desk", "wall"), entry=True), place("wall"), place("end", ending=True))),
    ("loop_without_exit", "fragments.a", world(
        place("hall", way("go", "end"), way("desk", "a"), entry=True), place("a", way("b", "b")),
        place("b", way("a", "a")), place("end", ending=True))),
    ("unknown_reference", f"{DESK}.to", short(way("desk", "nowhere"))),
    ("names_draft", f"{DESK}.to", world(
        place("hall", way("go", "end"), way("desk", "attic"), entry=True),
        place("attic", way("down", "end"), draft=True), place("end", ending=True))),
    ("unknown_reference", f"{DESK}.requirement", short(way("desk", "end", requirement={"required_hints": ["ring"]}))),
    ("unknown_reference", f"{DESK}.requirement", short(way("desk", "end", requirement={"variables": {"trust": 1}}))),
    ("unknown_reference", f"{HALL}.if_gone", world(
        place("hall", way("go", "end"), entry=True, if_gone="nowhere"), place("end", ending=True))),
    ("unknown_reference", f"{DESK}.variables.trust", short(way("desk", "end", variables={"trust": "+1"}))),
    ("unknown_reference", f"{DESK}.reward.items", short(way("desk", "end", reward={"items": ["key"]}))),
    ("unknown_reference", f"{DESK}.reward.unlock_fragments", short(
        way("desk", "end", reward={"unlock_fragments": ["x"]}))),
    ("unknown_reference", f"{HALL}.level", world(
        place("hall", way("go", "end"), entry=True), place("end", ending=True, level=2),
        levels=[{"number": 2, "name": {"es": "Dos"}}])),
    ("duplicate_key", f"{HALL}.decisions.go", short(way("go", "end"))),
    ("duplicate_key", "hints.ring", short(
        way("desk", "end", reward={"hints": ["ring"]}), hints=[hint("ring"), hint("ring")])),
    ("wrong_document", f"{DESK}.requirement.min_level", short(way("desk", "end", requirement={"min_level": "two"}))),
    ("wrong_document", f"{DESK}.reward.kisses", short(way("desk", "end", reward={"kisses": 2}))),
    ("wrong_document", f"{DESK}.variables.UP", short(way("desk", "end", variables={"UP": 2}))),
    ("wrong_document", "items.key.unlocks.kisses", short(
        way("desk", "end", reward={"items": ["key"]}), items=[item("key", unlocks={"kisses": 1})])),
    ("unused", "hints.ring", short(hints=[hint("ring")])),
    ("unused", "items.key", short(items=[item("key")])),
    ("unused", "variables.trust", short(way("desk", "end", variables={"trust": 2}), **TRUST)),
    ("unused", "levels.2", short(levels=[{"number": 1, "name": {"es": "Uno"}}, {"number": 2, "name": {"es": "Dos"}}])),
    ("nothing_gives", "combinations.moon.hints[1]", short(
        way("desk", "end", reward={"hints": ["ring"]}), hints=[hint("ring"), hint("sea")],
        combinations=[{"key": "moon", "hints": ["ring", "sea"], "text": {"es": "¡!"}, "reward": {"besitos": 1}}])),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path", "one"), SHAPES)
def test_what_is_wrong_with_the_shape_is_found_and_nothing_else(code: str, path: str, one: World) -> None:
    assert found(one) == [(code, path)]


def test_what_is_locked_behind_an_unlock_is_no_alarm() -> None:
    one = world(
        place("hall", way("go", "end"), way("desk", "open"), way("get", "hall", reward={"unlock_fragments": ["open"]}),
              entry=True),
        {**OPEN, "requirement": {"min_level": 90}}, place("end", ending=True),
    )  # fmt: skip

    assert check(one) == []


def test_who_must_not_be_in_the_club_cannot_enter_what_is_for_the_club() -> None:
    one = world(
        place("hall", way("go", "end"), way("desk", "end", requirement={"vip_required": False}), entry=True),
        place("end", ending=True, vip=True, text={"es": "Uno.\n\nDos."}),
        plans=[{"key": "month", "name": {"es": "Un mes"}, "days": 30}],
    )

    assert found(one) == [("contradiction", f"{DESK}.requirement")]


def test_whoever_is_stuck_is_shown_how_she_came_there() -> None:
    [stuck] = check(next(one for code, _, one in LOCKS if code == "stuck"))

    assert stuck.values == {"fragment": "hall", "how": "in.right"}


def test_a_walk_that_is_cut_short_says_so() -> None:
    [cut] = check(mansion(), bound=5)

    assert (cut.code, cut.severity, cut.values) == ("explored_partly", "note", {"states": 5})


def test_a_finding_has_file_and_line() -> None:
    sources = Sources({"": ("pack.yaml", 1), DESK: ("hall.yaml", 7), f"{DESK}.to": ("hall.yaml", 9)})
    [lost] = check(short(way("desk", "nowhere")), sources)

    assert (lost.file, lost.line) == ("hall.yaml", 9)


def test_a_world_without_a_story_is_no_fault() -> None:
    assert check(world()) == []


def growth(*facts: str) -> LevelsRules:
    return LevelsRules(thresholds=(10,), xp=dict.fromkeys(facts, 10), besitos_per_level=0)


EARNING: list[tuple[str, World]] = [
    ("user.registered", locked({"min_level": 2})),
    ("admin.subscription_started", short(
        way("desk", "end", requirement={"min_level": 2}), way("get", "hall", reward={"vip_days": 7}))),
    ("narrative.level_completed", world(
        place("in", way("go", "hall"), entry=True),
        place("hall", way("go", "end"), way("desk", "end", requirement={"min_level": 2}), level=2),
        place("end", ending=True))),
    ("gamification.item_acquired", short(
        way("desk", "end", requirement={"min_level": 2, "required_items": ["coin"]}), GET, items=[item("coin")])),
    ("narrative.content_unlocked", short(
        way("desk", "end", requirement={"min_level": 2}), way("get", "hall", reward={"unlock_fragments": ["hall"]}))),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "one"), EARNING, ids=[fact for fact, _ in EARNING])
def test_a_level_that_a_fact_brings_can_be_reached_where_it_brings_one(fact: str, one: World) -> None:
    out_of_reach = [("level_out_of_reach", f"{DESK}.requirement")]

    assert [each for each in found_by(one, growth()) if each in out_of_reach] == out_of_reach
    assert [each for each in found_by(one, growth(fact)) if each in out_of_reach] == []
    assert "hall.desk" in play(one, runs=40, seed=1, growth=growth(fact)).decisions


@pytest.mark.parametrize("fact", ["narrative.decision_taken", "narrative.fragment_visited"])
def test_what_can_be_repeated_at_will_brings_no_level(fact: str) -> None:
    assert ("level_out_of_reach", f"{DESK}.requirement") in found_by(locked({"min_level": 2}), growth(fact))


def found_by(one: World, rules: LevelsRules) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in check(one, growth=rules)]
