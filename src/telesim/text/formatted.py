"""A text with its entities, from whatever the sender wrote."""

from dataclasses import dataclass, field
from typing import Any, Literal

from telesim.errors import bad_request
from telesim.text import html, markdown
from telesim.text.found import find
from telesim.text.spans import ParseError, Span, in_order, utf16_offsets

PARSERS = {"html": html.parse, "markdownv2": markdown.parse_v2, "markdown": markdown.parse_v1}
GIVEN = frozenset({
    "bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre",
    "text_link", "text_mention", "custom_emoji",
})  # fmt: skip
"""Entity types that a sender decides; all others are found in the text."""
CONTROL = dict.fromkeys([*range(9), *range(11, 32), 0x7F], " ") | {0x0D: None}
SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
"""In code points and after parsing, as Telegram counts."""


@dataclass(frozen=True, slots=True)
class Formatted:
    text: str
    entities: list[dict[str, Any]] = field(default_factory=list)

    def content(self, name: Literal["text", "caption"] = "text") -> dict[str, Any]:
        """As a part of a message."""
        entities = "entities" if name == "text" else "caption_entities"
        return {name: self.text, entities: self.entities} if self.entities else {name: self.text}


def formatted(text: str, parse_mode: str | None = None, entities: list[dict[str, Any]] | None = None) -> Formatted:
    """Parse, clean, trim, and find what Telegram finds; broken markup is a Bad Request."""
    if not text.isascii():
        text = text.translate(SURROGATES)
    if parse_mode:
        parse = PARSERS.get(parse_mode.lower())
        if parse is None:
            raise bad_request("unsupported parse_mode")
        try:
            text, spans = parse(text)
        except ParseError as error:
            raise bad_request(f"can't parse entities: {error}") from error
    else:
        spans = _given(text, entities or [])
    text, spans = _trimmed(text.translate(CONTROL) if not text.isprintable() else text, spans)
    spans = in_order(spans + find(text, spans))
    return Formatted(text, _as_entities(text, spans))


def _given(text: str, entities: list[dict[str, Any]]) -> list[Span]:
    if not entities:
        return []
    offsets = utf16_offsets(text) or list(range(len(text) + 1))
    place = {offset: index for index, offset in enumerate(offsets)}
    spans = []
    for entity in entities:
        kind, start, size = entity["type"], entity["offset"], entity["length"]
        if kind not in GIVEN or size <= 0 or start < 0 or start >= offsets[-1]:
            continue
        end = min(start + size, offsets[-1])
        if start not in place or end not in place:
            raise bad_request("can't parse entities: entity begins or ends in the middle of a UTF-16 symbol")
        more = {key: value for key, value in entity.items() if key in {"url", "language", "custom_emoji_id"}}
        if kind == "text_mention":
            more["user_id"] = entity.get("user", {}).get("id", 0)
        spans.append(Span(place[start], place[end], kind, more))
    return spans


def _trimmed(text: str, spans: list[Span]) -> tuple[str, list[Span]]:
    """Without white space at its ends: in front only as far as the first entity, behind through entities too."""
    first = min((span.start for span in spans), default=len(text))
    lead = min(len(text) - len(text.lstrip()), first)
    trimmed = text[lead:].rstrip()
    if trimmed == text:
        return text, spans
    moved = (span.shifted(-lead, len(trimmed)) for span in spans)
    return trimmed, [span for span in moved if span.end > span.start]


def _as_entities(text: str, spans: list[Span]) -> list[dict[str, Any]]:
    if not spans:
        return []
    offsets = utf16_offsets(text)
    result = []
    for span in spans:
        start, end = (offsets[span.start], offsets[span.end]) if offsets else (span.start, span.end)
        result.append({"offset": start, "length": end - start, "type": span.type, **span.more})
    return result
