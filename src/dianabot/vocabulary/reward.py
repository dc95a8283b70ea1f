"""The reward (*recompensa*): a closed document of gifts of several kinds, given together and once per cause.

One gift class a key, added to `GIFTS` by the slice that can give it; until then its key is refused when the document
is read. The empty reward is valid and gives nothing.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeAlias

from dianabot.vocabulary.document import Json, Place


class Gift(ABC):
    """What stands under one key: read, written back, and added to another of its kind."""

    key: ClassVar[str]

    @classmethod
    @abstractmethod
    def read(cls, value: object, place: Place) -> Self | None:
        """None when something is wrong, which `place` has then been told."""

    @abstractmethod
    def write(self) -> Json: ...

    @abstractmethod
    def plus(self, other: Self) -> Self: ...


Known: TypeAlias = Mapping[str, type[Gift]]

GIFTS: Known = {}


@dataclass(frozen=True, slots=True)
class Reward:
    gifts: tuple[Gift, ...] = ()
    """At most one of a kind, in the order of their keys."""

    def __bool__(self) -> bool:
        return bool(self.gifts)

    def __add__(self, other: "Reward") -> "Reward":
        """Both at once: amounts add up, sets join."""
        merged: dict[str, Any] = {gift.key: gift for gift in self.gifts}
        for gift in other.gifts:
            merged[gift.key] = merged[gift.key].plus(gift) if gift.key in merged else gift
        return Reward(tuple(merged[key] for key in sorted(merged)))


def parse(document: object, *, at: str = "", known: Known = GIFTS) -> Reward:
    """Read it whole or refuse with `WrongDocument`."""
    place = Place(at)
    gifts: list[Gift] = []
    table = place.table(document) or {}
    for key in sorted(table):
        if key not in known:
            place.key(key).wrong("unknown_key", ", ".join(sorted(known)))
            continue
        gift = known[key].read(table[key], place.key(key))
        if gift is not None:
            gifts.append(gift)
    place.refuse_if_wrong("reward")
    return Reward(tuple(gifts))


def dump(reward: Reward) -> dict[str, Any]:
    return {gift.key: gift.write() for gift in reward.gifts}
