"""What people will read: translations that are missing, and texts that Telegram would cut or refuse."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from dianabot.content.finding import Finding, Severity
from dianabot.content.translations import missing
from dianabot.narrative.fragments import beginning
from dianabot.screens.prose import plain, unclosed
from dianabot.vocabulary.world import Text, World, texts

PAGE: Final = 4096
"""Telegram's longest message."""
MOST_PAGES: Final = 3
BUTTON: Final = 64
"""What a phone shows of a button."""

LIMITS: Final[Mapping[tuple[str, str], tuple[int, Severity]]] = {
    ("decisions", "text"): (BUTTON, "warning"),
    ("options", ""): (BUTTON, "warning"),
    ("fragments", "title"): (128, "warning"),
    ("levels", "name"): (BUTTON, "warning"),
    ("items", "name"): (BUTTON, "warning"),
    ("items", "description"): (1024, "warning"),
    ("hints", "title"): (BUTTON, "warning"),
    ("hints", "text"): (PAGE, "error"),
    ("combinations", "text"): (PAGE, "error"),
    ("templates", "text"): (PAGE, "error"),
    ("plans", "name"): (32, "error"),  # an invoice's title
    ("plans", "description"): (255, "error"),  # an invoice's description
}
_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_]\w*)\}")


def is_seen(text: str) -> bool:
    """Telegram refuses a button, and a message, on which nothing is to be seen."""
    return any(unicodedata.category(character)[0] not in "ZC" for character in text)


def written(world: World) -> Iterator[Finding]:
    yield from missing(world)
    for path, text in texts(world):
        for language in world.languages:
            if language in text:
                yield from _limits(path, language, text[language])


def _limits(path: str, language: str, text: str) -> Iterator[Finding]:
    kind, field = _kind(path)
    shown = text if kind == "plans" else plain(text, name="{name}")  # an invoice shows marks as they are
    size = len(shown)
    if not is_seen(shown):
        yield Finding("blank_text", "error", path, {"language": language})
        return
    for mark, word in unclosed(text) if kind != "plans" else ():
        yield Finding("unclosed_mark", "warning", path, {"language": language, "mark": mark, "word": word})
    if (kind, field) == ("fragments", "text"):
        if size > PAGE * MOST_PAGES:
            pages = -(-size // PAGE)
            yield Finding("long_text", "warning", path, {"language": language, "length": size, "pages": pages})
        for name in dict.fromkeys(_PLACEHOLDER.findall(text)):
            if name != "name":
                yield Finding("unknown_placeholder", "warning", path, {"language": language, "name": name})
        return
    limit, severity = LIMITS.get((kind, field), (PAGE, "error"))
    if size > limit:
        values = {"language": language, "length": size, "limit": limit}
        yield Finding("text_too_long", severity, path, values)


def _kind(path: str) -> tuple[str, str]:
    """`fragments.hall.decisions.open.text` is the text of a decision."""
    parts = path.split(".")
    if "options" in parts:
        return "options", ""
    return (parts[-3], parts[-1]) if len(parts) > 2 else (path, "")


def gives_all_away(text: str) -> bool:
    """Whether what anybody may read of a VIP fragment is all of it."""
    return beginning(text) == text.strip()


def clubs(world: World) -> Iterator[Finding]:
    """Walls of the club: is there a way in, and something to read before it?"""
    walls = [fragment for fragment in world.fragments if fragment.vip and not fragment.draft]
    if walls and not world.plans:
        path = f"fragments.{walls[0].key}.vip"
        yield Finding("vip_without_offer", "warning", path, {"fragment": walls[0].key, "count": len(walls)})
    for fragment in walls:
        yield from _previews(f"fragments.{fragment.key}.text", fragment.text)


def _previews(path: str, text: Text) -> Iterator[Finding]:
    for language, words in text.items():
        if gives_all_away(words):
            yield Finding("vip_without_preview", "warning", path, {"language": language})
