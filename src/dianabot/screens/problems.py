"""When it cannot be: a refusal with its reason, and kind words for what is our fault."""

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from dianabot.kernel.errors import Refusal
from dianabot.screens.lacking import lacking
from dianabot.screens.parts import way_back
from dianabot.screens.screen import Screen
from dianabot.screens.words import Words
from dianabot.vocabulary.document import EXPECTED
from dianabot.vocabulary.missing import Missing

_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


def refused(words: Words, refusal: Refusal) -> Screen:
    return Screen(words(refusal_key(words, refusal), **_told(words, refusal)), way_back(words))


def refusal_notice(words: Words, refusal: Refusal) -> str:
    """The same as plain text, to stand over a button."""
    return words.label(refusal_key(words, refusal), **_told(words, refusal))


def refusal_key(words: Words, refusal: Refusal) -> str:
    """`NotEnoughBesitos` is found under `refusals.not_enough_besitos`."""
    key = f"refusals.{_CAPITAL.sub('_', refusal.code).lower()}"
    return key if words.has(key) else "refusals.otherwise"


def away(words: Words) -> Screen:
    return Screen(words("problems.away"))


def sorry(words: Words, arguments: Mapping[str, Any]) -> Screen:
    """The code finds the line in the log."""
    return Screen(words("problems.sorry", code=arguments["code"]), way_back(words))


def _told(words: Words, refusal: Refusal) -> dict[str, object]:
    """The refusal's values as a person reads them: lists as lists, and waits in whole seconds, which are counted."""
    told: dict[str, object] = {}
    for name, value in refusal.values.items():
        if isinstance(value, list | tuple):
            told[name] = ", ".join(dict.fromkeys(_item(words, one) for one in value))
        else:
            told[name] = value
    if isinstance(wait := refusal.values.get("wait"), int | float):
        told["count"] = max(1, math.ceil(wait))
    return told


def _item(words: Words, one: object) -> str:
    """An entry of a list; the problems of a document are told with their place, what is missing in its words."""
    if not isinstance(one, Mapping):
        return str(one)
    if "what" in one:
        return lacking(words, Missing.from_json(dict(one)))
    fault, expected = one["fault"], one["expected"]
    if expected in EXPECTED:
        expected = words.label(f"expected.{expected}")
    return words.label(f"faults.{fault}", path=one["path"] or "·", expected=expected).removesuffix("()").rstrip(" :")
