"""What Lucien says of his own accord."""

from collections.abc import Mapping
from typing import Any

from dianabot.screens.callbacks import ShowStory
from dianabot.screens.parts import button
from dianabot.screens.prose import prose
from dianabot.screens.screen import Screen
from dianabot.screens.words import Words


def says(words: Words, arguments: Mapping[str, Any]) -> Screen:
    name = arguments["name"] or words.label("start.stranger")
    return Screen(prose(arguments["said"], name=name), ((button(words, "story", ShowStory()),),))
