"""What a template may say, what it is refused for, and when Lucien keeps quiet."""

from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianabot.narrative.lucien import Kinds, LucienRules, Memory, Unsayable, may_speak_at, read, render
from dianabot.narrative.lucien.rules import as_written
from dianabot.screens.lucien import says
from dianabot.screens.words import Words
from dianabot.vocabulary.condition import Ref

MADRID = ZoneInfo("Europe/Madrid")
ANA = Memory(
    name="Ana",
    besitos=1,
    level=3,
    vip=True,
    variables={"trust": 2, "items": 7},
    decisions=frozenset({"hall.open_door"}),
    hints=frozenset({"key_shape"}),
    items={"silver_key": 1},
    event={"decision": "hall.open_door", "keys": "k"},
)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("Buenas noches, {{ name }}.", "Buenas noches, Ana."),
        ('{% if chose("hall.open_door") %}Abrió.{% else %}No.{% endif %}', "Abrió."),
        ('{% if not has_hint("other") and has_item("silver_key") %}Sí{% endif %}', "Sí"),
        ("{{ besitos }} {{ besitos|plural('besito', 'besitos') }}", "1 besito"),
        ("{% if vars.trust >= 2 and level > 1 and vip %}Confía.{% endif %}", "Confía."),
        ("{{ event.decision|upper }}", "HALL.OPEN_DOOR"),
        ("{{ 'uno' if vars.trust == 1 else 'otro' }}", "otro"),
        ("{% if vars.trust > 9 %}Nunca{% endif %}", ""),
        ("a < b & **c**", "a < b & **c**"),
        ("{{ vars.items }} {{ event.keys }}", "7 k"),
        ("{{ 1 + vars.trust }} {{ name + '!' }} {{ name == 'Ana' }} {{ level - 1 < besitos }}", "3 Ana! True False"),
        ("{% if level - 1.5 < 2 %}Pronto{% endif %}", "Pronto"),
    ],
)
def test_he_speaks_from_memory(template: str, words: str) -> None:
    assert not read(template).wrong
    assert render(template, ANA) == words


NAMES = ["**Ana**", "_Ana_", "||Ana||", "> Ana", "<b>", "{name}", "x{name}", "**", "{{ besitos }}", "Ana_la_*loca*"]


@pytest.mark.parametrize("name", NAMES)
def test_her_name_is_never_formatting_and_stays_as_she_writes_it(name: str) -> None:
    words = render("{{ name }}, **pase, {{ name }}**, {name}.", replace(ANA, name=name))
    told = says(Words("es"), {"said": words, "name": name}).text
    shown = escape(name, quote=False)
    assert told == f"{shown}, <b>pase, {shown}</b>, {shown}."
    assert as_written(words) == f"{name}, **pase, {name}**, {{name}}."


