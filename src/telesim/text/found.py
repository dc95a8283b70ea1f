"""What Telegram itself finds in a text: commands, mentions, hashtags, addresses."""

import re

from telesim.text.spans import Span

ADDRESS = (
    r"(?<![\w@./])(?:(?:https?|ftp|tg)://[^\s<>\"]{1,2000}"
    r"|(?:[\w-]{1,63}\.){1,8}(?:com|org|net|me|io|es|info|dev|app|co)(?!\w)(?:[/?#][^\s<>\"]{0,2000})?)"
)
MAIL = r"(?<![\w.+-])[A-Za-z0-9.+_-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,8}\b"
PATTERNS = (
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,256}")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?!\w)")),
    ("email", re.compile(MAIL)),
    ("url", re.compile(ADDRESS)),
)  # fmt: skip
OPAQUE = frozenset({"code", "pre", "text_link", "text_mention"})
HINTS = frozenset("/@#$.:")


def find(text: str, given: list[Span]) -> list[Span]:
    """Entities nobody wrote down; none overlaps another or lies in code or a link."""
    if HINTS.isdisjoint(text):
        return []
    taken = [span for span in given if span.type in OPAQUE]
    found: list[Span] = []
    for kind, pattern in reversed(PATTERNS):
        for match in pattern.finditer(text):
            start, end = match.span()
            if kind == "url":
                end = start + len(match.group().rstrip(".,;:!?)'\""))
            if all(end <= span.start or start >= span.end for span in taken):
                span = Span(start, end, kind)
                taken.append(span)
                found.append(span)
    return found
