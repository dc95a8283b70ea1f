"""What a person is shown, as plain data. How it reaches her is the bot's affair, the studio's or Lucien's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dianabot.screens.callbacks import Callback

MOST_TEXT: Final = 4096
MOST_CAPTION: Final = 1024
MOST_LABEL: Final = 64
MOST_NOTICE: Final = 200

_TAG: Final = re.compile(r"<[^>]*>")
_ENTITY: Final = re.compile(r"&(?:lt|gt|amp|quot|#\d+);")


@dataclass(frozen=True, slots=True)
class Button:
    """One action: a callback of ours, or an address to open."""

    label: str
    callback: Callback | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        assert (self.callback is None) != (self.url is None), "a button does one thing"


@dataclass(frozen=True, slots=True)
class File:
    """Something to keep, made on the spot."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Screen:
    """`text` is Telegram's HTML with everything from people escaped. A `notice` is shown over a tapped button."""

    text: str
    rows: tuple[tuple[Button, ...], ...] = ()
    notice: str | None = None
    file: File | None = None
    picture: str | None = None
    """The sha256 of one that stands above the text."""
    protected: bool = False
    """Neither forwarded nor saved."""

    @property
    def buttons(self) -> Iterator[Button]:
        return (button for row in self.rows for button in row)


def shown_length(text: str) -> int:
    """Code points that are left when tags and entities are read: what Telegram counts."""
    return len(_ENTITY.sub("x", _TAG.sub("", text)))


def pages(text: str, most: int = MOST_TEXT) -> list[str]:
    """Cut at paragraphs, else at lines, words, and in the end anywhere, so that each piece can be sent.

    What is marked across a cut is marked on both sides of it.
    """
    cut = _cut(text, most)
    return cut if len(cut) == 1 else _marked(cut)


def _marked(cut: list[str]) -> list[str]:
    """Close on each page what is open at its end, and open it again on the next."""
    found: list[str] = []
    still: list[str] = []
    for page in cut:
        begun, kept = "".join(still), ""
        end = 0
        for tag in _TAG.finditer(page):
            kept += page[end : tag.start()]
            end = tag.end()
            if not tag[0].startswith("</"):
                still.append(tag[0])
            elif still:
                still.pop()
            else:  # its beginning was lost where an endless word was cut
                continue
            kept += tag[0]
        closing = "".join(f"</{tag.strip('<>').split()[0]}>" for tag in reversed(still))
        found.append(f"{begun}{kept}{page[end:]}{closing}")
    return found


def _cut(text: str, most: int) -> list[str]:
    if shown_length(text) <= most:
        return [text]
    for separator in ("\n\n", "\n", " "):
        parts = text.split(separator)
        if len(parts) > 1:
            return _joined(parts, separator, most)
    plain = _TAG.sub("", text)
    return _chopped(plain, most)


def _joined(parts: list[str], separator: str, most: int) -> list[str]:
    """As many parts on a page as fit."""
    found: list[str] = []
    page = ""
    for part in parts:
        longer = f"{page}{separator}{part}" if page else part
        if shown_length(longer) <= most:
            page = longer
            continue
        if page.strip():
            found.append(page)
        *whole, page = _cut(part, most)
        found.extend(whole)
    if page.strip():
        found.append(page)
    return found


def _chopped(plain: str, most: int) -> list[str]:
    """One endless word; an entity is not cut in two."""
    marks = _ENTITY.split(plain), _ENTITY.findall(plain)
    letters = [letter for text, entity in zip(marks[0], [*marks[1], ""], strict=True) for letter in (*text, entity)]
    letters = [letter for letter in letters if letter]
    return ["".join(letters[start : start + most]) for start in range(0, len(letters), most)]
