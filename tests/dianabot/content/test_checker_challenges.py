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
