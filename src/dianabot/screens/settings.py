"""How a person wants to be served: language and time zone."""

from collections.abc import Sequence
from typing import Final

from dianabot.members import LANGUAGES, Profile
from dianabot.screens.callbacks import (
    AskErase,
    ExportMyData,
    HearLucien,
    PickLanguage,
    PickTimeZone,
    ShowLanguages,
    ShowLetters,
    ShowSettings,
    ShowTimeZones,
    TypeTimeZone,
)
from dianabot.screens.parts import Rows, button, choice, way_back, zone_label
from dianabot.screens.profile import zone_of
from dianabot.screens.screen import Screen
from dianabot.screens.words import Words

OFFERED: Final = (
    "Europe/Madrid",
    "Atlantic/Canary",
    "America/Mexico_City",
    "America/Guatemala",
    "America/Bogota",
    "America/Lima",
    "America/Caracas",
    "America/Santiago",
    "America/Argentina/Buenos_Aires",
    "America/New_York",
    "America/Los_Angeles",
    "Europe/London",
)
"""Where most of our people live; everybody else writes her city."""


def settings(words: Words, of: Profile, *, notice: str | None = None) -> Screen:
    language = words.label(f"languages.{of.language}")
    rows: Rows = (
        (button(words, "language", ShowLanguages()), button(words, "time_zone", ShowTimeZones())),
        (button(words, "letters", ShowLetters()),),
        (button(words, "export", ExportMyData()), button(words, "erase", AskErase())),
        *way_back(words),
    )
    return Screen(words("settings.text", language=language, zone=zone_of(words, of)), rows, notice=notice)


def languages(words: Words, of: Profile) -> Screen:
    rows = [
        (choice(words, words.label(f"languages.{language}"), PickLanguage(language), chosen=language == of.language),)
        for language in LANGUAGES
    ]
    return Screen(words("language.text"), (*rows, *way_back(words, ShowSettings())))


def language_chosen(words: Words, of: Profile) -> Screen:
    """`words` are those of the new language."""
    return settings(words, of, notice=words.label("language.done"))


def time_zones(words: Words, of: Profile) -> Screen:
    rows = (*_offered(words, OFFERED, of.time_zone), (button(words, "type_zone", TypeTimeZone()),))
    return Screen(words("zone.text", zone=zone_of(words, of)), (*rows, *way_back(words, ShowSettings())))


def type_time_zone(words: Words) -> Screen:
    return Screen(words("zone.type"), way_back(words, ShowTimeZones()))


def which_time_zone(words: Words, choices: Sequence[str]) -> Screen:
    rows = (*_offered(words, choices, None), (button(words, "type_zone", TypeTimeZone()),))
    return Screen(words("zone.which", count=len(choices)), (*rows, *way_back(words, ShowSettings())))


def unknown_time_zone(words: Words) -> Screen:
    return Screen(words("zone.unknown"), way_back(words, ShowTimeZones()))


def time_zone_chosen(words: Words, of: Profile) -> Screen:
    assert of.time_zone is not None
    return settings(words, of, notice=words.label("zone.done", zone=zone_label(words, of.time_zone)))


def _offered(words: Words, zones: Sequence[str], chosen: str | None) -> Rows:
    buttons = [choice(words, zone_label(words, zone), PickTimeZone(zone), chosen=zone == chosen) for zone in zones]
    return tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))


def letters(words: Words, *, silent: bool, notice: str | None = None) -> Screen:
    """Whether Lucien writes to her unasked."""
    toggle = button(words, "letters_on" if silent else "letters_off", HearLucien(int(silent)))
    text = words("letters.silent" if silent else "letters.writes")
    return Screen(text, ((toggle,), *way_back(words, ShowSettings())), notice=notice)
