"""An author's light formatting, as Telegram shows it.

`**bold**`, `_italic_`, `||spoiler||`, lines that begin with `> ` are a quote, a blank line parts paragraphs, and
`{name}` is the reader. Everything else is text: it cannot break the message, whatever it is.
"""

import html
import re
from collections.abc import Callable
from typing import Final

from dianabot.screens.words import Html

_MARKS: Final = re.compile(
    r"\*\*(?=\S)(?P<b>.+?)(?<=\S)\*\*|(?<!\w)_(?=\S)(?P<i>.+?)(?<=\S)_(?!\w)|\|\|(?=\S)(?P<spoiler>.+?)(?<=\S)\|\|",
    re.DOTALL,
)
_TAGS: Final = {"b": "b", "i": "i", "spoiler": "tg-spoiler"}
_QUOTE: Final = "> "
_PARTING: Final = re.compile(r"\n[ \t]*\n\s*")


def prose(written: str, *, name: str) -> Html:
    paragraphs = _PARTING.split(written.replace("\r\n", "\n").strip("\n"))
    return Html("\n\n".join(_paragraph(paragraph, name) for paragraph in paragraphs if paragraph))


def plain(written: str, *, name: str) -> str:
    """Without its marks: for a button or a list."""
    return _marked(written, lambda _, inner: inner, lambda text: text.replace("{name}", name))


def _paragraph(written: str, name: str) -> str:
    lines = written.split("\n")
    quoted = all(line.startswith(_QUOTE) for line in lines)
    shown = _marked(
        "\n".join(line.removeprefix(_QUOTE) for line in lines) if quoted else written,
        lambda tag, inner: f"<{tag}>{inner}</{tag}>",
        lambda text: html.escape(text.replace("{name}", name), quote=False),
    )
    return f"<blockquote>{shown}</blockquote>" if quoted else shown


def _marked(written: str, dress: Callable[[str, str], str], leave: Callable[[str], str]) -> str:
    """What is marked is dressed, from the outside inwards: tags can never overlap."""
    pieces: list[str] = []
    end = 0
    for found in _MARKS.finditer(written):
        kind = found.lastgroup
        assert kind is not None
        pieces += leave(written[end : found.start()]), dress(_TAGS[kind], _marked(found[kind], dress, leave))
        end = found.end()
    return "".join([*pieces, leave(written[end:])])
