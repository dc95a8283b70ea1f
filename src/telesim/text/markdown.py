"""`parse_mode=MarkdownV2`, and the old `Markdown` that bots still send."""

import re

from telesim.text.html import link
from telesim.text.spans import ParseError, Span, byte_offset

PAIRS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler"}
RESERVED = "_*[]()~`>#+-=|{}.!"
LINK = re.compile(r"\]\(((?:\\.|[^)\\])*)\)")


class _Writer:
    """The text so far and the marks that are still open."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.out: list[str] = []
        self.spans: list[Span] = []
        self.open: list[tuple[str, int, int]] = []

    def toggle(self, mark: str, position: int) -> None:
        if self.open and self.open[-1][0] == mark:
            _, start, _ = self.open.pop()
            if len(self.out) > start:
                self.spans.append(Span(start, len(self.out), PAIRS[mark]))
        else:
            self.open.append((mark, len(self.out), position))

    def finish(self) -> tuple[str, list[Span]]:
        if self.open:
            mark, _, position = self.open[-1]
            kind = PAIRS.get(mark, "link").capitalize()
            raise ParseError(f"Can't find end of {kind} entity at byte offset {byte_offset(self.source, position)}")
        return "".join(self.out), [span for span in self.spans if span.start < span.end]


def _code(writer: _Writer, position: int, *, escapes: bool) -> int:
    source = writer.source
    fence = "```" if source.startswith("```", position) else "`"
    start = position + len(fence)
    language = ""
    if fence == "```":
        named = re.compile(r"([^\s`]*)\n").match(source, start)
        if named:
            language, start = named[1], named.end()
    end = source.find(fence, start)
    while escapes and end > 0 and source[end - 1] == "\\":
        end = source.find(fence, end + 1)
    if end < 0:
        kind = "Pre" if fence == "```" else "Code"
        raise ParseError(f"Can't find end of {kind} entity at byte offset {byte_offset(source, position)}")
    inner = source[start:end]
    begin = len(writer.out)
    writer.out.extend(re.sub(r"\\([`\\])", r"\1", inner) if escapes else inner)
    if inner:
        kind = "pre" if fence == "```" else "code"
        writer.spans.append(Span(begin, len(writer.out), kind, {"language": language} if language else {}))
    return end + len(fence)


def _close_link(writer: _Writer, position: int) -> int:
    _, start, _ = writer.open.pop()
    match = LINK.match(writer.source, position)
    url = re.sub(r"\\(.)", r"\1", match[1]) if match else "".join(writer.out[start:])
    span = link(start, len(writer.out), url)
    if span is not None and span.end > span.start:
        writer.spans.append(span)
    return match.end() if match else position + 1


def parse_v2(source: str) -> tuple[str, list[Span]]:
    writer = _Writer(source)
    position = 0
    quote: int | None = None
    while position < len(source):
        char = source[position]
        line_start = position == 0 or source[position - 1] == "\n"
        if line_start and char == ">":
            quote = len(writer.out) if quote is None else quote
            position += 1
            continue
        if line_start and quote is not None:
            writer.spans.append(Span(quote, len(writer.out) - 1, "blockquote"))
            quote = None
        position = _step_v2(writer, position)
    if quote is not None:
        writer.spans.append(Span(quote, len(writer.out), "blockquote"))
    return writer.finish()


def _step_v2(writer: _Writer, position: int) -> int:
    source = writer.source
    char = source[position]
    if char == "\\" and position + 1 < len(source) and source[position + 1] < "\x7f":
        writer.out.append(source[position + 1])
        return position + 2
    if char == "`":
        return _code(writer, position, escapes=True)
    for mark in ("__", "||", "*", "_", "~"):
        if source.startswith(mark, position):
            writer.toggle(mark, position)
            return position + len(mark)
    if char == "[" or source.startswith("![", position):
        writer.open.append(("[", len(writer.out), position))
        return position + (1 if char == "[" else 2)
    if char == "]" and writer.open and writer.open[-1][0] == "[":
        return _close_link(writer, position)
    if char in RESERVED:
        raise ParseError(f"Character '{char}' is reserved and must be escaped with the preceding '\\'")
    writer.out.append(char)
    return position + 1


def parse_v1(source: str) -> tuple[str, list[Span]]:
    writer = _Writer(source)
    position = 0
    while position < len(source):
        char = source[position]
        following = source[position + 1 : position + 2]
        if char == "\\" and following and following in "_*`[":
            writer.out.append(following)
            position += 2
        elif char == "`":
            position = _code(writer, position, escapes=False)
        elif char in "*_" and not (writer.open and writer.open[-1][0] != char):
            writer.toggle(char, position)
            position += 1
        elif char == "[" and not writer.open:
            writer.open.append(("[", len(writer.out), position))
            position += 1
        elif char == "]" and writer.open and writer.open[-1][0] == "[":
            position = _close_link(writer, position)
        else:
            writer.out.append(char)
            position += 1
    return writer.finish()
