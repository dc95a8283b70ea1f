"""YAML as packs use it: plain data, with the line of every value.

Words stay words (`No`, `on`, `2026-01-01`), as YAML 1.2 has it; what could surprise or do harm is refused: tags,
anchors and aliases, a key said twice, a second document, anything deeper than a pack ever is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn, TypeAlias

import yaml

from dianabot.content.finding import Finding
from dianabot.vocabulary.keys import UNSTORABLE

Loc: TypeAlias = tuple[str | int, ...]
DEEPEST: Final = 40
LONGEST_NUMBER: Final = 18
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as fast where the wheel has it."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_WHOLE: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL: Final = re.compile(r"[-+]?[0-9]+\.[0-9]*([eE][-+][0-9]+)?")
_FAULTS: Final[dict[str, tuple[str, bool]]] = {
    "did not find expected key": ("out_of_line", False),
    "did not find expected '-' indicator": ("out_of_line", False),
    "mapping values are not allowed in this context": ("second_colon", False),
    "could not find expected ':'": ("no_colon", True),
    "did not find expected ',' or '}'": ("open_brace", True),
    "did not find expected ',' or ']'": ("open_brace", True),
    "found unexpected end of stream": ("open_quote", True),
    "found character that cannot start any token": ("sign_first", False),
    "did not find expected alphabetic or numeric character": ("sign_first", False),
    "did not find expected comment or line break": ("text_beside_bar", False),
}
"""What the parser says: its name among the words of creators (`kinds`), and whether the place is where it began."""
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file says. `value` is None when it could not be read, and the findings say why."""

    value: Any = None
    lines: dict[Loc, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def by_part(self) -> dict[Loc, list[Loc]]:
        """The places within each entry of the document, and within each entry of its lists."""
        found: dict[Loc, list[Loc]] = {}
        for loc in self.lines:
            for depth in (1, 2):
                if len(loc) >= depth:
                    found.setdefault(loc[:depth], []).append(loc)
        return found


class _Unreadable(Exception):  # noqa: N818 - not an error of ours
    def __init__(self, code: str, line: int, **values: object) -> None:
        super().__init__(code)
        self.code, self.line, self.values = code, line, values


def parse(raw: bytes, file: str) -> Parsed:
    """Never raises; a file that is no YAML yields its first fault alone."""
    text = ""
    try:
        text = decoded(raw)
        reading = _Reading(text, file)
        value = reading.document()
    except _Unreadable as fault:
        return Parsed(findings=[Finding(fault.code, "error", "", fault.values, file, fault.line)])
    except yaml.YAMLError as error:
        return Parsed(findings=[_not_yaml(error, text, file)])
    return Parsed(value, reading.lines, reading.findings)


def decoded(raw: bytes) -> str:
    """UTF-8, with or without its mark, without control characters."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _Unreadable("wrong_encoding", 1)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Unreadable("wrong_encoding", 1 + raw.count(b"\n", 0, error.start)) from None
    if control := _CONTROL.search(text):
        code = f"U+{ord(control.group()):04X}"
        raise _Unreadable("control_character", 1 + text.count("\n", 0, control.start()), character=code)
    return text


def read_text(raw: bytes, file: str) -> tuple[str, list[Finding]]:
    """A file that is no YAML, under the same rules."""
    try:
        return decoded(raw), []
    except _Unreadable as fault:
        return "", [Finding(fault.code, "error", "", fault.values, file, fault.line)]


def _not_yaml(error: yaml.YAMLError, text: str, file: str) -> Finding:
    reason = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "?")
    fault, where_it_began = _FAULTS.get(reason, (reason, False))
    marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
    if where_it_began:
        marks.reverse()
    line = next((mark.line + 1 for mark in marks if mark is not None), 1)
    lines = text.splitlines()
    there = lines[line - 1] if line <= len(lines) else ""
    if "\t" in there[: len(there) - len(there.lstrip())]:
        return Finding("tab_indents", "error", "", {}, file, line)
    return Finding("not_yaml", "error", "", {"what": fault}, file, line)


def _changes(loc: Loc) -> bool:
    """Whether a variable changes there; in a requirement it is compared."""
    return loc[-2:-1] == ("variables",) and "requirement" not in loc


class _Reading:
    """One pass over the events of one file."""

    def __init__(self, text: str, file: str) -> None:
        self.lines: dict[Loc, int] = {}
        self.findings: list[Finding] = []
        self._file = file
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)

    def document(self) -> Any:
        next(self._events)  # the stream begins
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise _Unreadable("empty_file", 1)
        value = self._value(next(self._events), ())
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise _Unreadable("second_document", after.start_mark.line + 1)
        if value is None:
            raise _Unreadable("empty_file", 1)
        return value

    def _value(self, event: Any, loc: Loc) -> Any:
        line = event.start_mark.line + 1
        self.lines.setdefault(loc, line)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._refuse("anchor", line)
        if len(loc) > DEEPEST:
            self._refuse("too_deep", line, deepest=DEEPEST)
        if event.tag is not None and event.tag != "!":
            self._refuse("tag", line, tag=event.tag)
        if isinstance(event, yaml.ScalarEvent):
            if not event.implicit[0]:
                return self._text(event.value, line)
            if event.value[:1] == "+" and _WHOLE.fullmatch(event.value) and _changes(loc):
                values = {"name": loc[-1], "number": event.value, "set": event.value[1:]}
                self.findings.append(Finding("plus_unquoted", "warning", "", values, self._file, line))
            return self._plain(event.value)
        return self._list(loc) if isinstance(event, yaml.SequenceStartEvent) else self._table(loc)

    def _list(self, loc: Loc) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._value(event, (*loc, len(found))))
        return found

    def _table(self, loc: Loc) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent) or event.anchor is not None or event.tag is not None:
                self._refuse("no_plain_key", line)
            key = self._text(event.value, line)
            here = (*loc, key)
            if key in found:
                self.findings.append(
                    Finding("key_twice", "error", "", {"name": key, "first": self.lines[here]}, self._file, line)
                )
                self._value(next(self._events), (*loc, f"{key} again, in line {line}"))
                continue
            self.lines[here] = line
            found[key] = self._value(next(self._events), here)
        return found

    def _plain(self, written: str) -> Any:
        if written in _WORDS:
            return _WORDS[written]
        if len(written) <= LONGEST_NUMBER and _WHOLE.fullmatch(written):
            return int(written)
        return float(written) if _DECIMAL.fullmatch(written) else written

    def _text(self, written: str, line: int) -> str:
        if unstorable := UNSTORABLE.search(written):
            raise _Unreadable("control_character", line, character=f"U+{ord(unstorable.group()):04X}")
        return written

    def _refuse(self, code: str, line: int, **values: object) -> NoReturn:
        raise _Unreadable(code, line, **values)
