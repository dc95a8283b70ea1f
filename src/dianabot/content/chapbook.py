"""Passages of Chapbook, Twine's third story format: their variables, modifiers and inserts, before the rest is read."""

import re
from dataclasses import dataclass, field
from typing import Final

from dianabot.content.finding import Finding
from dianabot.content.twine_markup import literal, shortened
from dianabot.vocabulary.keys import NAME, Value

_END_OF_VARIABLES: Final = re.compile(r"^--[ \t]*$", re.MULTILINE)
_VARIABLE: Final = re.compile(r"\s*(\w+)\s*:\s*(.+?)\s*")
_MODIFIER: Final = re.compile(r"^\[(?!\[)([^\]\n]+)\][ \t]*$")
_ASIDE: Final = re.compile(r"(?:note(?: to myself)?|n\.?b\.?|fixme|todo|javascript|css)\b", re.IGNORECASE)
"""What such a modifier stands over is not for readers."""
_LINK: Final = re.compile(r"\{link to: *(['\"])([^'\"\n{}]+)\1(?:, *label: *(['\"])([^'\"\n{}]+)\3)?\}")
_INSERT: Final = re.compile(r"\{[A-Za-z_][^{}\n]{0,500}\}")
_BRACKET: Final = re.compile(r"[\[\]]")


@dataclass(slots=True)
class Passage:
    text: str
    """With as many lines as before."""
    variables: dict[str, Value] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def passage(text: str, file: str, line: int) -> Passage:
    """`line` is that of the text's first; what is left out is named in its own."""
    found = Passage("")
    lines = text.split("\n")
    end = _END_OF_VARIABLES.search(text)
    begin = text.count("\n", 0, end.start()) + 1 if end else 0
    aside = False
    kept = []
    for number, written in enumerate(lines):
        modifier = _MODIFIER.match(written) if number >= begin else None
        if modifier:
            aside = bool(_ASIDE.match(modifier.group(1)))
        if number < begin:
            gone = _declared(written, found.variables)
        elif modifier or aside:
            gone = [written] if written.strip() else []
        else:
            written = _LINK.sub(_linked, written)  # noqa: PLW2901 - from here on it is a link like any other
            gone = _INSERT.findall(written)
        rest = "" if number < begin or modifier or aside else _INSERT.sub("", written)
        kept.append("" if gone and not rest.strip("> \t") else rest)
        at = line + number
        found.findings += [Finding("twee_macro", "warning", "", {"code": shortened(one)}, file, at) for one in gone]
    found.text = "\n".join(kept)
    return found


def _declared(written: str, variables: dict[str, Value]) -> list[str]:
    """Keep what begins as a plain value; answers what is left out."""
    if _END_OF_VARIABLES.fullmatch(written):
        return []
    match = _VARIABLE.fullmatch(written)
    value = literal(match.group(2)) if match else None
    if match is None or value is None or not NAME.fullmatch(name := match.group(1).lower()):
        return [written] if written.strip() else []
    variables.setdefault(name, value)
    return []


def _linked(match: re.Match[str]) -> str:
    to, label = match.group(2), match.group(4) or match.group(2)
    return f"[[{_BRACKET.sub('', label)}->{_BRACKET.sub(lambda one: chr(92) + one.group(), to)}]]"
