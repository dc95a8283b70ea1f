"""What people would read, play and be told: every fault has its place, and every finding its words."""

import re
from pathlib import Path
from typing import Any

import pytest

import dianabot.content.checker
from dianabot.content.checker import check
from dianabot.content.finding import said
from dianabot.members import Language
from dianabot.screens.words import Words
from dianabot.vocabulary.world import World
from tests.dianabot.content.stories import hint, item, place, short, way, world

HALL = "fragments.hall"
CHALLENGE = f"{HALL}.challenge"
LEVEL = "gamification.level_reached"


def told(text: str, **more: Any) -> World:
    return short(templates=[{"key": "t", "text": {"es": text}, "on": LEVEL, **more}])


def told_at_length(text: str) -> World:
    start = {**place("start", way("go", "end"), entry=True), "text": {"es": text}}
    return world(start, place("end", ending=True))


def club(text: str, *, plan: bool = True) -> World:
    plans = [{"key": "month", "name": {"es": "Un mes"}, "days": 30}] if plan else []
    closed = {**place("salon", way("go", "end"), vip=True), "text": {"es": text}}
    return world(
        place("hall", way("go", "salon"), entry=True), closed, place("end", ending=True), plans=plans
    )  # fmt: skip


def game(challenge: dict[str, Any], *by: str) -> World:
    ways = [way(f"d{index}", "end", taken_by=each) for index, each in enumerate(by)]
    return world(place("hall", *ways, entry=True, challenge=challenge), place("end", ending=True))


def joined(*sets: list[str]) -> World:
    made = [{"key": key, "hints": hints, "text": {"es": "Ya."}, "reward": {"besitos": 1}}
            for key, hints in zip(["one", "two"], sets, strict=False)]  # fmt: skip
    named = sorted({key for hints in sets for key in hints})
    given = way("desk", "end", reward={"hints": named})
    return short(given, hints=[hint(key) for key in named], combinations=made)


RIDDLE = {"kind": "riddle", "answers": {"es": ["luna"]}}
QUIZ = {"kind": "quiz", "options": [{"es": "sí"}, {"es": "no"}], "tries": 1}

