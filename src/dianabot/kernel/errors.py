"""What can go wrong, drawn as a tree.

    Refusal          a person asked for what cannot be; carries data, has words in every language, is stored as outcome
    Unavailable      PostgreSQL (or another need) is away: nothing was done, the same key may ask again
    KeyReused        one key, two different inputs: a defect or an attack at the edge
    OperatorError    wrong settings or a start that cannot be: one sentence for the operator

Anything else is a bug and crashes loudly at the edge.
"""

import dataclasses
from typing import Any, ClassVar, Self, dataclass_transform


@dataclass_transform(frozen_default=True, kw_only_default=False)
class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A clear no. Subclasses are named for what is wrong and are frozen data: `NotEnoughBesitos(have, need)`.

    Every subclass becomes a dataclass by itself and is known by its name, under which it is stored with the
    operation's key and found in the locales.
    """

    known: ClassVar[dict[str, type["Refusal"]]] = {}

    def __init_subclass__(cls) -> None:
        dataclasses.dataclass(eq=False)(cls)
        Refusal.known[cls.__name__] = cls

    @property
    def facts(self) -> tuple[Any, ...]:
        """Facts that stand although the act itself is taken back."""
        return getattr(self, "_facts", ())

    def announcing(self, *facts: Any) -> Self:
        """`raise NotVip().announcing(AccessDenied(...))`."""
        self._facts = facts
        return self

    @property
    def code(self) -> str:
        return type(self).__name__

    @property
    def values(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]  # every subclass is a dataclass, which mypy cannot see here

    def to_json(self) -> dict[str, Any]:
        return {"refused": self.code, **self.values}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        values = dict(stored)
        refusal = Refusal.known[values.pop("refused")](**values)
        assert isinstance(refusal, cls)
        return refusal

    def __str__(self) -> str:
        return f"{self.code}({', '.join(f'{name}={value!r}' for name, value in self.values.items())})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refusal) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash((self.code, repr(self.values)))


class Unavailable(Exception):  # noqa: N818 - a state of the world
    """Something that is needed is away. Nothing was done; asking again with the same key is safe."""


class KeyReused(Exception):  # noqa: N818 - says what happened
    """The same idempotency key came with another name or input."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The key {key!r} was used before for something else.")
        self.key = key


class OperatorError(Exception):
    """One clear sentence for whoever runs the system: what is wrong, and how to mend it."""

    def __init__(self, message: str, *, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code
