"""What Lucien waits for and asks before he speaks, and how he says it: what never comes, and what cannot be said."""

from typing import Any

import pytest

from dianabot.content.checker import check
from dianabot.content.finding import said
from dianabot.screens.words import Words
from dianabot.vocabulary.world import World
from tests.dianabot.content.stories import hint, item, place, short, way, world

HOLA = {"es": "Hola"}
LEVELS = [{"number": 1, "name": {"es": "Uno"}}]
TRUST = [{"name": "trust", "initial": 0}]
COIN = {"required_items": ["coin"]}


def waits(on: str, *places: dict[str, Any], levels: list[dict[str, Any]] = LEVELS, **where: Any) -> World:
    hall = place("hall", way("go", "end"), entry=True)
    told = [{"key": "t", "text": HOLA, "on": on, "where": where}]
    return world(hall, place("end", ending=True), *places, levels=levels, templates=told)


def asks(requirement: dict[str, Any], *ways: dict[str, Any], **more: Any) -> World:
    told = {"key": "t", "text": HOLA, "on": "narrative.story_completed", "requirement": requirement}
    return short(*ways, templates=[told], **more)


def says(text: str, on: str = "narrative.fragment_visited") -> World:
    return short(templates=[{"key": "t", "text": {"es": text}, "on": on}])