@pytest.mark.parametrize(
    ("template", "fault", "what", "line"),
    [
        ("{% if %}", "syntax", "Expected an expression", 1),
        ("uno\n{{ nombre }}", "unknown_name", "nombre", 2),
        ("{{ name|attr('x') }}", "unknown_name", "attr", 1),
        ("{{ name.__class__ }}", "not_allowed", ".__class__", 1),
        ("{{ vars['trust'] }}", "not_allowed", "getitem", 1),
        ("{% for x in name %}{{ name }}{% endfor %}", "not_allowed", "for", 1),
        ("{% macro m() %}{% endmacro %}", "not_allowed", "macro", 1),
        ("{% include 'x' %}", "not_allowed", "include", 1),
        ("{{ chose(name) }}", "not_allowed", "chose(…)", 1),
        ("{{ chose() }}", "not_allowed", "chose(…)", 1),
        ("{{ name.upper() }}", "not_allowed", "(…)", 1),
        ("{{ 9 ** 9 }}", "not_allowed", "pow", 1),
        ("{{ name * 99 }}", "not_allowed", "mul", 1),
        ("{% set x = 1 %}", "not_allowed", "assign", 1),
        ("{{ vars }}", "not_allowed", "vars", 1),
        ("{{ 1 if 'a' in event }}", "not_allowed", "event", 1),
        ("{% if chose %}Sí{% endif %}", "not_allowed", "chose", 1),
        ("{{ besitos|plural }}", "not_allowed", "|plural(…)", 1),
        ("{{ besitos|plural('a') }}", "not_allowed", "|plural(…)", 1),
        ("{{ besitos|plural(*name) }}", "not_allowed", "|plural(…)", 1),
        ("{{ besitos|plural('a', 'b', *name) }}", "not_allowed", "|plural(…)", 1),
        ("{{ besitos|plural('a', 'b', **name) }}", "not_allowed", "|plural(…)", 1),
        ("{{ name|upper('x') }}", "not_allowed", "|upper(…)", 1),
        ("{{ -name }}", "not_allowed", "-", 1),
        ("{{ name - 1 }}", "not_allowed", "-", 1),
        ("{{ besitos + name }}", "not_allowed", "+", 1),
        ("{{ name < 3 }}", "not_allowed", "lt", 1),
        ("{{ 1 < 2 < name }}", "not_allowed", "lt", 1),
        ("{{ 1 in besitos }}", "not_allowed", "in", 1),
        ("{{ vars.mood > 3 }}", "not_allowed", "gt", 1),
        ("{{ event.left - 1 }}", "not_allowed", "-", 1),
        ("{{ -event.left }}", "not_allowed", "-", 1),
        ("{{ event.left + '!' }}", "not_allowed", "+", 1),
        ("{{ 'a' in event.left }}", "not_allowed", "in", 1),
        ("{{ none + 1 }}", "not_allowed", "+", 1),
        ("{{ name + 1.5 }}", "not_allowed", "+", 1),
        ("{{ (name or 1) - 1 }}", "not_allowed", "-", 1),
        ("{{ (name and level) + 1 }}", "not_allowed", "+", 1),
        ("{{ chose('a.b') + name }}", "not_allowed", "+", 1),
        ("{{ (not name) + name }}", "not_allowed", "+", 1),
        ("{{ (1 if vip) + 1 }}", "not_allowed", "+", 1),
        ("{{ (1 if vip else name) + 1 }}", "not_allowed", "+", 1),
        ("{{ besitos|plural(1, 2) + 'a' }}", "not_allowed", "+", 1),
        ("{{ name|upper + 1 }}", "not_allowed", "+", 1),
        ("{{ (level + 1) < name }}", "not_allowed", "lt", 1),
        ("{{ chose('a.b', *name) }}", "not_allowed", "chose(…)", 1),
        ("{{ chose('a.b', **name) }}", "not_allowed", "chose(…)", 1),
        ("{{ '\\x00' }}", "not_allowed", "\\x00", 1),
        ("{{ '\\ud800' }}", "not_allowed", "ud800", 1),
        ("\n{{ " + "9" * 17 + " }}", "not_allowed", "9" * 16 + "…", 2),
        ("{{ " + "9" * 4301 + " }}", "not_allowed", "9" * 16 + "…", 1),
        ("\n{{ " + "(" * 31 + "1" + ")" * 31 + " }}", "too_deep", "30", 2),
        ("{{ " + "(" * 9000 + "1" + ")" * 9000 + " }}", "too_deep", "30", 1),
        ("{{ " + "not " * 9000 + "vip }}", "too_deep", "30", 1),
        ("\n{{ " + " + ".join(["level"] * 220) + " }}", "too_deep", "30", 2),
        ("{{ " + " and ".join(["vip"] * 400) + " }}", "too_deep", "30", 1),
        ("{% if vip %}" * 100 + "a" + "{% endif %}" * 100, "too_deep", "30", 1),
        ("{% if vip %}a" + "{% elif vip %}b" * 9000 + "{% endif %}", "syntax", "", 1),
    ],
)
def test_a_template_that_reaches_for_more_is_refused_with_its_line(
    template: str, fault: str, what: str, line: int
) -> None:
    wrong = read(template, {"mood": str}, {"left": frozenset({str, type(None)})}).wrong
    assert any(one.fault == fault and what in one.what and one.line == line for one in wrong), wrong


