"""An author's light formatting, as Telegram shows it.

`**bold**`, `_italic_`, `||spoiler||`, lines that begin with `> ` are a quote, a blank line parts paragraphs, and
`{name}` is the reader. Everything else is text: it cannot break the message, whatever it is.
"""

import html
import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from dianabot.screens.words import Html

_TAGS: Final = {"**": "b", "_": "i", "||": "tg-spoiler"}
_SIGN_OF: Final = {tag: sign for sign, tag in _TAGS.items()}
_OPENING: Final = re.compile(r"\*(?=\*\S)|_(?=\S)|\|(?=\|\S)")
_SIGNS: Final = {"*": "**", "_": "_", "|": "||"}
_CLOSING: Final = {
    "**": re.compile(r"\*(?=\*)(?<=\S\*)"),
    "_": re.compile(r"_(?!\w)(?<=\S_)"),
    "||": re.compile(r"\|(?=\|)(?<=\S\|)"),
}
_AT_EDGE: Final = re.compile(r"_(?<=\S_)")
_WORD: Final = re.compile(r"\w")
_BEGINS: Final = re.compile(
    r"""(?<![^\s“"'‘«‹¡¿(\[—–*|_])"""  # nothing before it, or what may stand before a word
    r"""((?<!\*)\*\*(?!\*)|(?<!\|)\|\|(?!\|)|(?<!_)_(?!_))"""
    r"""(?=(?:\*\*|\|\||_)?[“"'‘«‹¡¿(\[{—–…]*([^\W_]+))"""
)
_QUOTE: Final = "> "
_PARTING: Final = re.compile(r"\n[ \t]*\n\s*")


def prose(written: str, *, name: str) -> Html:
    paragraphs = _PARTING.split(written.replace("\r\n", "\n").strip("\n"))
    return Html("\n\n".join(_paragraph(paragraph, name) for paragraph in paragraphs if paragraph))


def plain(written: str, *, name: str) -> str:
    """Without its marks: for a button or a list."""
    return "".join(text.replace("{name}", name) for text, _ in _marked(written))


def unclosed(written: str) -> Iterator[tuple[str, str]]:
    """Signs that begin a word as marks do, and never end in their paragraph, each with that word: readers see them."""
    for paragraph in _PARTING.split(written.replace("\r\n", "\n")):
        marks, at = set(), 0
        for text, tag in _marked(paragraph):
            marks.add(at := at + len(text))
            at += len(_SIGN_OF.get(tag.strip("</>"), ""))
        for found in _BEGINS.finditer(paragraph):
            if found.start() not in marks:
                yield found[1], found[2]


def _paragraph(written: str, name: str) -> str:
    lines = written.split("\n")
    quoted = all(line.startswith(_QUOTE) for line in lines)
    said = "\n".join(line.removeprefix(_QUOTE) for line in lines) if quoted else written
    shown = "".join(html.escape(text.replace("{name}", name), quote=False) + tag for text, tag in _marked(said))
    return f"<blockquote>{shown}</blockquote>" if quoted else shown


def _marked(written: str) -> Iterator[tuple[str, str]]:
    """Each piece of text with the tag that follows it: from the outside inwards, so tags can never overlap.

    In one walk, whatever is written: an author's page may be long, and everybody waits while it is read.
    """
    closings: dict[str, list[int]] = {}
    inside = [(0, len(written), "")]
    at = 0
    for opening in _OPENING.finditer(written):
        begin, sign = opening.start(), _SIGNS[opening[0]]
        while begin >= inside[-1][1]:
            _, end, closed = inside.pop()
            yield written[at:end], f"</{_TAGS[closed]}>"
            at = end + len(closed)
        first, last, _ = inside[-1]
        if begin < at or (sign == "_" and begin > first and _WORD.match(written, begin - 1)):
            continue
        if sign not in closings:
            closings[sign] = [found.start() for found in _CLOSING[sign].finditer(written)]
        close = _closed(written, closings[sign], begin + len(sign) + 1, last, sign)
        if close is not None:
            yield written[at:begin], f"<{_TAGS[sign]}>"
            at = begin + len(sign)
            inside.append((at, close, sign))
    for _, end, closed in reversed(inside[1:]):
        yield written[at:end], f"</{_TAGS[closed]}>"
        at = end + len(closed)
    yield written[at:], ""


def _closed(written: str, closings: list[int], after: int, last: int, sign: str) -> int | None:
    """Where that mark ends, if it does before `last`; the edge of what is marked is the edge of a word too."""
    place = bisect_left(closings, after)
    if place < len(closings) and closings[place] + len(sign) <= last:
        return closings[place]
    at_edge = sign == "_" and last - 1 >= after and _AT_EDGE.match(written, last - 1)
    return last - 1 if at_edge else None
