"""Marked stretches of a text, counted in code points inside and in UTF-16 units towards the bot."""

from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int
    type: str
    more: dict[str, Any] = field(default_factory=dict, compare=False)

    def shifted(self, by: int, limit: int) -> "Span":
        return replace(self, start=max(0, self.start + by), end=min(limit, self.end + by))


class ParseError(ValueError):
    """The markup is broken; the text says how, in Telegram's words."""


def in_order(spans: list[Span]) -> list[Span]:
    return sorted(spans, key=lambda span: (span.start, -span.end))


def utf16_offsets(text: str) -> list[int] | None:
    """Offset of every code point in UTF-16 units; None where both counts are the same."""
    if not text or max(text) < "\U00010000":
        return None
    offsets = [0]
    for char in text:
        offsets.append(offsets[-1] + (2 if char > "\uffff" else 1))
    return offsets


def byte_offset(text: str, position: int) -> int:
    return len(text[:position].encode("utf-8", "surrogatepass"))
