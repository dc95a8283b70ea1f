"""When it cannot be: a refusal with its reason, and kind words for what is our fault."""

import math
from collections.abc import Mapping
from typing import Any

from dianabot.kernel.errors import Refusal
from dianabot.screens.parts import way_back
from dianabot.screens.screen import Screen
from dianabot.screens.words import Words


def refused(words: Words, refusal: Refusal) -> Screen:
    return Screen(words(refusal_key(words, refusal), **_told(refusal)), way_back(words))


def refusal_notice(words: Words, refusal: Refusal) -> str:
    """The same as plain text, to stand over a button."""
    return words.label(refusal_key(words, refusal), **_told(refusal))


def refusal_key(words: Words, refusal: Refusal) -> str:
    key = f"refusals.{refusal.code}"
    return key if words.has(key) else "refusals.otherwise"


def away(words: Words) -> Screen:
    return Screen(words("problems.away"))


def sorry(words: Words, arguments: Mapping[str, Any]) -> Screen:
    """The code finds the line in the log."""
    return Screen(words("problems.sorry", code=arguments["code"]), way_back(words))


def _told(refusal: Refusal) -> dict[str, object]:
    """The refusal's values as a person reads them: lists as lists, waits in whole seconds, which are counted."""
    told: dict[str, object] = {}
    for name, value in refusal.values.items():
        told[name] = ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
    if isinstance(wait := refusal.values.get("wait"), int | float):
        told["count"] = max(1, math.ceil(wait))
    return told
