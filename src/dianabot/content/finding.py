"""What is remarked about content: by reading it, checking it, or carrying it over from elsewhere."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from dianabot.content.sources import Sources
from dianabot.screens.words import Words
from dianabot.vocabulary.document import EXPECTED

Severity = Literal["error", "warning", "note"]
GRAVITY: Final[Mapping[Severity, int]] = {"error": 0, "warning": 1, "note": 2}

_NUMBER: Final = re.compile(r"\[\d+\]$")
_EXAMPLES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("requirement", "any", "all", "not"), "{required_items: [rose]}"),
    **dict.fromkeys(("reward", "unlocks"), "{besitos: 10}"),
    "variables": '{trust: "+1"}',
}
"""What may stand there, by the name of the place."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Its words are in the locales, under `findings.<code>`; an error keeps a world from being published."""

    code: str
    severity: Severity
    path: str = ""
    """Of the place in the world: `fragments.hall.decisions.open.to`."""
    values: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    line: int = 0
    """Of the file, from 1; 0 when it concerns no line."""

    def to_json(self, words: Words) -> dict[str, Any]:
        return {
            "severity": self.severity,
            "code": self.code,
            "path": self.path,
            "file": self.file,
            "line": self.line,
            "says": said(words, self),
            "values": dict(self.values),
        }


def said(words: Words, finding: Finding) -> str:
    """One sentence; a document that is wrong speaks with the words of its fault."""
    values: dict[str, Any] = {"path": finding.path or finding.file or "·", **finding.values}
    if "fault" in values:
        expected = values.get("expected", "")
        values["expected"] = words.label(f"expected.{expected}") if expected in EXPECTED else expected
        if expected == "object" and (example := _EXAMPLES.get(_NUMBER.sub("", values["path"]).rpartition(".")[2])):
            values["expected"] = words.label("expected.object_like", example=example)
        return words.label(f"faults.{values['fault']}", **values).removesuffix(" ()")
    for name in ("kind", "what", "outcome"):
        if words.has(named := f"kinds.{values.get(name)}"):
            values[name] = words.label(named)
    return words.label(f"findings.{finding.code}", **values)


def located(findings: Iterable[Finding], sources: Sources | None) -> list[Finding]:
    """Each with its file and line, the gravest first, then as they stand in the files."""
    placed = []
    for finding in findings:
        path = f"{finding.path}.{finding.values['language']}" if "language" in finding.values else finding.path
        place = sources.at(path) if sources and not finding.file else None
        placed.append(replace(finding, file=place[0], line=place[1]) if place else finding)
    return sorted(placed, key=lambda one: (GRAVITY[one.severity], one.file, one.line, one.path, one.code))


def has_errors(findings: Iterable[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)