TEXTS: list[tuple[str, str, World]] = [
    ("translation_missing", "title", world(languages=["es", "en"])),
    ("translation_missing", "hints.ring.title", short(way("desk", "end", reward={"hints": ["ring"]}), hints=[
        {"key": "ring", "title": {"en": "Ring"}, "text": {"es": "Oro."}}])),
    ("text_too_long", f"{HALL}.decisions.desk.text", short({**way("desk", "end"), "text": {"es": "a" * 65}})),
    ("text_too_long", "plans.p.name", short(plans=[{"key": "p", "name": {"es": "😀" * 33}, "days": 3}])),
    ("text_too_long", "items.key.name", short(way("desk", "end", reward={"items": ["key"]}), items=[
        item("key", description={"es": "a" * 1024}) | {"name": {"es": "a" * 65}}])),
    ("text_too_long", "hints.ring.text", short(way("desk", "end", reward={"hints": ["ring"]}), hints=[
        hint("ring") | {"text": {"es": "a" * 4097}}])),
    ("text_too_long", "templates.t.text", told("a" * 4097)),
    ("text_too_long", f"{CHALLENGE}.options.1", game(
        {**QUIZ, "options": [{"es": "sí"}, {"es": "n" * 65}]}, "right", "wrong")),
    ("long_text", "fragments.start.text", told_at_length("a" * (3 * 4096 + 1))),
    ("unknown_placeholder", "fragments.start.text", told_at_length("{name}, {nombre}")),
    ("unclosed_mark", "fragments.start.text", told_at_length("Uno **dos\n\ntres** cuatro.")),
    ("unclosed_mark", f"{HALL}.decisions.desk.text", short({**way("desk", "end"), "text": {"es": "Tocar el _piano"}})),
    ("vip_without_offer", "fragments.salon.vip", club("Uno.\n\nDos.", plan=False)),
    ("vip_without_preview", "fragments.salon.text", club("Uno.")),
    ("unknown_event", "templates.t.on", told("Hola", on="narrative.nothing")),
    ("unknown_field", "templates.t.where.hat", told("Hola", where={"hat": 1})),
    ("unknown_field", "templates.t.text", told("{{ event.hat }}")),
    ("template_syntax", "templates.t.text", told("{{ name ")),
    ("template_unknown_name", "templates.t.text", told("{{ nombre }}")),
    ("template_not_allowed", "templates.t.text", told("{% for x in name %}{{ name }}{% endfor %}")),
    ("unknown_reference", "templates.t.text", told("{{ 'a' if chose('hall.fly') else 'b' }}")),
    ("unknown_reference", "templates.t.text", told("{{ 'a' if has_hint('ring') else 'b' }}")),
    ("unknown_reference", "templates.t.text", told("{{ vars.trust }}")),
    ("unknown_reference", "templates.t.requirement", told("Hola", requirement={"required_items": ["key"]})),
    ("challenge_without", CHALLENGE, game(RIDDLE, "right")),
    ("challenge_without", CHALLENGE, game({**RIDDLE, "seconds": 9}, "right", "wrong")),
    ("challenge_without", CHALLENGE, game({"kind": "timed", "seconds": 9}, "late")),
    ("riddle_without_answer", CHALLENGE, game({"kind": "riddle"}, "right", "wrong")),
    ("translation_missing", f"{CHALLENGE}.answers", game(
        {"kind": "riddle", "answers": {"en": ["moon"]}}, "right", "wrong")),
    ("quiz_without_options", f"{CHALLENGE}.options", game({**QUIZ, "options": [{"es": "sí"}]}, "right", "wrong")),
    ("challenge_cannot_fail", f"{CHALLENGE}.tries", game({**QUIZ, "tries": 2}, "right", "wrong")),
    ("timed_without_seconds", CHALLENGE, game({"kind": "timed"}, "tap", "late")),
    ("blank_text", f"{HALL}.decisions.desk.text", short({**way("desk", "end"), "text": {"es": "   "}})),
    ("blank_text", f"{HALL}.decisions.desk.text", short({**way("desk", "end"), "text": {"es": "\u200b "}})),
    ("blank_text", "fragments.start.text", told_at_length(" \n ")),
    ("blank_text", f"{CHALLENGE}.options.1", game({**QUIZ, "options": [{"es": "sí"}, {"es": " "}]}, "right", "wrong")),
    ("blank_text", f"{CHALLENGE}.answers", game({"kind": "riddle", "answers": {"es": [" "]}}, "right", "wrong")),
    ("too_many_buttons", HALL, short(*(way(f"desk{n}", "end") for n in range(91)))),
    ("unheard_event", "templates.t.on", told("Hola", on="gamification.besitos_earned")),
    ("too_few_hints", "combinations.one.hints", joined(["ring", "ring"])),
    ("same_hints", "combinations.two.hints", joined(["ring", "rose"], ["rose", "ring"])),
    ("never_happens", f"{HALL}.decisions.desk.taken_by", short(way("desk", "end", taken_by="right"))),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path", "one"), TEXTS)
def test_what_is_wrong_is_found_and_nothing_else(code: str, path: str, one: World) -> None:
    findings = [(finding.code, finding.path) for finding in check(one)]

    if code == "template_not_allowed":  # a loop and its variable are each named
        assert set(findings) <= {(code, path), ("template_unknown_name", path)}
        assert (code, path) in findings
    else:
        assert findings == [(code, path)]


def test_one_wall_is_told_in_the_singular() -> None:
    [one] = check(club("Uno.\n\nDos.", plan=False))
    [dear] = check(short(way("desk", "end", cost=9), economy={"daily_besitos": 20}))

    assert said(Words("en"), one) == "“salon” is for the club only, and there is no plan to offer before it"
    assert said(Words("es"), one) == "«salon» es solo para el club y no hay ningún plan que ofrecer ante él"
    assert said(Words("en"), dear).endswith("one more day at 20 a day")


def test_a_text_is_as_long_as_what_telegram_shows_of_it() -> None:
    text = f"**{'😀' * 2_048}** {'a' * 2_047}"  # 4,096 characters, and the marks of what is bold
    one = short(way("desk", "end", reward={"hints": ["ring"]}), hints=[hint("ring") | {"text": {"es": text}}])

    assert check(one) == []


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("one", [one for _, _, one in TEXTS])
def test_every_finding_can_be_said(one: World, language: Language) -> None:
    assert all(said(Words(language), finding) for finding in check(one))


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_code_of_the_checker_has_words(language: Language) -> None:
    folder = Path(dianabot.content.checker.__file__).parent
    source = "".join(file.read_text("utf-8") for file in folder.glob("*.py"))
    codes = set(re.findall(r'Finding\(\s*"([a-z_]+)"', source))
    codes |= {"given_too_late", "nothing_gives", "names_draft", "unknown_reference"}
    codes |= {"template_syntax", "template_not_allowed", "template_unknown_name", "template_too_deep"}

    assert len(codes) > 30
    assert [code for code in sorted(codes) if not Words(language).has(f"findings.{code}")] == []
