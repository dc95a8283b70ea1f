"""What a person is shown, as plain data. How it reaches her is the bot's affair, the studio's or Lucien's."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from dianabot.screens.callbacks import Callback

MOST_TEXT: Final = 4096
MOST_CAPTION: Final = 1024
MOST_LABEL: Final = 64
MOST_NOTICE: Final = 200

_TAG: Final = re.compile(r"<[^>]*>")
_ENTITY: Final = re.compile(r"&(?:lt|gt|amp|quot|#\d+);")
_PIECE: Final = re.compile(f"{_TAG.pattern}|{_ENTITY.pattern}|.", re.DOTALL)
_PARTINGS: Final = ("\n\n", "\n", " ")


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
    return [text] if shown_length(text) <= most else _marked(_cut(text, most))


def _marked(cut: Iterable[str]) -> list[str]:
    """Close on each page what is open at its end, and open it again on the next; a page of blanks is left out."""
    found: list[str] = []
    still: list[str] = []
    for page in cut:
        begun = "".join(still)
        for tag in _TAG.findall(page):
            if tag.startswith("</"):
                still.pop()
            else:
                still.append(tag)
        closing = "".join(f"</{tag.strip('<>').split()[0]}>" for tag in reversed(still))
        if _TAG.sub("", page).strip():
            found.append(f"{begun}{page}{closing}")
    return found


def _cut(text: str, most: int) -> Iterator[str]:
    """As much as fits on each page, up to the last parting in it; tags stay where they stand, and take no room."""
    shown = [piece.start() for piece in _PIECE.finditer(text) if not _TAG.fullmatch(piece[0])]
    start = 0
    while (first := bisect_left(shown, start)) + most < len(shown):
        end = after = shown[first + most]
        for parting in _PARTINGS:
            last = text.rfind(parting, start, end + len(parting))
            if last >= 0:
                end, after = last, last + len(parting)
                break
        yield text[start:end]
        start = after
    yield text[start:]
