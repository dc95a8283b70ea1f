"""A document of overrides, changed by path; which paths and values are right is not known here."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeAlias

from dianabot.kernel.errors import Refusal

Document: TypeAlias = dict[str, Any]
Changed: TypeAlias = dict[str, list[Any]]


class WrongRule(Refusal):
    """Rules that cannot be: every wrong place, each as `vocabulary.document.Problem.to_json`. What runs goes on."""

    problems: list[dict[str, str]]


class RulesMoved(Refusal):
    """Somebody else changed the rules since they were looked at."""

    expected: int
    now: int


class NoSuchRules(Refusal):
    """There never was that version."""

    version: int
    newest: int


class NothingChanged(Refusal):
    """The rules are so already."""

    version: int


def with_value(document: Mapping[str, Any], path: Sequence[str], value: object) -> Document:
    """A copy with `value` at that path, whatever stood in its way."""
    changed = deepcopy(dict(document))
    place = changed
    for step in path[:-1]:
        if not isinstance(place.get(step), dict):
            place[step] = {}
        place = place[step]
    place[path[-1]] = value
    return changed


def without_value(document: Mapping[str, Any], path: Sequence[str]) -> Document:
    """A copy in which that path is not overridden, with no empty tables left behind."""
    step, *rest = path
    if step not in document:
        return dict(document)
    changed = {key: value for key, value in document.items() if key != step}
    if rest and isinstance(document[step], dict):
        inner = without_value(document[step], rest)
        return {**changed, step: inner} if inner else changed
    return changed if not rest else dict(document)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changed:
    """Path -> [before, after] of every single value that differs; None where there was or is nothing."""
    old, new = dict(_values(before)), dict(_values(after))
    return {path: [old.get(path), new.get(path)] for path in sorted(old | new) if old.get(path) != new.get(path)}


def _values(table: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        path = f"{at}.{key}" if at else key
        if isinstance(value, Mapping):
            yield from _values(value, path)
        else:
            yield path, value
