"""The reward (*recompensa*): a closed document of gifts of several kinds, given together and once per cause.

A key that no gift speaks for is refused when the document is read. The empty reward is valid and gives nothing.
"""

from dataclasses import dataclass
from typing import Any, Final

from dianabot.vocabulary.condition import Ref
from dianabot.vocabulary.document import Place
from dianabot.vocabulary.gift import Gift
from dianabot.vocabulary.gifts import GIFTS, Known


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


NOTHING: Final = Reward()


def parse(document: object, *, at: str = "", known: Known = GIFTS) -> Reward:
    """Read it whole or refuse with `WrongDocument`."""
    if document == {}:
        return NOTHING
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


def refs(reward: Reward) -> frozenset[Ref]:
    """Everything of the world that it names."""
    return frozenset(ref for gift in reward.gifts for ref in gift.refs())
