"""Overrides are laid at a path, taken away again, and compared."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianabot.rulebook import difference, with_value, without_value

Table = dict[str, Any]

paths = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3)
documents: st.SearchStrategy[Table] = st.lists(st.tuples(paths, st.integers()), max_size=5).map(
    lambda puts: _laid({}, puts)
)


def _laid(document: Table, puts: list[tuple[list[str], int]]) -> Table:
    for path, value in puts:
        document = with_value(document, path, value)
    return document


@pytest.mark.parametrize(
    ("document", "path", "after"),
    [
        ({}, "a", {"a": 9}),
        ({}, "a.b.c", {"a": {"b": {"c": 9}}}),
        ({"a": {"b": 1, "x": 2}}, "a.b", {"a": {"b": 9, "x": 2}}),
        ({"a": 1}, "a.b", {"a": {"b": 9}}),
        ({"a": {"b": 1}}, "a", {"a": 9}),
    ],
)
def test_a_value_is_laid_at_its_path(document: Table, path: str, after: Table) -> None:
    before = repr(document)

    assert with_value(document, path.split("."), 9) == after
    assert repr(document) == before, "the document that runs is never touched"


@pytest.mark.parametrize(
    ("document", "path", "after"),
    [
        ({"a": 1}, "a", {}),
        ({"a": {"b": {"c": 1}}}, "a.b.c", {}),
        ({"a": {"b": 1, "x": 2}}, "a.b", {"a": {"x": 2}}),
        ({"a": {"b": 1}, "x": 2}, "a", {"x": 2}),
        ({"a": 1}, "b", {"a": 1}),
        ({"a": 1}, "a.b", {"a": 1}),
        ({"a": {"b": 1}}, "a.c", {"a": {"b": 1}}),
        ({}, "a.b", {}),
    ],
)
def test_a_value_is_taken_away_with_the_tables_that_it_leaves_empty(document: Table, path: str, after: Table) -> None:
    before = repr(document)

    assert without_value(document, path.split(".")) == after
    assert repr(document) == before


@given(documents, paths, st.integers())
def test_what_was_laid_is_found_there_and_can_be_taken_away(document: Table, path: list[str], value: int) -> None:
    changed = with_value(document, path, value)

    assert difference({}, changed)[".".join(path)] == [None, value]
    assert ".".join(path) not in difference({}, without_value(changed, path))


@given(documents, documents)
def test_a_difference_names_exactly_what_differs(one: Table, two: Table) -> None:
    assert not difference(one, one)
    assert bool(difference(one, two)) == (one != two)
    assert difference(two, one) == {path: [after, before] for path, (before, after) in difference(one, two).items()}


def test_a_difference_lists_single_values_by_their_path() -> None:
    before = {"limits": {"purchase": {"count": 5, "seconds": 60}}, "texts": {}}
    after = {"limits": {"purchase": {"count": 7, "seconds": 60}}, "texts": {"es": {"hi": "Hola"}}}

    assert difference(before, after) == {"limits.purchase.count": [5, 7], "texts.es.hi": [None, "Hola"]}
