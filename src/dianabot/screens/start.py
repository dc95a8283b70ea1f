"""The door and the hall: the greeting, the menu, help, and a kind pointer for whatever nobody asked for."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from dianabot.screens.callbacks import ShowBesitos, ShowHelp, ShowHints, ShowProfile, ShowSettings, ShowStory
from dianabot.screens.parts import Rows, button, way_back
from dianabot.screens.screen import Screen
from dianabot.screens.words import Words

ENGLISH: Final[Mapping[str, str]] = {
    "historia": "story",
    "pistas": "hints",
    "perfil": "profile",
    "ajustes": "settings",
    "ayuda": "help",
}
"""What a command is called to those who read English; its own name works too, in every language."""


def called(words: Words, command: str) -> str:
    return ENGLISH.get(command, command) if words.language == "en" else command


def _doors(words: Words, *, begun: bool) -> Rows:
    return (
        (button(words, "story" if begun else "begin", ShowStory()),),
        (button(words, "hints", ShowHints()), button(words, "besitos", ShowBesitos(0))),
        (button(words, "profile", ShowProfile()), button(words, "settings", ShowSettings())),
        (button(words, "help", ShowHelp()),),
    )


def greeting(words: Words, name: str | None, *, new: bool, begun: bool = False) -> Screen:
    key = "start.welcome" if new else "start.again"
    return Screen(words(key, name=name or words.label("start.stranger")), _doors(words, begun=begun))


def menu(words: Words, *, begun: bool, notice: str | None = None) -> Screen:
    return Screen(words("menu.text"), _doors(words, begun=begun), notice=notice)


def assistance(words: Words, commands: Sequence[str]) -> Screen:
    lines = [words("help.line", command=called(words, name), says=words.label(f"commands.{name}")) for name in commands]
    return Screen("\n\n".join([words("help.text"), "\n".join(lines), words("help.end")]), way_back(words))


def pointer(words: Words, to: Literal["command", "text", "thing"], *, begun: bool) -> Screen:
    """For what we do not know, did not ask for, or cannot read."""
    return Screen(words(f"pointer.{to}"), _doors(words, begun=begun))