WHERE, REQUIREMENT, TEXT = "templates.t.where", "templates.t.requirement", "templates.t.text"
VISITED = "narrative.fragment_visited"
DRAFT = place("attic", way("down", "hall"), draft=True)
FOUND: list[tuple[str, str, World]] = [
    ("unknown_reference", f"{WHERE}.ending", waits("narrative.story_completed", ending="nowhere")),
    ("unknown_reference", f"{WHERE}.left", waits(VISITED, left="nowhere")),
    ("names_draft", f"{WHERE}.left", waits(VISITED, DRAFT, left="attic")),
    ("unknown_reference", f"{WHERE}.level", waits(VISITED, level=77)),
    ("unknown_reference", f"{WHERE}.level", waits("narrative.level_completed", level=2)),
    ("unknown_reference", f"{WHERE}.level", waits("narrative.level_completed", levels=[], level=2)),
    ("level_out_of_reach", f"{WHERE}.level", waits("gamification.level_reached", level=77)),
    ("where_never", f"{WHERE}.visit", waits(VISITED, visit="one")),
    ("where_never", f"{WHERE}.level", waits(VISITED, level=True)),
    ("where_never", f"{WHERE}.member", waits(VISITED, member="Ana")),
    ("where_never", f"{WHERE}.until", waits("admin.subscription_started", until=3)),
    ("contradiction", REQUIREMENT, asks({"min_level": 5, "not": {"min_level": 2}}, economy={"daily_xp": 20})),
    ("nothing_gives", REQUIREMENT, asks({"required_hints": ["ring"]}, hints=[hint("ring")])),
    ("nothing_gives", REQUIREMENT, asks(COIN, items=[item("coin")])),
    ("too_few", REQUIREMENT, asks({"required_items": {"coin": 3}}, way("a", "end", reward={"items": ["coin"]}),
                                  items=[item("coin")])),
    ("level_out_of_reach", REQUIREMENT, asks({"min_level": 90}, economy={"daily_xp": 20})),
    ("value_never", REQUIREMENT, asks({"variables": {"trust": {">": 1}}}, way("a", "end", variables={"trust": 1}),
                                      variables=TRUST)),
    ("template_too_deep", TEXT, says("{% if vip %}" * 100 + "a" + "{% endif %}" * 100)),
    ("template_too_deep", TEXT, says("{{ " + " + ".join(["level"] * 220) + " }}")),
    ("template_too_deep", TEXT, says("{{ " + " and ".join(["vip"] * 400) + " }}")),
    ("template_too_deep", TEXT, says("{{ " + "(" * 400 + "1" + ")" * 400 + " }}")),
    ("template_not_allowed", TEXT, says("{{ event.fragment - 1 }}")),
    ("template_not_allowed", TEXT, says("{{ -event.left }}")),
    ("template_not_allowed", TEXT, says("{{ event.left + '!' }}")),
    ("template_not_allowed", TEXT, says("{% if event.first < 'x' %}a{% endif %}")),
    ("template_not_allowed", TEXT, says("{{ event.member + name }}")),
    ("template_not_allowed", TEXT, says("{{ event.until - 1 }}", "admin.subscription_started")),
    ("template_not_allowed", TEXT, says("{{ none + 1 }}")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path", "one"), FOUND)
def test_what_is_never_said_is_found_where_it_stands_and_nothing_else(code: str, path: str, one: World) -> None:
    findings = check(one)

    assert [(finding.code, finding.path) for finding in findings] == [(code, path)]
    assert all(said(Words(language), finding) for finding in findings for language in ("es", "en"))


def test_a_number_of_more_digits_than_can_be_read_is_found_like_any_other_fault() -> None:
    found = {(finding.code, finding.path) for finding in check(says("{{ " + "9" * 4301 + " }}"))}

    assert ("template_not_allowed", TEXT) in found


def test_a_place_that_is_a_number_is_neither_there_nor_ever_left() -> None:
    found = {(finding.code, finding.path) for finding in check(waits(VISITED, left=3))}

    assert found == {("unknown_reference", f"{WHERE}.left"), ("where_never", f"{WHERE}.left")}


GIFT = way("a", "end", reward={"items": ["coin"]})
SAID = [
    waits("narrative.story_completed", ending="end"),
    waits(VISITED, left="hall", fragment="end", level=1, first=True, visit=2),
    waits(VISITED, levels=[], level=1),
    waits("gamification.level_reached", level=3),
    waits("admin.subscription_started", until="2026-01-01T00:00:00Z", trial=True),
    asks(COIN, GIFT, items=[item("coin")]),
    asks({"not": COIN}, GIFT, items=[item("coin")]),
    asks({"not": {"required_fragments": ["hall"]}}),
    asks({"required_fragments": ["hall", "end"]}),
    asks({"variables": {"trust": 1}}, way("a", "end", variables={"trust": 1}), variables=TRUST),
    asks({"any": [{"vip_required": True}, {"min_besitos": 900}, {"min_streak": 3}]}),
    says(
        "{{ event.seconds + event.visit }} {{ event.left ~ '!' }} {{ event.fragment + '!' }} {{ event.left == none }}"
    ),
]


@pytest.mark.parametrize("one", SAID)
def test_what_may_come_and_can_be_said_is_no_alarm(one: World) -> None:
    assert [(finding.code, finding.path) for finding in check(one)] == []


def test_what_a_variable_is_anywhere_may_be_asked() -> None:
    hall = place("hall", *(way(key, key, variables={"trust": n}) for n, key in enumerate("abc")), entry=True)
    told = {"text": HOLA, "on": "narrative.story_completed"}
    asked = [{"key": f"t{n}", **told, "requirement": {"variables": {"trust": n}}} for n in range(3)]

    assert check(world(hall, *(place(key, ending=True) for key in "abc"), variables=TRUST, templates=asked)) == []


def test_what_only_places_out_of_reach_give_is_asked_in_vain() -> None:
    attic = place("attic", way("down", "end", reward={"hints": ["ring"]}))
    told = {"key": "t", "text": HOLA, "on": VISITED, "requirement": {"required_hints": ["ring"]}}
    hall = place("hall", way("go", "end"), entry=True)
    one = world(hall, attic, place("end", ending=True), hints=[hint("ring")], templates=[told])

    found = {(finding.code, finding.path) for finding in check(one)}

    assert found == {("unreachable", "fragments.attic"), ("nothing_gives", REQUIREMENT)}
