"""What a member lacks: everything at once, each with how far she is, and (once added) the ways to get it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dianabot.vocabulary.condition import Demand, Plain
from dianabot.vocabulary.requirement import Requirement
from dianabot.vocabulary.standing import Standing

ONE_OF = "any"

THINGS = {
    "required_items": "item",
    "required_fragments": "fragment",
    "required_decisions": "decision",
    "required_hints": "hint",
}
"""The kind of thing that `which` names, by the requirement's key."""
FOUND = frozenset({"required_items", "required_hints"})
"""What lies somewhere, and is got there."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to get what is missing: what kind of step, and which one (a key, a place, an instant)."""

    kind: str
    which: str

    def to_json(self) -> dict[str, str]:
        return {"kind": self.kind, "which": self.which}


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing.

    `what` is the requirement's key, `which` the thing it is about, `have` of `need` how far she is. `opposite` means
    that she must not meet it. With `what == "any"` each of `options` would be enough, each being all that is missing
    on that path; no option at all means that nobody can ever meet it.
    """

    what: str
    need: Plain = None
    have: Plain = None
    which: str | None = None
    opposite: bool = False
    options: "tuple[tuple[Missing, ...], ...]" = ()
    ways: tuple[Way, ...] = ()

    def with_ways(self, *ways: Way) -> "Missing":
        return replace(self, ways=ways)

    def with_options(self, options: "Sequence[Sequence[Missing]]") -> "Missing":
        return replace(self, options=tuple(tuple(option) for option in options))

    def to_json(self) -> dict[str, Any]:
        """Only what says something: it is stored with refusals."""
        said: dict[str, Any] = {"what": self.what, "need": _plain(self.need), "have": _plain(self.have)}
        if self.which is not None:
            said["which"] = self.which
        if self.opposite:
            said["opposite"] = True
        if self.what == ONE_OF:
            said["options"] = [[missing.to_json() for missing in option] for option in self.options]
        if self.ways:
            said["ways"] = [way.to_json() for way in self.ways]
        return said

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "Missing":
        return cls(
            said["what"],
            _hashable(said["need"]),
            _hashable(said["have"]),
            said.get("which"),
            opposite=said.get("opposite", False),
            options=tuple(tuple(cls.from_json(each) for each in option) for option in said.get("options", ())),
            ways=tuple(Way(**way) for way in said.get("ways", ())),
        )


def missing(requirement: Requirement, standing: Standing) -> list[Missing]:
    """Everything that is missing, in the author's order and each thing once; empty exactly when it holds.

    `all` lists what each of its parts lacks. `any` lacks nothing when one part holds, else one thing with the parts as
    options. `not` is carried inwards (De Morgan), so that it too names single things: not(a and b) lacks "one of: not
    a, not b", and not(not a) lacks what a lacks.
    """
    return _lacking(requirement, standing)


def _lacking(requirement: Requirement, standing: Standing) -> list[Missing]:
    lacking = [
        _missing(condition.key, demand)
        for condition in requirement.conditions
        for demand in condition.demands(standing)
        if not demand.holds
    ]
    for part in requirement.every:
        lacking += _lacking(part, standing)
    if requirement.either:
        lacking += _one_of([_lacking(part, standing) for part in requirement.either])
    if requirement.never is not None:
        lacking += _lacking_opposite(requirement.never, standing)
    return list(dict.fromkeys(lacking))


def _lacking_opposite(requirement: Requirement, standing: Standing) -> list[Missing]:
    """What is missing for it not to hold: one of its demands has to fail."""
    options = [
        [_missing(condition.key, demand, opposite=True)] if demand.holds else []
        for condition in requirement.conditions
        for demand in condition.demands(standing)
    ]
    options += [_lacking_opposite(part, standing) for part in requirement.every]
    if requirement.either:
        every = [each for part in requirement.either for each in _lacking_opposite(part, standing)]
        options.append(list(dict.fromkeys(every)))
    if requirement.never is not None:
        options.append(_lacking(requirement.never, standing))
    return _one_of(options)


def _one_of(options: Sequence[Sequence[Missing]]) -> list[Missing]:
    if not all(options):
        return []
    different = tuple(dict.fromkeys(tuple(option) for option in options))
    return list(different[0]) if len(different) == 1 else [Missing(ONE_OF, options=different)]


def _missing(what: str, demand: Demand, *, opposite: bool = False) -> Missing:
    return Missing(what, demand.need, demand.have, demand.which, opposite)


def _plain(value: Plain) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _hashable(value: Any) -> Plain:
    return tuple(value) if isinstance(value, list) else value
