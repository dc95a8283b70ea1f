"""What the creator may write into the rulebook, and what is answered to the rest."""

from typing import Any

import pytest

from dianabot.kernel.limits import Limit
from dianabot.operations.rulebook import EARNS_XP, Rules, compose, steps
from dianabot.rulebook import WrongRule
from dianabot.vocabulary.document import EXPECTED, FAULTS, Problem

Document = dict[str, Any]


def test_the_defaults_are_those_of_the_product() -> None:
    rules = Rules()

    assert rules.limits["purchase"] == Limit(5, 3600)
    assert rules.limits["reaction"] == Limit(50, 300)
    assert rules.limits["decision"] == Limit(20, 60)
    assert rules.limits["api"] == Limit(100, 60)
    assert rules.members.pending_input_minutes == 30
    assert rules.members.activity_seconds == 60
    assert rules.wallet.daily_cap == 1000
    assert rules.club.grace_days == rules.club.trial_days == 3
    assert rules.time_zone == rules.creator.time_zone
    assert compose({}) == rules


def test_an_override_changes_one_value_and_leaves_its_neighbours() -> None:
    rules = compose({"limits": {"purchase": {"count": 7}}, "texts": {"es": {"start.hello": "Hola\n¿Qué tal?"}}}, 4)

    assert rules.limits["purchase"] == Limit(7, 3600)
    assert rules.limits["reaction"] == Limit(50, 300)
    assert rules.texts == {"es": {"start.hello": "Hola\n¿Qué tal?"}}
    assert rules.version == 4
    assert "version" not in rules.model_dump()


COUNT = "limits.purchase.count"
SECTIONS = "club, creator, flags, levels, limits, lucien, members, story, texts, wallet"


@pytest.mark.parametrize(
    ("document", "problems"),
    [
        ({"limits": {"purchase": {"count": 0}}}, [(COUNT, "out_of_range", "≥ 1")]),
        ({"limits": {"purchase": {"count": 10**9}}}, [(COUNT, "out_of_range", "≤ 100000")]),
        ({"limits": {"purchase": {"count": "7"}}}, [(COUNT, "wrong_type", "whole_number")]),
        ({"limits": {"purchase": {"count": True}}}, [(COUNT, "wrong_type", "whole_number")]),
        ({"limits": {"purchase": {"count": 1.5}}}, [(COUNT, "wrong_type", "whole_number")]),
        ({"limits": {"purchase": {"count": None}}}, [(COUNT, "wrong_type", "whole_number")]),
        ({"limits": {"purchase": {"count": {"x": 1}}}}, [(COUNT, "wrong_type", "whole_number")]),
        ({"limits": {"purchase": 7}}, [("limits.purchase", "wrong_type", "object")]),
        ({"limits": {"purchase": {"cuont": 7}}}, [("limits.purchase.cuont", "unknown_key", "count, seconds")]),
        ({"limits": {"theft": {}}}, [("limits.theft", "unknown_key", "api, decision, purchase, reaction")]),
        ({"levels": {"xp": {"narrative.fragment_visited": 5}}}, [
            ("levels.xp.narrative.fragment_visited", "unknown_key", ", ".join(EARNS_XP))]),
        ({"story": {"longest_visit_minutes": 0}}, [("story.longest_visit_minutes", "out_of_range", "≥ 1")]),
        ({"wallet": {"daily_cap": -1}}, [("wallet.daily_cap", "out_of_range", "≥ 0")]),
        ({"club": {"trial_days": 0}}, [("club.trial_days", "out_of_range", "≥ 1")]),
        ({"lucien": {"quiet_from": 24}}, [("lucien.quiet_from", "out_of_range", "≤ 23")]),
        ({"secrets": 1}, [("secrets", "unknown_key", SECTIONS)]),
        ({"version": 9}, [("version", "unknown_key", SECTIONS)]),
        ({"flags": {"registration": "yes"}}, [("flags.registration", "wrong_type", "yes_or_no")]),
        ({"creator": {"time_zone": "Narnia"}}, [("creator.time_zone", "wrong_type", "time_zone")]),
        ({"creator": {"time_zone": 5}}, [("creator.time_zone", "wrong_type", "text")]),
        ({"creator": {"language": "fr"}}, [("creator.language", "not_one_of", "es, en")]),
        ({"texts": []}, [("texts", "wrong_type", "object")]),
        ({"texts": {"fr": {}}}, [("texts.fr", "not_one_of", "es, en")]),
        ({"texts": {"es": {"A b": "x"}}}, [("texts.es.A b", "not_allowed", "")]),
        ({"texts": {"es": {"a": ""}}}, [("texts.es.a", "out_of_range", "≥ 1")]),
        ({"texts": {"es": {"a": "x" * 3501}}}, [("texts.es.a", "out_of_range", "≤ 3500")]),
        ({"texts": {"es": {"a": "\x00"}}}, [("texts.es.a", "not_allowed", "")]),
        ({"texts": {"es": {"a": "\ud800"}}}, [("", "not_allowed", "")]),
        ({"limits": {"purchase": {"count": 0, "seconds": 0}}, "flags": {"registration": 1}}, [
            (COUNT, "out_of_range", "≥ 1"),
            ("limits.purchase.seconds", "out_of_range", "≥ 1"),
            ("flags.registration", "wrong_type", "yes_or_no")]),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_refused_with_its_path_and_the_reason(
    document: Document, problems: list[tuple[str, str, str]]
) -> None:
    with pytest.raises(WrongRule) as refused:
        compose(document)

    found = [(problem["path"], problem["fault"], problem["expected"]) for problem in refused.value.problems]
    assert found == problems
    assert {fault for _, fault, _ in found} <= set(FAULTS)
    assert {expected for _, fault, expected in found if fault == "wrong_type"} <= set(EXPECTED)


def _no_such_text(rules: Rules) -> list[Problem]:
    return [Problem(f"texts.es.{key}", "unknown_key") for key in rules.texts.get("es", {}) if key != "start.hello"]


def test_what_types_cannot_say_is_checked_too_and_for_every_successor() -> None:
    rules = compose({"texts": {"es": {"start.hello": "Hola"}}}, check=_no_such_text)

    with pytest.raises(WrongRule, match="helo"):
        compose({"texts": {"es": {"start.helo": "Hola"}}}, check=_no_such_text)
    with pytest.raises(WrongRule, match="helo"):
        rules.successor({"texts": {"es": {"start.helo": "Hola"}}}, 2)
    assert rules.successor({"flags": {"registration": False}}, 2).version == 2


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("limits.purchase.count", ("limits", "purchase", "count")),
        ("flags", ("flags",)),
        ("texts.es.start.hello", ("texts", "es", "start.hello")),
        ("texts", ("texts",)),
        ("", ("",)),
        ("a..b", ("a", "", "b")),
    ],
)
def test_a_dotted_path_is_read_as_steps(path: str, expected: tuple[str, ...]) -> None:
    assert steps(path) == expected


def test_rules_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Rules().limits.purchase.count = 9  # type: ignore[misc]  # that it is refused is the point
