"""The sentences that people read, by language. They live in `locales/*.toml`; the creator may put others in place.

A sentence is Telegram's HTML with `{names}` to fill in, and has the forms `one` and `other` where it counts something.
What is filled in is escaped, always; a label (of a button, a notice, a command) is plain text and is not.
"""

import contextlib
import html
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

from dianabot.members import Language
from dianabot.vocabulary.document import Problem

_FIELD: Final = re.compile(r"\{([a-z_]+)\}")
_TAG: Final = re.compile(r"<(/?)(b|i|u|s|code|pre|a|blockquote|tg-spoiler)( href=\"[^\"<>]*\")?>")
MOST: Final[Mapping[str, int]] = {
    "bot.name": 64,
    "bot.about": 120,
    "bot.description": 512,
    "commands": 256,
    "buttons": 64,
    "languages": 62,  # a button, behind the mark of the chosen one
    "zones": 62,
    "export.caption": 1024,
    "export.notice": 200,
    "language.done": 200,
    "zone.done": 200,
    "pointer.old_button": 200,
    "pointer.stranger": 200,
    "problems.later": 200,
}
"""How long Telegram lets a text be that is more than a message, by its key or its family."""
_STRAY: Final = re.compile(r"[<>]|&(?!(?:lt|gt|amp|quot|#\d+);)")


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


class Sentence:
    """One sentence, cut at its fields once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._pieces = _FIELD.split(text)
        self.fields = frozenset(self._pieces[1::2])

    def html(self, values: Mapping[str, object]) -> Html:
        return Html(self._filled({name: _escaped(values[name]) for name in self.fields}))

    def plain(self, values: Mapping[str, object]) -> str:
        return self._filled({name: str(values[name]) for name in self.fields})

    def _filled(self, values: Mapping[str, str]) -> str:
        if len(self._pieces) == 1:
            return self.text
        pieces = self._pieces.copy()
        pieces[1::2] = [values[name] for name in pieces[1::2]]
        return "".join(pieces)


class Words:
    """One language's sentences, with the creator's own in place of ours where she wrote some, and the reader's hour."""

    def __init__(self, language: Language, instead: Mapping[str, str] | None = None, *, zone: tzinfo = UTC) -> None:
        self.language: Language = language
        self._zone = zone
        self._ours = sentences(language)
        self._instead = instead or {}

    def __call__(self, key: str, /, **values: object) -> Html:
        """The sentence as HTML; `count` chooses the form of one that has forms."""
        return self._sentence(key, values).html(values)

    def label(self, key: str, /, **values: object) -> str:
        """The sentence as plain text."""
        return self._sentence(key, values).plain(values)

    def has(self, key: str) -> bool:
        return key in self._ours or f"{key}.other" in self._ours

    def day(self, on: date) -> str:
        return self.label("dates.day", day=on.day, month=self.label(f"dates.months.{on.month}"), year=on.year)

    def moment(self, at: datetime) -> str:
        """Its day where the reader lives, and its hour unless that is where the day begins."""
        with contextlib.suppress(OverflowError):  # at the end of all time
            at = at.astimezone(self._zone)
        day = self.day(at.date())
        return day if (at.hour, at.minute) == (0, 0) else f"{day}, {at:%H:%M}"

    def _sentence(self, key: str, values: Mapping[str, object]) -> Sentence:
        if key not in self._ours:
            key = f"{key}.{'one' if values['count'] == 1 else 'other'}"
        ours = self._ours[key]
        theirs = self._instead.get(key)
        if theirs is not None:
            instead = _read(theirs)
            if instead.fields <= ours.fields:
                return instead
        return ours


@cache
def sentences(language: Language) -> Mapping[str, Sentence]:
    """All of a language by their dotted key; a form of a counting sentence is a key of its own."""
    text = resources.files("dianabot").joinpath("locales", f"{language}.toml").read_text("utf-8")
    return {key: _read(value) for key, value in _flat("", tomllib.loads(text))}


def check_texts(texts: Mapping[Language, Mapping[str, str]]) -> list[Problem]:
    """What is wrong with sentences that are to stand in for ours, by language and key."""
    found = []
    for language, sentences_instead in texts.items():
        known = sentences(language)
        for key, text in sentences_instead.items():
            path = f"texts.{language}.{key}"
            if key not in known:
                found.append(Problem(path, "unknown_key"))
            elif unknown := _read(text).fields - known[key].fields:
                expected = ", ".join(f"{{{name}}}" for name in sorted(known[key].fields))
                found.append(Problem(path, "not_one_of", expected or f"no {{{min(unknown)}}}"))
            elif not text.strip():
                found.append(Problem(path, "empty"))
            elif (most := MOST.get(key) or MOST.get(key.partition(".")[0])) and len(text) > most:
                found.append(Problem(path, "out_of_range", f"≤ {most}"))
            elif not _well_formed(text):
                found.append(Problem(path, "not_allowed", "text"))
    return found


def _well_formed(text: str) -> bool:
    """Telegram refuses a message whose tags do not match."""
    open_tags: list[str] = []
    for closing, name, _ in _TAG.findall(text):
        if not closing:
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            return False
    return not open_tags and not _STRAY.search(_TAG.sub("", text))


def _flat(prefix: str, found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}", value.strip("\n")


@lru_cache(maxsize=4096)
def _read(text: str) -> Sentence:
    return Sentence(text)


def _escaped(value: object) -> str:
    return value if isinstance(value, Html) else html.escape(str(value), quote=False)
