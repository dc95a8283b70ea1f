"""What Lucien says of his own accord."""

import html
from collections.abc import Mapping
from typing import Any, Final

from dianabot.narrative.lucien import SET_APART
from dianabot.screens.callbacks import ShowStory
from dianabot.screens.parts import button
from dianabot.screens.prose import prose
from dianabot.screens.screen import Screen
from dianabot.screens.words import Html, Words

_TOGETHER: Final = str.maketrans({apart: html.escape(mark, quote=False) for mark, apart in SET_APART.items()})
"""Once all marks are tags, what stood for one in her name is text again."""


def says(words: Words, arguments: Mapping[str, Any]) -> Screen:
    name = arguments["name"] or words.label("start.stranger")
    said = Html(prose(arguments["said"], name=name).translate(_TOGETHER))
    return Screen(said, ((button(words, "story", ShowStory()),),))
