"""How a challenge ends takes one decision: the first of those that wait for it, and locked or not."""

import pytest

from dianabot.content.checker import check
from dianabot.content.play import play
from dianabot.vocabulary.world import World
from tests.dianabot.content.stories import Json, place, way, world

RIDDLE = {"kind": "riddle", "answers": {"es": ["luna"]}}
HALL = "fragments.hall"


def gate(*ways: Json, challenge: Json, **more: Json | list[Json]) -> World:
    return world(place("hall", *ways, entry=True, challenge=challenge), place("end", ending=True),
                 place("attic", way("down", "end")), **more)  # fmt: skip


def found(one: World) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in check(one)]


@pytest.mark.parametrize("outcome", ["right", "wrong", "late"])
def test_of_two_decisions_for_one_outcome_only_the_first_is_taken(outcome: str) -> None:
    ends = [way(each, "end", taken_by=each) for each in ("right", "wrong", "late")]
    one = gate(*ends, way("second", "attic", taken_by=outcome), challenge={**RIDDLE, "seconds": 9})
    report = play(one, runs=50, seed=1)

    assert found(one) == [
        ("same_outcome", f"{HALL}.decisions.second.taken_by"),
        ("unreachable", "fragments.attic"),
    ]
    assert check(one)[0].values == {"first": outcome, "second": "second", "outcome": outcome}
    assert (report.untaken, report.unseen) == (["attic.down", "hall.second"], ["attic"])


RING = {"required_hints": ["ring"]}
RINGS = {"hints": [{"key": "ring", "title": {"es": "Anillo"}, "text": {"es": "Oro."}}]}
SLOW = f"{HALL}.decisions.slow"


def trap(challenge: Json, late: Json, *ways: Json) -> World:
    """Whoever takes the ring may be late."""
    return world(
        place("in", way("take", "hall", reward={"hints": ["ring"]}), way("skip", "hall"), entry=True),
        place("hall", *ways, way("slow", "end", taken_by="late", **late), challenge=challenge),
        place("end", ending=True), **RINGS,
    )  # fmt: skip


@pytest.mark.parametrize(("challenge", "ways"), [
    ({"kind": "timed", "seconds": 9}, [way("run", "end")]),
    ({**RIDDLE, "seconds": 9}, [way("yes", "end", taken_by="right"), way("no", "end", taken_by="wrong")]),
])  # fmt: skip
def test_whoever_comes_late_before_a_locked_way_is_stuck(challenge: Json, ways: list[Json]) -> None:
    [stuck] = check(trap(challenge, {"requirement": RING}, *ways))

    assert (stuck.code, stuck.severity, stuck.path) == ("stuck", "warning", f"{SLOW}.requirement")
    assert stuck.values == {"fragment": "hall", "how": "in.skip"}


def test_a_way_of_the_late_that_everybody_may_go_is_no_trap() -> None:
    timed = {"kind": "timed", "seconds": 9}
    opened = {"requirement": {"any": [RING, {"required_decisions": ["in.skip"]}]}}

    assert check(trap(timed, {}, way("run", "end", requirement=RING), way("hide", "end"))) == []
    assert check(trap(timed, opened, way("run", "end"))) == []


def test_nobody_is_trapped_where_the_story_ends() -> None:
    one = trap({"kind": "timed", "seconds": 9}, {"requirement": RING}, way("run", "end"))
    ends = [each.model_copy(update={"ending": each.key != "in"}) for each in one.fragments]

    assert check(one.model_copy(update={"fragments": ends})) == []


def test_the_late_are_stuck_too_where_only_a_second_reading_opens_their_way() -> None:
    one = trap({"kind": "timed", "seconds": 9}, {"requirement": {"required_fragments": ["end"]}}, way("run", "end"))

    assert {("stuck", f"{SLOW}.requirement"), ("only_again", f"{SLOW}.requirement")} == set(found(one))


def test_whoever_finds_no_other_way_than_one_of_a_second_reading_is_stuck() -> None:
    one = world(
        place("in", way("go", "hall"), way("leave", "end"), entry=True),
        place("hall", way("open", "end", requirement={"required_fragments": ["end"]})), place("end", ending=True),
    )  # fmt: skip

    assert set(found(one)) == {("stuck", HALL), ("only_again", f"{HALL}.decisions.open.requirement")}


def test_of_a_way_for_the_late_that_nothing_opens_it_is_said_once() -> None:
    one = world(
        place("hall", way("run", "end"), way("slow", "end", taken_by="late", requirement=RING), entry=True,
              challenge={"kind": "timed", "seconds": 9}), place("end", ending=True), **RINGS,
    )  # fmt: skip

    assert found(one) == [("nothing_gives", f"{SLOW}.requirement")]
