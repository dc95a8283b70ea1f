"""Twee 3, the format that Twine's stories travel in: passages with a name, tags, a block of data and a text."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from dianabot.content.finding import Finding
from dianabot.vocabulary.world import is_storable

OURS: Final = "dianabot"
"""The key in the data blocks under which a passage carries what Twine knows nothing of."""
TITLE: Final = "StoryTitle"
DATA: Final = "StoryData"
_PART: Final = re.compile(r"\\(.)|([\[{\]])", re.DOTALL)
_SPECIAL: Final = re.compile(r"([\\\[\]{}])")
_BEGINS: Final = re.compile(r"^\\(\\*::)", re.MULTILINE)
"""A line of text that would otherwise begin a passage."""
_NOT_IN_LINE: Final = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Passage:
    name: str
    tags: tuple[str, ...]
    metadata: Mapping[str, Any]
    text: str
    line: int
    """Of its header."""

    @property
    def own(self) -> Mapping[str, Any]:
        """What we put there ourselves, when it was we who wrote the file."""
        found = self.metadata.get(OURS)
        return found if isinstance(found, dict) else {}


def passages(text: str, file: str) -> tuple[list[Passage], list[Finding]]:
    """All of a file; what precedes the first, and names and blocks that are wrong, are named."""
    lines = re.sub(r"\r\n?", "\n", text).split("\n")
    starts = [number for number, line in enumerate(lines) if line.startswith("::")]
    findings = []
    before = next((number for number, line in enumerate(lines[: starts[0] if starts else None]) if line.strip()), None)
    if before is not None:
        findings.append(Finding("twee_before", "warning", "", {}, file, before + 1))
    found: dict[str, Passage] = {}
    for start, end in zip(starts, [*starts, len(lines)][1:], strict=True):
        name, tags, block = _header(lines[start][2:])
        metadata = _block(block)
        if metadata is None:
            findings.append(Finding("twee_json", "error", "", {"passage": name}, file, start + 1))
        if not name or name in found:
            code = "twee_twice" if name else "twee_no_name"
            findings.append(Finding(code, "error", "", {"passage": name}, file, start + 1))
            continue
        body = _BEGINS.sub(r"\1", "\n".join(lines[start + 1 : end]))
        found[name] = Passage(name, tags, metadata or {}, body, start + 1)
    if not starts:
        findings.append(Finding("twee_empty", "error", "", {}, file, 1))
    return list(found.values()), findings


def _header(header: str) -> tuple[str, tuple[str, ...], str]:
    """Name, tags and the block of data; a backslash takes its meaning from the sign after it."""
    cut = next((one.start() for one in _PART.finditer(header) if one.group(2) in {"[", "{"}), len(header))
    name, rest = header[:cut], header[cut:]
    tags = ""
    if rest.startswith("["):
        close = next((one.start() for one in _PART.finditer(rest) if one.group(2) == "]"), len(rest))
        tags, rest = rest[1:close], rest[close + 1 :]
    return _unescaped(name).strip(), tuple(_unescaped(tag) for tag in tags.split()), rest.strip()


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _block(block: str) -> Mapping[str, Any] | None:
    return json_table(block) if block else {}


def json_table(text: str) -> Mapping[str, Any] | None:
    """None when it is no JSON object, or holds text that cannot be kept: an escape may say any."""
    try:
        found = json.loads(text)
        return found if isinstance(found, dict) and is_storable(found) else None
    except (ValueError, RecursionError):
        return None


def written(passage: Passage) -> str:
    """As it stands in a file."""
    tags = f" [{' '.join(_escaped(tag) for tag in passage.tags)}]" if passage.tags else ""
    block = f" {json_line(passage.metadata)}" if passage.metadata else ""
    body = re.sub(r"^(?=\\*::)", r"\\", passage.text, flags=re.MULTILINE)
    return f":: {_escaped(passage.name)}{tags}{block}\n{body}\n"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def json_line(value: Any) -> str:
    """In one line, whatever a reader takes for the end of one."""
    said = json.dumps(value, ensure_ascii=False)
    return _NOT_IN_LINE.sub(lambda one: f"\\u{ord(one.group()):04x}", said)
