"""Each gift: read, written back, and joined with another of its kind."""

from typing import Any

import pytest

from dianabot.vocabulary.condition import Ref
from dianabot.vocabulary.document import WrongDocument
from dianabot.vocabulary.gifts import SetVariables, changed
from dianabot.vocabulary.keys import MOST
from dianabot.vocabulary.reward import Reward, dump, parse, refs

WHOLE: dict[str, Any] = {
    "besitos": 20,
    "hints": ["soot"],
    "items": {"lamp": 2},
    "unlock_fragments": ["attic"],
    "variables": {"met": True, "trust": "+2"},
    "vip_days": 3,
    "xp": 10,
}


def test_a_reward_is_written_as_it_was_read_and_names_what_it_gives() -> None:
    assert dump(parse(WHOLE)) == WHOLE
    named = {("hint", "soot"), ("item", "lamp"), ("fragment", "attic"), ("variable", "met"), ("variable", "trust")}
    assert refs(parse(WHOLE)) == {Ref(*one) for one in named}


def test_two_rewards_together_give_what_both_give() -> None:
    other = {"besitos": 5, "hints": ["ash", "soot"], "items": ["lamp", "key"], "variables": {"met": False, "trust": -1}}
    assert dump(parse(WHOLE) + parse(other)) == {
        **WHOLE,
        "besitos": 25,
        "hints": ["soot", "ash"],
        "items": {"key": 1, "lamp": 3},
        "variables": {"met": False, "trust": -1},
    }


@pytest.mark.parametrize(
    ("one", "two", "both"),
    [
        ({"trust": "+2"}, {"trust": "-1"}, {"trust": "+1"}),
        ({"trust": 5}, {"trust": "+1"}, {"trust": 6}),
        ({"trust": "+1"}, {"trust": 5}, {"trust": 5}),
        ({"mood": "calm"}, {"mood": "+1"}, {"mood": "+1"}),
    ],
)
def test_changes_of_one_variable_follow_each_other(
    one: dict[str, Any], two: dict[str, Any], both: dict[str, Any]
) -> None:
    assert dump(parse({"variables": one}) + parse({"variables": two})) == {"variables": both}


def test_what_was_no_number_counts_from_zero() -> None:
    [gift] = parse({"variables": {"trust": "+2", "mood": "-1", "new": 7}}).gifts
    assert isinstance(gift, SetVariables)
    assert changed({"trust": 1, "mood": "calm", "old": True}, gift.changes) == {
        "trust": 3,
        "mood": -1,
        "new": 7,
        "old": True,
    }


def test_what_grows_and_grows_stays_at_the_most_there_is() -> None:
    for sign in (1, -1):
        [gift] = parse({"variables": {"trust": f"{sign * MOST:+d}"}}).gifts
        assert isinstance(gift, SetVariables)
        assert changed(changed({"trust": sign * 5}, gift.changes), gift.changes) == {"trust": sign * MOST}
        twice = Reward((gift,)) + Reward((gift,))
        assert parse(dump(twice)) == twice, "what is written can be read"


@pytest.mark.parametrize(
    ("document", "path", "fault"),
    [
        ({"besitos": 0}, "besitos", "out_of_range"),
        ({"besitos": 1.5}, "besitos", "wrong_type"),
        ({"xp": True}, "xp", "wrong_type"),
        ({"items": {}}, "items", "empty"),
        ({"hints": [3]}, "hints[0]", "wrong_type"),
        ({"variables": []}, "variables", "wrong_type"),
        ({"variables": {"trust": None}}, "variables.trust", "wrong_type"),
        ({"variables": {"trust": "\x00"}}, "variables.trust", "not_allowed"),
        ({"variables": {"trust": "\ud800"}}, "variables.trust", "not_allowed"),
        ({"variables": {"trust": f"+{MOST + 1}"}}, "variables.trust", "out_of_range"),
        ({"variables": {"trust": "-" + "9" * 190}}, "variables.trust", "out_of_range"),
        ({"kisses": 1}, "kisses", "unknown_key"),
    ],
)
def test_what_is_wrong_is_refused_by_its_place(document: dict[str, Any], path: str, fault: str) -> None:
    with pytest.raises(WrongDocument) as wrong:
        parse(document)
    assert [(problem["path"], problem["fault"]) for problem in wrong.value.problems] == [(path, fault)]
