"""The checker against made-up readers: what they do is never called impossible, who is stuck was foretold."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dianabot.content.checker import check
from dianabot.content.play import play
from dianabot.vocabulary.world import World
from tests.dianabot.content.stories import hint, item, place, way, world
from tests.dianabot.content.worlds import WORLDS

BOUND = 2_000
PLACES = ["a", "b", "c", "d"]
SHUT = {
    "nothing_gives", "given_too_late", "too_few", "value_never", "contradiction", "level_out_of_reach", "always_had",
    "never_together", "only_again", "never_affordable",
}  # fmt: skip

Json = dict[str, Any]
ways_named = st.sampled_from([f"{key}.{number}" for key in PLACES for number in range(2)])
leaves: st.SearchStrategy[Json] = st.one_of(
    st.sampled_from(["h", "i"]).map(lambda key: {"required_hints": [key]}),
    st.integers(1, 3).map(lambda number: {"required_items": {"coin": number}}),
    st.sampled_from(PLACES).map(lambda key: {"required_fragments": [key]}),
    ways_named.map(lambda key: {"required_decisions": [key]}),
    st.tuples(st.sampled_from(["=", "!=", "<", ">="]), st.sampled_from([-1, 0, 1, 2, 3, 20, 40])).map(
        lambda asked: {"variables": {"n": {asked[0]: asked[1]}}}),
)  # fmt: skip
requirements: st.SearchStrategy[Json] = st.just({}) | st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(lambda one: {"not": one}),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"any": parts}),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"all": parts}),
    ),
    max_leaves=3,
)
steps = st.sampled_from(["+1", "-1", "+20", "+100", "-30", "-60", "-100", 0, 2, 100])
changes: st.SearchStrategy[Json] = st.just({}) | steps.map(lambda step: {"n": step})
rewards = st.sampled_from([{}, {"hints": ["h"]}, {"hints": ["i"]}, {"items": {"coin": 1}}, {"variables": {"n": "+1"}},
                           {"unlock_fragments": ["d"]}])  # fmt: skip


@st.composite
def stories(draw: st.DrawFn) -> World:
    places = []
    for key in PLACES:
        ways = [
            way(str(number), draw(st.sampled_from([*PLACES, "end"])), requirement=draw(requirements),
                variables=draw(changes), reward=draw(rewards))
            for number in range(draw(st.integers(1, 2)))
        ]  # fmt: skip
        asked = draw(requirements) if key == "d" else {}
        places.append(place(key, *ways, entry=key == "a", requirement=asked, reward=draw(rewards)))
    return world(
        *places, place("end", ending=True), hints=[hint("h"), hint("i")], items=[item("coin")],
        variables=[{"name": "n", "initial": 0}],
    )  # fmt: skip


@st.composite
def purses(draw: st.DrawFn) -> World:
    """Something is earned and spent from place to place, and asked for."""
    numbers = st.sampled_from([-100, -60, -20, 20, 40, 100])
    asked = st.tuples(st.sampled_from(["<", ">=", ">"]), numbers).map(lambda one: {"variables": {"n": dict([one])}})
    places = []
    for key, after in pairwise([*PLACES, "end"]):
        to = st.sampled_from([after, after, after, *PLACES])
        ways = [way("0", after, variables={"n": f"{draw(numbers):+d}"})]
        ways.append(way("1", draw(to), variables={"n": f"{draw(numbers):+d}"}, requirement=draw(st.just({}) | asked)))
        places.append(place(key, *ways, entry=key == "a"))
    return world(*places, place("end", ending=True), variables=[{"name": "n", "initial": 0}])


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(stories() | purses())
def test_what_a_reader_does_is_never_called_impossible(one: World) -> None:
    findings = check(one, bound=BOUND)
    shut = {finding.path for finding in findings if finding.code in SHUT}
    lost = {finding.path for finding in findings if finding.code == "unreachable"}
    report = play(one, runs=15, seed=1)

    for key in report.decisions:
        fragment, decision = key.split(".")
        assert not [path for path in shut if path.startswith(f"fragments.{fragment}.decisions.{decision}.")], key
    for key in report.fragments:
        assert not {f"fragments.{key}", f"fragments.{key}.requirement"} & (shut | lost), key


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(stories() | purses())
def test_who_is_stuck_was_foretold(one: World) -> None:
    findings = check(one, bound=BOUND)
    report = play(one, runs=15, seed=1)

    for fragment in one.fragments:
        if fragment.key in report.stuck:
            asked = {f"fragments.{decision.to}.requirement" for decision in fragment.decisions}
            told = [
                each for each in findings if each.path in asked or each.path.startswith(f"fragments.{fragment.key}")
            ]
            assert told or {each.code for each in findings} & {"no_ending"}, fragment.key


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(WORLDS)
def test_any_world_can_be_checked_and_played(one: World) -> None:
    assert check(one) == check(one)
    assert play(one, runs=2, seed=1).runs in {0, 2}


@pytest.mark.slow
def test_a_story_of_500_fragments_is_checked_in_a_moment() -> None:
    places = [
        place(f"f{n}", way("on", f"f{n + 1}", variables={"n": "+1"}),
              way("over", f"f{min(n + 2, 499)}", reward={"hints": [f"h{n % 50}"]}),
              way("back", f"f{max(0, n - 10)}", requirement={"required_hints": [f"h{n % 50}"]}), entry=n == 0)
        for n in range(499)
    ]  # fmt: skip
    one = world(*places, place("f499", ending=True), hints=[hint(f"h{n}") for n in range(50)],
                variables=[{"name": "n", "initial": 0}])  # fmt: skip

    assert {finding.code for finding in check(one)} <= {"explored_partly", "unused", "only_again"}
