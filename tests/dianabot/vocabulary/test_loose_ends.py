"""A world in which something is named that it does not hold."""

from typing import Any

import pytest

from dianabot.vocabulary.document import Problem
from dianabot.vocabulary.loose_ends import loose_ends
from dianabot.vocabulary.world import World
from tests.proof.tale import tale

HALL: dict[str, Any] = {"key": "hall", "title": {"es": "a"}, "text": {"es": "a"}}
GO: dict[str, Any] = {"key": "go", "text": {"es": "a"}, "to": "hall"}
MOON: dict[str, Any] = {"key": "moon", "name": {"es": "a"}}
DOOR: dict[str, Any] = {"key": "door", "text": {"es": "a"}, "hints": ["x", "y"], "reward": {"xp": 1}}
CALL: dict[str, Any] = {"key": "t", "text": {"es": "a"}, "on": "narrative.story_completed"}


def world(**parts: Any) -> World:
    return World.model_validate({"key": "casa", "title": {"es": "Casa"}, **parts})


def with_hall(**fields: Any) -> World:
    return world(fragments=[{**HALL, **fields}])


LOOSE = [
    (with_hall(decisions=[{**GO, "to": "attic"}]), {"decisions.go.to": "attic"}),
    (with_hall(if_gone="attic"), {"if_gone": "attic"}),
    (with_hall(requirement={"any": [{"required_items": ["ghost"]}]}), {"requirement": "ghost"}),
    (with_hall(reward={"hints": ["ghost"]}), {"reward": "ghost"}),
    (with_hall(decisions=[{**GO, "requirement": {"required_decisions": ["hall.no"]}}]),
     {"decisions.go.requirement": "hall.no"}),
    (with_hall(decisions=[{**GO, "reward": {"unlock_fragments": ["attic"]}}]), {"decisions.go.reward": "attic"}),
    (with_hall(decisions=[{**GO, "variables": {"v": 1}}]), {"decisions.go": "v"}),
]  # fmt: skip


@pytest.mark.parametrize(("told", "found"), LOOSE, ids=[next(iter(found)) for _, found in LOOSE])
def test_what_a_fragment_names_must_be_there(told: World, found: dict[str, str]) -> None:
    assert loose_ends(told) == [Problem(f"fragments.hall.{at}", "names_nothing", key) for at, key in found.items()]


def test_what_things_and_lucien_name_must_be_there() -> None:
    told = world(
        items=[{**MOON, "unlocks": {"unlock_fragments": ["attic"]}}],
        combinations=[DOOR],
        templates=[
            {
                **CALL,
                "where": {"decision": "hall.go", "left": "roof", "cause": "free"},
                "requirement": {"required_hints": "z"},
            }
        ],
    )

    assert {(one.path, one.expected) for one in loose_ends(told)} == {
        ("items.moon.unlocks", "attic"),
        ("combinations.door.hints", "x"),
        ("combinations.door.hints", "y"),
        ("templates.t.where.decision", "hall.go"),
        ("templates.t.where.left", "roof"),
        ("templates.t.requirement", "z"),
    }


def test_a_draft_is_not_there_and_may_name_what_it_likes() -> None:
    draft = {**HALL, "key": "attic", "draft": True, "decisions": [{**GO, "to": "nowhere"}]}

    assert loose_ends(world(fragments=[draft])) == []
    assert [one.expected for one in loose_ends(world(fragments=[{**HALL, "if_gone": "attic"}, draft]))] == ["attic"]


def test_a_document_that_cannot_be_read_is_named() -> None:
    assert loose_ends(with_hall(reward={"besitos": 0})) == [
        Problem("fragments.hall.reward.besitos", "out_of_range", "≥ 1")
    ]


def test_a_whole_story_has_none() -> None:
    assert loose_ends(tale()) == []
