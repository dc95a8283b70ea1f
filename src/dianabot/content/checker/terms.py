"""A requirement as alternatives: each a list of single things that must all hold, or must all not hold.

So one rule answers for every combinator, and a contradiction is seen inside its alternative.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

from dianabot.vocabulary.condition import Condition
from dianabot.vocabulary.conditions import (
    AllOf,
    From,
    Languages,
    MinBesitos,
    MinLevel,
    MinStreak,
    RequiredItems,
    Until,
    Variables,
    VipRequired,
    compares,
)
from dianabot.vocabulary.keys import Value
from dianabot.vocabulary.requirement import Requirement

MOST_TERMS = 256
"""Of a requirement; more are not looked at."""

Need: TypeAlias = int | float | tuple[str, ...] | tuple[str, Value]


@dataclass(frozen=True, slots=True)
class Literal:
    """One thing that must hold, or (`yes` is False) must not."""

    kind: str
    """`hint`, `item`, `variable`, `fragment`, `decision`, `unlocked`, `level`, `besitos`, `streak`, `vip`,
    `language` or `time`."""
    key: str = ""
    need: Need = 1
    yes: bool = True


Term: TypeAlias = tuple[Literal, ...]
Terms: TypeAlias = tuple[Term, ...]
"""Alternatives; none at all means never, one empty alternative always."""

ALWAYS: Terms = ((),)
VIP = Literal("vip")


class TooMany(Exception):  # noqa: N818 - says what happened
    """More alternatives than are looked at."""


def terms(requirement: Requirement) -> Terms:
    """Its alternatives, or `TooMany`."""
    parts: list[Terms] = [(_literals(requirement.conditions),)]
    parts += [terms(part) for part in requirement.every]
    if requirement.either:
        parts.append(_one_of(terms(part) for part in requirement.either))
    if requirement.never is not None:
        parts.append(_opposite(requirement.never))
    return all_of(parts)


def _opposite(requirement: Requirement) -> Terms:
    options: list[Terms] = [((replace(each, yes=not each.yes),),) for each in _literals(requirement.conditions)]
    options += [_opposite(part) for part in requirement.every]
    if requirement.either:
        options.append(all_of([_opposite(part) for part in requirement.either]))
    if requirement.never is not None:
        options.append(terms(requirement.never))
    return _one_of(options)


def all_of(parts: Sequence[Terms]) -> Terms:
    number = 1
    for part in parts:
        number *= len(part)
    if number > MOST_TERMS:
        raise TooMany
    return tuple(tuple(literal for term in chosen for literal in term) for chosen in product(*parts))


def _one_of(options: Iterable[Terms]) -> Terms:
    found = tuple(dict.fromkeys(term for option in options for term in option))
    if len(found) > MOST_TERMS:
        raise TooMany
    return found


def _literals(conditions: Iterable[Condition]) -> Term:
    found: list[Literal] = []
    for condition in conditions:
        match condition:
            case AllOf():
                found += [Literal(condition.about, key) for key in condition.keys]
            case RequiredItems(quantities):
                found += [Literal("item", key, number) for key, number in quantities]
            case Variables(comparisons):
                found += [Literal("variable", name, (sign, value)) for name, sign, value in comparisons]
            case MinLevel(number) | MinBesitos(number) | MinStreak(number):
                found.append(Literal(_AMOUNTS[condition.key], "", number))
            case VipRequired(vip):
                found.append(Literal("vip", yes=vip))
            case Languages(languages):
                found.append(Literal("language", "", languages))
            case From(instant):
                found.append(Literal("time", "", instant.timestamp()))
            case Until(instant):
                found.append(Literal("time", "", instant.timestamp(), yes=False))
    return tuple(found)


_AMOUNTS: Mapping[str, str] = {MinLevel.key: "level", MinBesitos.key: "besitos", MinStreak.key: "streak"}


def contradiction(term: Term, languages: Sequence[str]) -> str | None:
    """What its own words make impossible, whoever the reader is."""
    least: dict[tuple[str, str], float] = {}
    below: dict[tuple[str, str], float] = {}
    vip: set[bool] = set()
    spoken = set(languages)
    for literal in term:
        named = (literal.kind, literal.key)
        if literal.kind == "vip":
            vip.add(literal.yes)
        elif literal.kind == "language" and isinstance(literal.need, tuple):
            spoken = spoken & set(literal.need) if literal.yes else spoken - {str(each) for each in literal.need}
        elif literal.kind != "variable" and isinstance(literal.need, int | float):
            if literal.yes:
                least[named] = max(least.get(named, literal.need), literal.need)
            else:
                below[named] = min(below.get(named, literal.need), literal.need)
    if len(vip) == 2:
        return "vip"
    if not spoken:
        return "language"
    crossed = [
        " ".join(filter(None, named)) for named, number in least.items() if number >= below.get(named, number + 1)
    ]
    return crossed[0] if crossed else _crossed_comparisons(term)


def _crossed_comparisons(term: Term) -> str | None:
    """The variable of which no value at all meets its comparisons."""
    asked: dict[str, list[Literal]] = {}
    for literal in term:
        if literal.kind == "variable":
            asked.setdefault(literal.key, []).append(literal)
    for name, literals in asked.items():
        if len(literals) > 1 and not any(all(meets(value, each) for each in literals) for value in witnesses(literals)):
            return name
    return None


def witnesses(literals: Iterable[Literal]) -> list[Value | None]:
    """Values among which one meets the comparisons if any value does."""
    found: list[Value | None] = [True, False, "\x00", 0]
    for literal in literals:
        _, value = comparison(literal)
        found.append(value)
        if type(value) is int:
            found += [value - 1, value + 1]
    return found


def comparison(literal: Literal) -> tuple[str, Value]:
    assert isinstance(literal.need, tuple)
    sign, value = literal.need
    return str(sign), value


def meets(value: Value | None, literal: Literal) -> bool:
    sign, need = comparison(literal)
    return compares(value, sign, need) == literal.yes
