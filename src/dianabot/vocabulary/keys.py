"""Keys, quantities and values as documents of the world write them."""

import re
from collections.abc import Mapping
from typing import TypeAlias

from dianabot.vocabulary.document import Place

KEY = re.compile(r"[a-z0-9_]{1,40}")
"""What content is named by."""
KEYS = re.compile(r"[a-z0-9_]{1,40}(\.[a-z0-9_]{1,40})?")
"""A key, or a key inside another, such as `hall.open_door`."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""What a story variable is called."""
MOST = 1_000_000_000
"""No amount goes beyond it, and no story variable that grows, or as far below 0."""
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What no text may hold: the database knows no NUL, and half a character is none."""

Value: TypeAlias = bool | int | str
"""Of a story variable."""


def within(number: int) -> int:
    """As far as a story variable goes."""
    return max(-MOST, min(MOST, number))


def whole(value: object, place: Place, *, least: int = 1) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        place.wrong("wrong_type", "whole_number")
        return None
    if not least <= value <= MOST:
        place.wrong("out_of_range", f"≥ {least}" if value < least else f"≤ {MOST}")
        return None
    return value


def value_in(value: object, place: Place) -> Value | None:
    if isinstance(value, bool | int):
        if abs(value) <= MOST:
            return value
        place.wrong("out_of_range", f"≤ {MOST}")
        return None
    if isinstance(value, str) and 0 < len(value) <= 200:
        if unstorable := UNSTORABLE.search(value):
            place.wrong("not_allowed", f"U+{ord(unstorable.group()):04X}")
            return None
        return value
    place.wrong("wrong_type", "text")
    return None


def key_in(value: object, place: Place) -> str | None:
    if not isinstance(value, str):
        place.wrong("wrong_type", "text")
        return None
    if KEYS.fullmatch(value) is None:
        place.wrong("not_allowed", "text")
        return None
    return value


def keys_in(value: object, place: Place) -> tuple[str, ...] | None:
    """Keys in a list, each once; one alone may stand without its list."""
    listed = place.filled_list([value] if isinstance(value, str) else value)
    if listed is None:
        return None
    keys = [key_in(each, place.item(index)) for index, each in enumerate(listed)]
    return tuple(dict.fromkeys(key for key in keys if key is not None))


def quantities_in(value: object, place: Place) -> tuple[tuple[str, int], ...] | None:
    """Keys with how many of each; a plain list means one of each."""
    if not isinstance(value, Mapping):
        keys = keys_in(value, place)
        return None if keys is None else tuple((key, 1) for key in sorted(keys))
    if not value:
        place.wrong("empty")
        return None
    found = []
    for key in sorted(value, key=str):
        number = whole(value[key], place.key(str(key)))
        if key_in(key, place.key(str(key))) is not None and number is not None:
            found.append((str(key), number))
    return tuple(found)
