"""How a document that somebody wrote is read: closed, place by place, with everything that is wrong named at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from dianabot.kernel.errors import Refusal

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

Fault = Literal[
    "unknown_key",  # expected: the keys that exist
    "missing_key",  # expected: the key
    "wrong_type",  # expected: one of EXPECTED
    "not_one_of",  # expected: what may stand there
    "out_of_range",  # expected: the bound, such as "≥ 1"
    "empty",  # something must stand there
    "never_true",  # no moment and no member can meet it
    "too_deep",  # expected: how deep it may go
    "names_nothing",  # expected: the key that is not there
    "not_allowed",  # expected: why, as one of EXPECTED where a kind of text was wanted
]
FAULTS: tuple[Fault, ...] = get_args(Fault)

EXPECTED = ("text", "whole_number", "number", "yes_or_no", "list", "object", "instant", "time_zone")
"""What a `wrong_type` may expect; a closed list, so that it has words in every language."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where."""

    path: str
    fault: Fault
    expected: str = ""

    def to_json(self) -> dict[str, str]:
        return {"path": self.path, "fault": self.fault, "expected": self.expected}


class WrongDocument(Refusal):
    """A document that cannot be taken: all its problems, each as `Problem.to_json`."""

    document: str
    problems: list[dict[str, str]]


class Place:
    """A place in a document that is being read, and the problems found in all of it so far."""

    def __init__(self, path: str, problems: list[Problem] | None = None) -> None:
        self.path = path
        self.problems: list[Problem] = [] if problems is None else problems

    def key(self, name: str) -> "Place":
        return Place(f"{self.path}.{name}" if self.path else name, self.problems)

    def item(self, index: int) -> "Place":
        return Place(f"{self.path}[{index}]", self.problems)

    def wrong(self, fault: Fault, expected: str = "") -> None:
        self.problems.append(Problem(self.path, fault, expected))

    def table(self, value: object) -> Mapping[str, object] | None:
        if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
            return value
        self.wrong("wrong_type", "object")
        return None

    def filled_list(self, value: object) -> list[object] | None:
        """A list with something in it."""
        if not isinstance(value, list):
            self.wrong("wrong_type", "list")
            return None
        if not value:
            self.wrong("empty")
            return None
        return value

    def refuse_if_wrong(self, document: str) -> None:
        if self.problems:
            raise WrongDocument(document, [problem.to_json() for problem in self.problems])
