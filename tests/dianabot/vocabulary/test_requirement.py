"""What a requirement may say, and what is answered when it says something else."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianabot.vocabulary.conditions import CONDITIONS, From, Languages, Until
from dianabot.vocabulary.document import EXPECTED, FAULTS, WrongDocument
from dianabot.vocabulary.requirement import Requirement, dump, kinds_named, parse

SPRING = "2026-04-01T00:00:00+02:00"
SUMMER = "2026-07-01T00:00:00+00:00"

Documents: TypeAlias = st.SearchStrategy[dict[str, Any]]

instants = st.integers(946_684_800, 4_102_444_800).map(lambda at: datetime.fromtimestamp(at, UTC).isoformat())
languages = st.lists(st.sampled_from(["es", "en"]), min_size=1, max_size=3)
leaves: Documents = st.fixed_dictionaries({"from": instants}, optional={"languages": languages})


def _combined(parts: Documents) -> Documents:
    several = st.lists(parts, min_size=1, max_size=3)
    optional = {"languages": languages, "until": instants, "all": several, "any": several, "not": parts}
    return st.fixed_dictionaries({}, optional=optional)


documents: Documents = _combined(leaves | _combined(leaves).filter(bool))

KEYS = ", ".join([*sorted(CONDITIONS), "all", "any", "not"])


def test_a_requirement_is_typed_and_its_instants_are_utc() -> None:
    requirement = parse({"from": SPRING, "languages": ["es", "en", "es"], "not": {"until": SUMMER}})

    assert requirement == Requirement(
        (From(datetime(2026, 3, 31, 22, tzinfo=UTC)), Languages(("en", "es"))),
        never=Requirement((Until(datetime(2026, 7, 1, tzinfo=UTC)),)),
    )


def test_the_empty_requirement_is_valid_and_names_nothing() -> None:
    assert parse({}) == Requirement()
    assert dump(Requirement()) == {}
    assert kinds_named(Requirement()) == frozenset()


@pytest.mark.parametrize(
    ("document", "problems"),
    [
        ([], [("", "wrong_type", "object")]),
        (None, [("", "wrong_type", "object")]),
        ({1: 2}, [("", "wrong_type", "object")]),
        ({"level": 3}, [("level", "unknown_key", KEYS)]),
        ({"min_level": "3"}, [("min_level", "wrong_type", "whole_number")]),
        ({"min_level": True}, [("min_level", "wrong_type", "whole_number")]),
        ({"min_besitos": 0}, [("min_besitos", "out_of_range", "≥ 1")]),
        ({"vip_required": 1}, [("vip_required", "wrong_type", "yes_or_no")]),
        ({"required_items": {"lamp": 0, "Key!": 1}}, [
            ("required_items.Key!", "not_allowed", "text"), ("required_items.lamp", "out_of_range", "≥ 1")]),
        ({"required_hints": []}, [("required_hints", "empty", "")]),
        ({"required_decisions": ["hall.open", 3]}, [("required_decisions[1]", "wrong_type", "text")]),
        ({"variables": {}}, [("variables", "empty", "")]),
        ({"variables": {"Trust": 1}}, [("variables.Trust", "not_allowed", "text")]),
        ({"variables": {"trust": {">": "a lot"}}}, [("variables.trust.>", "wrong_type", "whole_number")]),
        ({"variables": {"trust": {"≥": 2}}}, [("variables.trust.≥", "unknown_key", "= != < <= > >=")]),
        ({"languages": "es"}, [("languages", "wrong_type", "list")]),
        ({"languages": []}, [("languages", "empty", "")]),
        ({"languages": ["es", "fr", 3]}, [
            ("languages[1]", "not_one_of", "es, en"), ("languages[2]", "not_one_of", "es, en")]),
        ({"from": 5}, [("from", "wrong_type", "instant")]),
        ({"from": "soon"}, [("from", "wrong_type", "instant")]),
        ({"from": "2026-04-01T00:00:00"}, [("from", "wrong_type", "instant")]),
        ({"until": "0001-01-01T00:00:00+14:00"}, [("until", "wrong_type", "instant")]),
        ({"from": SUMMER, "until": SPRING}, [("until", "never_true", "")]),
        ({"from": SUMMER, "until": SUMMER}, [("until", "never_true", "")]),
        ({"all": {}}, [("all", "wrong_type", "list")]),
        ({"any": []}, [("any", "empty", "")]),
        ({"not": {}}, [("not", "empty", "")]),
        ({"all": [{}, 7]}, [("all[0]", "empty", ""), ("all[1]", "wrong_type", "object")]),
        ({"any": [{"not": {"x": 1}}]}, [
            ("any[0].not.x", "unknown_key", KEYS)]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_by_its_path(document: object, problems: list[tuple[str, str, str]]) -> None:
    with pytest.raises(WrongDocument) as refused:
        parse(document)

    found = [(problem["path"], problem["fault"], problem["expected"]) for problem in refused.value.problems]
    assert found == problems
    assert refused.value.document == "requirement"
    assert {fault for _, fault, _ in found} <= set(FAULTS)
    assert {expected for _, fault, expected in found if fault == "wrong_type"} <= set(EXPECTED)


def test_everything_wrong_is_named_at_once_and_where_it_stands_in_the_larger_document() -> None:
    with pytest.raises(WrongDocument) as refused:
        parse({"level": 1, "languages": ["xx"], "all": [{"from": "x"}]}, at="fragments.intro.requirement")

    assert [problem["path"] for problem in refused.value.problems] == [
        "fragments.intro.requirement.languages[0]",
        "fragments.intro.requirement.level",
        "fragments.intro.requirement.all[0].from",
    ]


def test_nesting_ends_somewhere() -> None:
    document: dict[str, object] = {"languages": ["es"]}
    for _ in range(7):
        document = {"not": document}
    parse(document)

    with pytest.raises(WrongDocument) as refused:
        parse({"all": [document]})

    assert refused.value.problems[0]["fault"] == "too_deep"


def test_only_the_kinds_named_are_asked_for_however_deep() -> None:
    assert kinds_named(parse({"from": SPRING})) == frozenset()
    assert kinds_named(parse({"any": [{"from": SPRING}, {"not": {"languages": ["es"]}}]})) == {"person"}


@given(documents)
def test_what_is_written_back_is_read_the_same(document: dict[str, object]) -> None:
    requirement = parse(document)

    assert parse(dump(requirement)) == requirement


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["languages", "from", "until", "all", "any", "not", "vip"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_document_is_read_or_refused_and_nothing_else(document: object) -> None:
    requirement = None
    with suppress(WrongDocument):
        requirement = parse(document)
    if requirement is not None:
        assert parse(dump(requirement)) == requirement
