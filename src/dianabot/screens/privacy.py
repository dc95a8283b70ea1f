"""A person's own data: taken along, or forgotten."""

import json
from collections.abc import Mapping
from typing import Any

from dianabot.screens.callbacks import Erase, ShowSettings
from dianabot.screens.parts import button, way_back
from dianabot.screens.screen import File, Screen
from dianabot.screens.words import Words


def export(words: Words, data: Mapping[str, Any]) -> Screen:
    content = json.dumps(data, ensure_ascii=False, indent=2).encode("utf-8", "replace")
    return Screen(
        words("export.caption"),
        way_back(words, ShowSettings()),
        notice=words.label("export.notice"),
        file=File("dianabot.json", content),
    )


def ask_erase(words: Words, nonce: str) -> Screen:
    """The nonce makes a double tap one act."""
    rows = ((button(words, "erase_yes", Erase(nonce)),), (button(words, "erase_no", ShowSettings()),))
    return Screen(words("erase.ask"), rows)


def erased(words: Words) -> Screen:
    """Without buttons: nobody is known here any more who could press them."""
    return Screen(words("erase.done"))
