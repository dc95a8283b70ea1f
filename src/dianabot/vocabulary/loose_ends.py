"""The least that is asked of a world before it is published: it holds what it names. The checker asks more."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from dianabot.vocabulary import requirement, reward
from dianabot.vocabulary.condition import Ref
from dianabot.vocabulary.document import Problem, WrongDocument
from dianabot.vocabulary.gifts import SetVariables
from dianabot.vocabulary.world import Document, Fragment, World

Named: TypeAlias = tuple[str, Ref]
"""Where, and what is named there."""
Names: TypeAlias = Callable[[Document, str], frozenset[Ref]]

NAMED_BY: Final[Mapping[str, str]] = {
    "fragment": "fragment", "left": "fragment", "ending": "fragment", "decision": "decision", "hint": "hint",
    "item": "item",
}  # fmt: skip
"""What the fields of an event name that a template waits for."""


def loose_ends(world: World) -> list[Problem]:
    """Keys that name nothing which is published, and documents that cannot be read."""
    told = [fragment for fragment in world.fragments if not fragment.draft]
    known = {
        "fragment": {fragment.key for fragment in told},
        "decision": {f"{fragment.key}.{way.key}" for fragment in told for way in fragment.decisions},
        "item": {item.key for item in world.items},
        "hint": {hint.key for hint in world.hints},
        "variable": {variable.name for variable in world.variables},
    }
    problems: list[Problem] = []
    named = [*_keys(world, told)]
    for path, names, document in _documents(world, told):
        try:
            found = names(document, path)
        except WrongDocument as wrong:
            problems += [Problem(one["path"], one["fault"], one["expected"]) for one in wrong.problems]  # type: ignore[arg-type]  # it was written from one
        else:
            named += [(path, ref) for ref in sorted(found, key=lambda ref: (ref.kind, ref.key))]
    problems += [Problem(path, "names_nothing", ref.key) for path, ref in named if ref.key not in known[ref.kind]]
    return problems


def _asked(document: Document, at: str) -> frozenset[Ref]:
    return requirement.refs(requirement.parse(document, at=at))


def _given(document: Document, at: str) -> frozenset[Ref]:
    return reward.refs(reward.parse(document, at=at))


def _keys(world: World, told: list[Fragment]) -> Iterator[Named]:
    for fragment in told:
        if fragment.if_gone is not None:
            yield f"fragments.{fragment.key}.if_gone", Ref("fragment", fragment.if_gone)
        for way in fragment.decisions:
            yield f"fragments.{fragment.key}.decisions.{way.key}.to", Ref("fragment", way.to)
    for combination in world.combinations:
        yield from ((f"combinations.{combination.key}.hints", Ref("hint", hint)) for hint in combination.hints)
    for template in world.templates:
        for field in sorted(template.where.keys() & NAMED_BY.keys()):
            yield f"templates.{template.key}.where.{field}", Ref(NAMED_BY[field], str(template.where[field]))


def _documents(world: World, told: list[Fragment]) -> Iterator[tuple[str, Names, Document]]:
    for fragment in told:
        at = f"fragments.{fragment.key}"
        yield f"{at}.requirement", _asked, fragment.requirement
        yield f"{at}.reward", _given, fragment.reward
        for way in fragment.decisions:
            here = f"{at}.decisions.{way.key}"
            yield f"{here}.requirement", _asked, way.requirement
            yield f"{here}.reward", _given, way.reward
            yield here, _given, {SetVariables.key: way.variables} if way.variables else {}
    for combination in world.combinations:
        yield f"combinations.{combination.key}.reward", _given, combination.reward
    for item in world.items:
        yield f"items.{item.key}.unlocks", _given, item.unlocks
    for template in world.templates:
        yield f"templates.{template.key}.requirement", _asked, template.requirement
