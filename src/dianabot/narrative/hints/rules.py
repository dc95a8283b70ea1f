"""What combining hints may come to: without a database."""

from collections.abc import Iterable

from dianabot.kernel.errors import Refusal


class HintNotFound(Refusal):
    """She has found no hint of that key."""

    key: str


class NothingComesOfIt(Refusal):
    """These hints make nothing together."""


class AlreadyCombined(Refusal):
    """She has put these together before."""

    key: str


def together(keys: Iterable[str], hers: frozenset[str]) -> list[str]:
    """The keys as a combination names them: each once, in order. All must be hers, and two at least."""
    distinct = sorted(set(keys))
    for key in distinct:
        if key not in hers:
            raise HintNotFound(key)
    if len(distinct) < 2:
        raise NothingComesOfIt
    return distinct
