"""How many of an item she may have: without a database."""

import unicodedata

from dianabot.kernel.errors import Refusal
from dianabot.vocabulary.keys import MOST


class NotEnoughItems(Refusal):
    """She has fewer of them than this takes."""

    key: str
    have: int
    need: int


class NoSuchItem(Refusal):
    """No item is called so."""

    key: str


def added(have: int, quantity: int, *, unique: bool) -> int:
    """How many more she gets: of a unique one never a second."""
    _check(quantity)
    return max(0, min(quantity, (1 if unique else MOST) - have))


def left(key: str, have: int, quantity: int) -> int:
    _check(quantity)
    if quantity > have:
        raise NotEnoughItems(key, have, quantity)
    return have - quantity


def place_of(name: str, key: str) -> tuple[str, str]:
    """Where a name stands in the alphabet, accents aside."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)), key


def _check(quantity: int) -> None:
    """Callers have read their input: anything else is a defect of theirs."""
    if not 1 <= quantity <= MOST:
        message = f"nobody moves {quantity!r} items"
        raise ValueError(message)
