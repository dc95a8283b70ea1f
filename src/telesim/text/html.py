"""HTML as `parse_mode=HTML` reads it."""

import re
from dataclasses import dataclass, field
from typing import Any

from telesim.text.spans import ParseError, Span, byte_offset

PLAIN = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "pre": "pre", "code": "code", "blockquote": "blockquote",
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
ATTRIBUTE = re.compile(r"""\s*([^\s=/>"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?""")
REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]{1,8})|#([0-9]{1,8})|([a-z]{2,4}));?")


@dataclass(slots=True)
class Open:
    tag: str
    start: int
    at: int
    attributes: dict[str, str] = field(default_factory=dict)


def parse(source: str) -> tuple[str, list[Span]]:
    """The text without its tags, and what the tags said; `ParseError` in Telegram's words."""
    out: list[str] = []
    size = 0
    spans: list[Span] = []
    stack: list[Open] = []
    position = 0
    while position < len(source):
        mark = _next_mark(source, position)
        if mark > position:
            out.append(source[position:mark])
            size += mark - position
            position = mark
        elif source[position] == "&":
            char, position = _reference(source, position)
            out.append(char)
            size += len(char)
        elif source.startswith("</", position):
            position = _close(source, position, stack, spans, size)
        else:
            opened, position = _open(source, position, size)
            stack.append(opened)
    if stack:
        raise ParseError(f'Can\'t find end tag corresponding to start tag "{stack[-1].tag}"')
    return "".join(out), _code_blocks(spans)


def _next_mark(source: str, position: int) -> int:
    found = [at for at in (source.find("<", position), source.find("&", position)) if at >= 0]
    return min(found, default=len(source))


def _reference(source: str, position: int) -> tuple[str, int]:
    match = REFERENCE.match(source, position)
    if match is None:
        return "&", position + 1
    hexadecimal, decimal, name = match.groups()
    if name is not None:
        return (NAMED[name], match.end()) if name in NAMED else ("&", position + 1)
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if code == 0 or code >= 0x10FFFF or 0xD800 <= code < 0xE000:
        return "&", position + 1
    return chr(code), match.end()


def _open(source: str, position: int, size: int) -> tuple[Open, int]:
    offset = byte_offset(source, position)
    name = re.compile(r"[^\s>]*").match(source, position + 1)
    tag = (name.group() if name else "").lower()
    end = position + 1 + len(tag)
    if end >= len(source):
        raise ParseError(f"Unclosed start tag at byte offset {offset}")
    if tag not in PLAIN and tag not in {"a", "span", "tg-emoji"}:
        raise ParseError(f'Unsupported start tag "{tag}" at byte offset {offset}')
    attributes: dict[str, str] = {}
    while True:
        match = ATTRIBUTE.match(source, end)
        if match is None:
            break
        key, double, single, bare = match.groups()
        attributes[key.lower()] = _decoded(double or single or bare or "")
        end = match.end()
    end += len(source[end:]) - len(source[end:].lstrip())
    if end >= len(source) or source[end] != ">":
        raise ParseError(f"Unclosed start tag at byte offset {offset}")
    if tag == "span" and attributes.get("class") != "tg-spoiler":
        raise ParseError(f'Tag "span" must have class "tg-spoiler" at byte offset {offset}')
    return Open(tag, size, end + 1, attributes), end + 1


def _decoded(value: str) -> str:
    out: list[str] = []
    position = 0
    while position < len(value):
        if value[position] == "&":
            char, position = _reference(value, position)
            out.append(char)
        else:
            out.append(value[position])
            position += 1
    return "".join(out)


def _close(source: str, position: int, stack: list[Open], spans: list[Span], size: int) -> int:
    offset = byte_offset(source, position)
    end = source.find(">", position)
    if end < 0:
        raise ParseError(f"Unclosed end tag at byte offset {offset}")
    tag = source[position + 2 : end].strip().lower()
    if not stack:
        raise ParseError(f"Unexpected end tag at byte offset {offset}")
    opened = stack.pop()
    if tag and tag != opened.tag:
        raise ParseError(f'Unmatched end tag at byte offset {offset}, expected "</{opened.tag}>", found "</{tag}>"')
    span = _span(opened, size, source[opened.at : position])
    if span is not None and span.end > span.start:
        spans.append(span)
    return end + 1


def _span(opened: Open, end: int, inner: str) -> Span | None:
    more: dict[str, Any] = {}
    kind = PLAIN.get(opened.tag, "spoiler")
    if opened.tag == "a":
        return link(opened.start, end, opened.attributes.get("href") or _decoded(inner))
    if opened.tag == "tg-emoji":
        kind = "custom_emoji"
        more = {"custom_emoji_id": opened.attributes.get("emoji-id", "")}
        if not more["custom_emoji_id"].isdigit():
            raise ParseError("Invalid custom emoji identifier specified")
    elif opened.tag == "blockquote" and "expandable" in opened.attributes:
        kind = "expandable_blockquote"
    elif opened.tag == "code" and opened.attributes.get("class", "").startswith("language-"):
        more = {"language": opened.attributes["class"].removeprefix("language-")}
    return Span(opened.start, end, kind, more)


def link(start: int, end: int, url: str) -> Span | None:
    """A link, a mention by id, or nothing when the address is none."""
    mention = re.fullmatch(r"tg://user/?\?id=(\d+)", url)
    if mention:
        return Span(start, end, "text_mention", {"user_id": int(mention[1])})
    if re.match(r"(?:https?|tg|ton|tonsite)://\S", url, re.IGNORECASE):
        return Span(start, end, "text_link", {"url": url if url.count("/") > 2 or "?" in url else url + "/"})
    if re.fullmatch(r"[\w.-]+\.\w{2,}(?:[/?#]\S*)?", url):
        return Span(start, end, "text_link", {"url": f"http://{url}" + ("" if "/" in url else "/")})
    return None


def _code_blocks(spans: list[Span]) -> list[Span]:
    """`<pre><code class="language-x">` is one block with a language; a language elsewhere means nothing."""
    blocks = {(span.start, span.end) for span in spans if span.type == "pre"}
    inside = {(span.start, span.end): span for span in spans if span.type == "code"}
    result: list[Span] = []
    for span in spans:
        place = (span.start, span.end)
        if span.type == "pre" and place in inside:
            result.append(Span(*place, "pre", inside[place].more))
        elif span.type == "code":
            if place not in blocks:
                result.append(Span(*place, "code"))
        else:
            result.append(span)
    return result
