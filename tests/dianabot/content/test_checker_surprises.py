"""What would work, but not as it was meant, is remarked where it stands; what is meant so is not."""

from typing import Any

import pytest

from dianabot.content.checker import check
from dianabot.content.finding import said
from dianabot.screens.words import Words
from dianabot.vocabulary.world import World
from tests.dianabot.content.stories import place, short, way, world

HALL = "fragments.hall"
DESK = f"{HALL}.decisions.desk"
CLUB = place("club", way("on", "end"), vip=True, text={"es": "Uno.\n\nDos."})
PLANS = [{"key": "month", "name": {"es": "Un mes"}, "days": 30}]
TRUST = {"variables": [{"name": "trust", "initial": 0}, {"name": "met", "initial": False}]}
ASKED = {"variables": {"trust": 0, "met": False}}
END = place("end", ending=True)


def hall(*ways: dict[str, Any], **more: Any) -> dict[str, Any]:
    return place("hall", *(ways or (way("go", "end"),)), entry=True, **more)


def reads(**changes: Any) -> World:
    """The variables are asked for, so that they are not unused."""
    return short(way("desk", "end", variables=changes), way("ask", "end", requirement=ASKED), **TRUST)


def calls(**where: Any) -> World:
    told = {"key": "t", "text": {"es": "Hola"}, "on": "gamification.level_reached", "where": where}
    return short(templates=[told])


def same(**more: Any) -> World:
    return short({**way("desk", "end"), "text": {"es": "go "}, **more})


def hidden(**more: Any) -> World:
    return world(hall(way("desk", "end", hidden=True, **more)), END, economy={"daily_besitos": 5, "daily_xp": 5})


FOUND: list[tuple[str, str, World]] = [
    ("names_draft", f"{DESK}.to", world(hall(way("go", "end"), way("desk", "attic")),
                                        place("attic", way("x", "end"), draft=True), END)),
    ("names_draft", f"{HALL}.if_gone", world(hall(if_gone="attic"), place("attic", way("x", "end"), draft=True), END)),
    ("gone_to_itself", f"{HALL}.if_gone", world(hall(if_gone="hall"), END)),
    ("gone_to_club", f"{HALL}.if_gone", world(hall(way("desk", "club"), way("go", "end"), if_gone="club"), CLUB, END,
                                              plans=PLANS)),
    ("gone_to_club", "fragments.attic.if_gone", world(
        hall(way("desk", "club"), way("go", "end")), place("attic", draft=True, if_gone="club"), CLUB, END,
        plans=PLANS)),
    ("locked_entry", f"{HALL}.requirement", world(hall(requirement={"min_level": 2}), END)),
    ("club_entry", f"{HALL}.vip", world(hall(vip=True, text={"es": "Uno.\n\nDos."}), END, plans=PLANS)),
    ("same_button", f"{DESK}.text", same()),
    ("only_hidden", HALL, hidden(requirement={"min_level": 2})),
    ("other_kind", f"{DESK}.variables.trust", reads(trust=True)),
    ("other_kind", f"{DESK}.variables.met", reads(met="+1")),
    ("other_kind", f"{DESK}.reward.variables.trust", short(
        way("desk", "end", reward={"variables": {"trust": "much"}}), way("ask", "end", requirement=ASKED), **TRUST)),
    ("where_never", "templates.t.where.level", calls(level="three")),
    ("where_never", "templates.t.where.level", calls(level=True)),
]  # fmt: skip
MEANT = [
    world(hall(if_gone="end"), END),
    world(hall(way("desk", "club"), way("go", "end")), place("attic", draft=True, if_gone="end"), CLUB, END,
          plans=PLANS),
    world(hall(way("desk", "club"), way("go", "end")), place("attic", draft=True, vip=True, if_gone="club"), CLUB, END,
          plans=PLANS),
    same(hidden=True, requirement={"min_level": 1}),
    hidden(),
    world(hall(way("left", "end", hidden=True, requirement=ASKED), way("right", "end", hidden=True, requirement={
        "not": ASKED}), way("go", "hall", variables={"trust": "+1", "met": True})), END, **TRUST),
    reads(trust="+1", met=True),
    calls(level=3),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path", "one"), FOUND, ids=[f"{code}-{path}" for code, path, _ in FOUND])
def test_a_surprise_is_found_and_nothing_else(code: str, path: str, one: World) -> None:
    findings = [finding for finding in check(one) if finding.severity != "note"]

    assert [(finding.code, finding.path) for finding in findings] == [(code, path)]
    assert all(said(Words(language), finding) for finding in findings for language in ("es", "en"))


@pytest.mark.parametrize("one", MEANT)
def test_what_is_meant_so_is_no_alarm(one: World) -> None:
    assert [(finding.code, finding.path) for finding in check(one)] == []