@pytest.mark.parametrize(
    "template",
    [
        "{% if vip %}" * 27 + "a" + "{% endif %}" * 27,
        "{{ " + "(" * 30 + "1" + ")" * 30 + " }}",
        "{{ " + " + ".join(["level"] * 28) + " }}",
        "{{ " + " and ".join(["vip"] * 28) + " }}",
        "{% if vip %}" * 27 + "{{ " + "(" * 30 + "1" + ")" * 30 + " }}" + "{% endif %}" * 27,
    ],
)
@pytest.mark.parametrize("already", [0, 200])
def test_what_is_as_deep_as_it_may_be_is_said_from_wherever_he_speaks(template: str, already: int) -> None:
    def deep(further: int) -> str:
        if further:
            return deep(further - 1)
        assert not read(template).wrong
        return render(template, ANA)

    assert deep(already)


@pytest.mark.parametrize(
    "template", ["{{ vars.mood + 1 }}", "{{ event.hat }}", "{{ vars.hat }}", "{{ 'a' in event.n }}"]
)
def test_what_her_memory_does_not_bear_is_unsayable(template: str) -> None:
    assert not read(template).wrong
    with pytest.raises(Unsayable):
        render(template, replace(ANA, variables={"mood": "gay"}, event={"n": None}))


VALUES = st.sampled_from(
    ["name", "level", "vip", "vars.n", "vars.t", "vars.b", "event.n", "event.t", "event.o", "1", "'a'", "none", "1.5",
     "chose('a.b')", "besitos"]
)  # fmt: skip


def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(["+", "-", "~", "<", "<=", "==", "in", "not in", "and", "or"])
    return st.one_of(
        st.builds("({} {} {})".format, parts, signs, parts),
        st.builds("({} if {} else {})".format, parts, parts, parts),
        st.builds("({} if {})".format, parts, parts),
        st.builds("({}{})".format, st.sampled_from(["-", "not "]), parts),
        st.builds("({}|{})".format, parts, st.sampled_from(["upper", "lower", "capitalize"])),
        st.builds("({}|plural({}, {}))".format, parts, parts, parts),
    )


@given(template=st.recursive(VALUES, joined, max_leaves=6).map("{{{{ {} }}}}".format), none=st.booleans())
def test_what_nothing_is_wrong_with_can_be_said(template: str, none: bool) -> None:  # noqa: FBT001 - drawn
    text, number = frozenset({str}), frozenset({int})
    carried: dict[str, Kinds] = {"n": number, "t": text, "o": text | {type(None)}}
    her = replace(
        ANA,
        variables={"n": 2, "t": "algo", "b": False},
        event={"n": 1, "t": "hall", "o": None if none else "hall"},
    )
    if not read(template, {"n": int, "t": str, "b": bool}, carried).wrong:
        render(template, her)


def test_what_a_template_speaks_of_is_known() -> None:
    uses = read(
        '{{ name }} {% if chose("a.b") or has_hint("h") or has_item("i") %}{{ vars.v }}{{ event.e }}{% endif %}'
    )
    assert uses.refs == {Ref("decision", "a.b"), Ref("hint", "h"), Ref("item", "i"), Ref("variable", "v")}
    assert uses.event == {"e"}


@pytest.mark.parametrize(
    ("quiet", "at", "speaks"),
    [
        ((22, 9), "2026-07-01T10:00+02:00", "2026-07-01T10:00+02:00"),
        ((22, 9), "2026-07-01T22:00+02:00", "2026-07-02T09:00+02:00"),
        ((22, 9), "2026-07-01T03:00+02:00", "2026-07-01T09:00+02:00"),
        ((22, 9), "2026-07-01T09:00+02:00", "2026-07-01T09:00+02:00"),
        ((13, 15), "2026-07-01T14:30+02:00", "2026-07-01T15:00+02:00"),
        ((0, 0), "2026-07-01T00:30+02:00", "2026-07-01T00:30+02:00"),
        ((22, 9), "2026-10-24T23:00+02:00", "2026-10-25T09:00+01:00"),  # the night in which the clocks go back
    ],
)
def test_he_keeps_her_quiet_hours(quiet: tuple[int, int], at: str, speaks: str) -> None:
    rules = LucienRules(quiet_from=quiet[0], quiet_until=quiet[1])
    assert may_speak_at(datetime.fromisoformat(at).astimezone(UTC), MADRID, rules) == datetime.fromisoformat(speaks)
