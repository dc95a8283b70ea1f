"""Each condition: what it asks, of what standing, and what it names."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dianabot.vocabulary.condition import Ref
from dianabot.vocabulary.conditions import CONDITIONS, compares
from dianabot.vocabulary.keys import Value
from dianabot.vocabulary.missing import Missing, missing
from dianabot.vocabulary.requirement import dump, kinds_named, parse, refs
from dianabot.vocabulary.standing import (
    CLUB,
    DECISIONS,
    FRAGMENTS,
    HINTS,
    ITEMS,
    LEVEL,
    PERSON,
    PURSE,
    VARIABLES,
    Club,
    Person,
    Standing,
)

ANA = Standing(
    datetime(2026, 5, 1, tzinfo=UTC),
    {
        PERSON: Person("es", streak=3),
        CLUB: Club(vip=False),
        PURSE: 20,
        LEVEL: 2,
        ITEMS: {"lamp": 1},
        FRAGMENTS: frozenset({"hall"}),
        DECISIONS: frozenset({"hall.open"}),
        VARIABLES: {"trust": 2, "met": True, "mood": "calm"},
        HINTS: frozenset({"soot"}),
    },
)


@pytest.mark.parametrize(
    ("document", "lacks"),
    [
        ({"vip_required": True}, [Missing("vip_required", need=True, have=False)]),
        ({"vip_required": False}, []),
        ({"min_level": 2}, []),
        ({"min_level": 3}, [Missing("min_level", 3, 2)]),
        ({"min_besitos": 21}, [Missing("min_besitos", 21, 20)]),
        ({"min_streak": 4}, [Missing("min_streak", 4, 3)]),
        ({"required_items": ["lamp"]}, []),
        ({"required_items": {"lamp": 2, "key": 1}},
         [Missing("required_items", 1, 0, "key"), Missing("required_items", 2, 1, "lamp")]),
        ({"required_fragments": ["hall", "attic"]},
         [Missing("required_fragments", need=True, have=False, which="attic")]),
        ({"required_decisions": "hall.open"}, []),
        ({"required_hints": ["ash"]}, [Missing("required_hints", need=True, have=False, which="ash")]),
        ({"variables": {"trust": {">=": 2, "<": 3}, "met": True, "mood": "calm"}}, []),
        ({"variables": {"trust": {">": 2}}}, [Missing("variables", "> 2", "2", "trust")]),
        ({"variables": {"ghost": 1}}, [Missing("variables", "= 1", "", "ghost")]),
        ({"not": {"min_level": 2}}, [Missing("min_level", 2, 2, opposite=True)]),
    ],
)  # fmt: skip
def test_what_she_lacks_is_named_with_how_far_she_is(document: dict[str, Any], lacks: list[Missing]) -> None:
    assert missing(parse(document), ANA) == lacks
    assert parse(dump(parse(document))) == parse(document)


def test_only_the_parts_that_a_requirement_reads_are_named() -> None:
    document = {"min_level": 1, "any": [{"required_hints": ["a"]}, {"not": {"variables": {"b": 1}}}]}
    assert kinds_named(parse(document)) == {LEVEL, HINTS, VARIABLES}
    assert refs(parse(document)) == {Ref("hint", "a"), Ref("variable", "b")}


@pytest.mark.parametrize(
    ("have", "sign", "need", "holds"),
    [
        (2, "=", 2, True),
        (2, "!=", 2, False),
        (True, "=", 1, False),
        (True, "!=", 1, True),
        ("2", ">", 1, False),
        (None, "=", "", False),
        (None, "!=", 3, True),
        (-1, "<", 0, True),
    ],
)
def test_values_of_different_kinds_are_unequal_and_neither_is_greater(
    have: Value | None,
    sign: str,
    need: Value,
    holds: bool,  # noqa: FBT001 - a table
) -> None:
    assert compares(have, sign, need) is holds


def test_every_condition_says_by_itself_which_key_it_has() -> None:
    assert all(condition.key == key for key, condition in CONDITIONS.items())
