"""Pieces that many screens share: buttons by name and the way back."""

from typing import Final

from dianabot.screens.callbacks import Callback, ShowMenu
from dianabot.screens.screen import MOST_LABEL, Button
from dianabot.screens.words import Words

Rows = tuple[tuple[Button, ...], ...]
CUT: Final = "…"
"""What ends a text that goes on."""


def button(words: Words, name: str, callback: Callback) -> Button:
    return Button(words.label(f"buttons.{name}"), callback)


def way_back(words: Words, to: Callback | None = None) -> Rows:
    """The last row of every screen but the menu: one step back, where there is one, and the menu."""
    menu = button(words, "menu", ShowMenu())
    return ((menu,),) if to is None else ((button(words, "back", to), menu),)


def choice(words: Words, label: str, callback: Callback, *, chosen: bool) -> Button:
    return Button(short(words.label("buttons.chosen", label=label) if chosen else label), callback)


def short(label: str) -> str:
    """As much of it as a button holds."""
    return label if len(label) <= MOST_LABEL else f"{label[: MOST_LABEL - 1].rstrip()}{CUT}"


def zone_label(words: Words, zone: str) -> str:
    """A time zone as people call it: one of ours by name, any other by its city."""
    key = f"zones.{zone.lower().replace('/', '_')}"
    return words.label(key) if words.has(key) else zone.rpartition("/")[2].replace("_", " ")
