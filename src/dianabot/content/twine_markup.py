"""What stories made with Twine write into their texts: links, macros and markup of the common story formats.

Links become decisions and the simplest markup ours. Everything else is taken out and named, line by line.
"""

import html
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from dianabot.content.finding import Finding
from dianabot.vocabulary.keys import NAME, Value

_COMMENT: Final = r"<!--[\s\S]{0,5000}?-->|/\*[\s\S]{0,5000}?\*/|/%[\s\S]{0,5000}?%/"
_ASIDE: Final = re.compile(
    _COMMENT + r'|"""([\s\S]{1,5000}?)"""|\{\{\{([\s\S]{1,5000}?)\}\}\}|<nowiki>([\s\S]{1,5000}?)</nowiki>'
)
_ASIDE_IN_HARLOWE: Final = re.compile(_COMMENT + r"|(?<!`)(`+)(?!`)([\s\S]{1,5000}?)(?<!`)\1(?!`)")
_QUOTED: Final = r"""(?:"[^"\n]*"|'[^'\n]*')"""
_BRACKETS: Final = (
    r"\[\[(?!\[)(?P<inner>(?:\\?\[[^\[\]\n]{0,200}\]|(?!\]\]|\]\[|\[\[)[^\n]){1,2000}+)"
    r"\](?:\[(?P<setter>(?:(?!\]\])[^\n]){0,2000}+)\])?\]"
)
BRACKETS: Final = re.compile(_BRACKETS)
_LINKS: Final = re.compile(
    rf"<<(?:link|button|click)\s+{_BRACKETS}\s*>>(?:(?P<body2>(?:(?!<</|\[\[|<<(?:link|button|click))[\s\S]){{0,2000}}?)<</(?:link|button|click)>>)?"
    rf"|<<(?:link|button|click)\s+(?P<said>{_QUOTED})(?:\s+(?P<to>{_QUOTED}))?\s*>>(?P<body>(?:(?!<</)[\s\S]){{0,2000}}?)<</(?:link|button|click)>>"
    rf"|\((?:link-goto|link-reveal-goto):\s*(?P<a>{_QUOTED})(?:\s*,\s*(?P<b>{_QUOTED}))?\s*\)"
    rf"|\(link(?:-replace|-reveal)?:\s*(?P<c>{_QUOTED})\s*\)\[\s*\((?:go-?to):\s*(?P<d>{_QUOTED})\s*\)\s*\]"
    rf"|<<goto\s+(?P<e>{_QUOTED})\s*>>|\((?:go-?to):\s*(?P<f>{_QUOTED})\s*\)"
    rf"|{_BRACKETS.replace('inner', 'inner2').replace('setter', 'setter2')}"
)
_GOTO: Final = re.compile(rf"<<goto\s+({_QUOTED})\s*>>")
_SETTING: Final = re.compile(r"<<set\s+([^<>]{1,500}?)\s*>>")
_MACROS: Final = re.compile(
    rf"<<(?:{_QUOTED}|(?!>>)[\s\S]){{1,600}}+>>"
    r"|<%[\s\S]{0,2000}?%>"
    r"|\((?:set|put|move|if|unless|else-?if|else|for|loop|link|link-[a-z]+|click|click-[a-z]+|mouseover|display|print"
    r"|live|event|either|random|a|dm|ds|text-style|t8n|transition|text-colou?r|background|font|align|enchant|change"
    r"|replace|append|prepend|show|hook|css|cycling-link|dropdown|input-box|prompt|alert|history|visited|save-game"
    r"|load-game|undo|restart|reload|goto-url|open-url|track|masteraudio|dialog|verbatim|str|num|cond|stop|rerun"
    r"|redirect|icon-[a-z]+|sidebar|box|char-style|hover-style):(?:[^()\n]|\([^()\n]{0,500}\)){0,1000}+\)"
    r"|\(else:\)|\[img\[[^\]\n]{0,500}\](?:\[[^\]\n]{0,500}\])?\]"
    r"|\{(?:embed|reveal|cycling|dropdown|text input|restart|back)[^}\n]{0,300}\}"
    r"|^\[(?:if|unless|else|ifalways|ifnever|continue|cont'd|continued|after|align|note|css|JavaScript)\b"
    r"[^\]\n]*\]$",
    re.MULTILINE | re.IGNORECASE,
)
_VARIABLE: Final = re.compile(r"\$[A-Za-z_]\w*(?:\.\w+)*")
_ANY_VARIABLE: Final = re.compile(
    rf"{_VARIABLE.pattern}|(?<!\w)_[A-Za-z]\w*+(?<!_)(?:\.\w+)*+(?![^_\n]*(?<=\S)_(?!\w))"
)
"""With temporary ones, such as `_temp`; what is `_between two_` is ours."""
_TAG: Final = re.compile(r"</?([a-zA-Z][\w-]*)(?:\s[^<>\n]{0,1000})?/?>")
_KEPT_TAGS: Final = {"b": "**", "strong": "**", "i": "_", "em": "_", "br": "\n", "p": ""}
_BOLD: Final = re.compile(r"''([^'\n]+?)''")
_ITALIC: Final = re.compile(r"(?<![:/])//([^/\n]+?)//")
_CHANGE: Final = re.compile(r"(?:set\s+)?\$(\w+)\s*(?:(?:to|=)\s*(.+)|(\+=|-=)\s*(\d+)|(\+\+|--))")
_STYLED: Final = re.compile(r"@@(?:[^@;\n]{1,200};){0,9}(?:(?=\n)|(?=[^@\n]*@@))|@@")
_STYLES: Final = tuple(
    re.compile(rf"(?<![{before}])({mark})(?=[^\s{sign}])([^\n]{{0,500}}?[^\s{sign}]){mark}(?![{before}])")
    for mark, sign, before in (("==", "=", r"=\w"), (r"\^\^", r"\^", r"\^"), ("~~", "~", "~"), ("__", "_", r"\w"))
)
"""Struck, underlined, raised and lowered, where formats are not written in Markdown."""
_MARKDOWN: Final = {"chapbook", "snowman"}
_HEADING: Final = re.compile(r"^!{1,6}[ \t]*(?=[^\s!])", re.MULTILINE)
_HOOK: Final = re.compile(
    r"\|[\w-]+[>)]\[|\][<(][\w-]+\||[\[\]]|^[ \t]*[{}][ \t]*$|^[ \t]*(?:=+>|<=+>?|=+><=+)[ \t]*$", re.MULTILINE
)
"""Parts of a text that Harlowe names, hides and aligns."""
_OUTSIDE: Final = re.compile(r"(?:https?|mailto|tel|tg):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    to: str
    """The name of a passage."""
    line: int
    code: str
    setter: str = ""

    def plain(self) -> "Link":
        text, to, code, setter = (one.translate(_PLAIN) for one in (self.text, self.to, self.code, self.setter))
        return Link(text, to, self.line, code, setter)


@dataclass(slots=True)
class Body:
    """A passage's text without its links, and what could not be taken."""

    text: str
    links: list[Link] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def body(text: str, file: str, line: int, form: str = "") -> Body:
    """Of somebody else's story. `line` is that of the text's first; `form` the story's format, in small letters."""
    found = Body(text)
    variable = _VARIABLE if form in _MARKDOWN else _ANY_VARIABLE
    reading = _Reading(found, file, line, variable)
    found.text = _kept_in_lines(_ASIDE_IN_HARLOWE if form == "harlowe" else _ASIDE, found.text, reading.aside)
    found.text = _with_lines_left_alone(_LINKS, found.text, reading.link)
    marks = [(_MACROS, reading.macro), (_STYLED, reading.mark), (_TAG, reading.tag), (variable, reading.macro)]
    if form == "harlowe":
        marks.insert(1, (_HOOK, reading.mark))
    if form == "sugarcube":
        marks.append((_HEADING, reading.mark))
    if form not in _MARKDOWN:
        marks += [(style, reading.style) for style in _STYLES]
    for pattern, take in marks:
        found.text = _kept_in_lines(pattern, found.text, take)
    said = html.unescape(_ITALIC.sub(r"_\1_", _BOLD.sub(r"**\1**", found.text)))
    found.text = _tidy(said.replace(_BREAK, "\n")).translate(_PLAIN)
    found.links = [replace(one, text=html.unescape(one.text)).plain() for one in found.links]
    found.findings.sort(key=lambda one: one.line)
    return found


def links(text: str, file: str, line: int) -> list[Link]:
    """Of a text in which nothing but links is markup."""
    found = Body(text)
    _with_lines_left_alone(_LINKS, text, _Reading(found, file, line).link)
    return found.links


_BREAK: Final = "\ue000"
"""Stands for a line break while lines are still counted."""
_GONE: Final = "\ue001"
"""Stands for a link that was alone in its line."""
_SHIELDED: Final = {ord(sign): 0x100000 + ord(sign) for sign in string.punctuation} | {ord("\n"): ord(_BREAK)}
"""Signs that stand for themselves, while others are still read as markup."""
_PLAIN: Final = {shielded: sign for sign, shielded in _SHIELDED.items()}
_LONE: Final = re.compile(rf"^[ \t]*(?:[-*•>][ \t]*)?{_GONE}[ \t]*$\n?", re.MULTILINE)


def _with_lines_left_alone(pattern: re.Pattern[str], text: str, take: Callable[[re.Match[str], int], str]) -> str:
    """A link alone in its line leaves nothing; one in a sentence leaves its words."""

    def said(match: re.Match[str], line: int) -> str:
        words = take(match, line)
        begin = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.end())
        around = text[begin : match.start()].strip(" \t-*•>") + text[match.end() : None if end < 0 else end].strip()
        return words if around and not around.startswith(("[[", "<<", "(link")) else _GONE

    return _kept_in_lines(pattern, text, said)


def _kept_in_lines(pattern: re.Pattern[str], text: str, take: Callable[[re.Match[str], int], str]) -> str:
    """Replace, with as many lines after as before, so that they can still be counted."""
    pieces, at, line = [], 0, 0
    for match in pattern.finditer(text):
        line += text.count("\n", at, match.start())
        pieces += [text[at : match.start()], take(match, line), "\n" * match.group().count("\n")]
        line += match.group().count("\n")
        at = match.end()
    return "".join([*pieces, text[at:]])


def _tidy(text: str) -> str:
    text = re.sub(r"\\\n", "", _LONE.sub("", text).replace(_GONE, ""))  # a line that goes on in the next
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)).strip()


class _Reading:
    def __init__(self, found: Body, file: str, line: int, variable: re.Pattern[str] = _VARIABLE) -> None:
        self._found, self._file, self._line, self._variable = found, file, line, variable

    def link(self, match: re.Match[str], line: int) -> str:
        """Keep it; answers the words that stay where it stood."""
        group = match.groupdict()
        code = match.group()
        inner = group["inner"] or group["inner2"]
        setter = group["setter"] or group["setter2"] or ""
        text, to = parted(inner) if inner is not None else self._of_macro(group)
        if to is None:
            return self._tell("twee_macro", code, line)
        setter = "; ".join(filter(None, [setter, *self._sets(group["body"] or group["body2"] or "", line)]))
        for variable in self._variable.findall(text):
            self._tell("twee_macro", variable, line)
        text = self._variable.sub("", text).strip() or to
        if _OUTSIDE.match(to):
            self._tell("twee_link", code, line)
            return text
        self._found.links.append(Link(text, to, self._line + line, code, setter))
        return text

    def _of_macro(self, group: dict[str, str | None]) -> tuple[str, str | None]:
        said, to, inner = group["said"], group["to"], group["body"] or ""
        if said is not None:
            goto = _GOTO.search(inner)
            return said[1:-1], to[1:-1] if to else goto.group(1)[1:-1] if goto else None
        text = group["a"] or group["c"] or group["e"] or group["f"] or '""'
        return text[1:-1], (group["b"] or group["d"] or text)[1:-1]

    def _sets(self, inner: str, line: int) -> list[str]:
        """What a link does before it is followed."""
        rest = _SETTING.sub("", _GOTO.sub("", inner)).strip()
        if rest:
            self._tell("twee_macro", rest, line)
        return _SETTING.findall(inner)

    def aside(self, match: re.Match[str], line: int) -> str:
        """A comment is nobody's text; what stands verbatim is text and nothing else."""
        if match.lastindex is None:
            return self.macro(match, line)
        begin, end = match.span(match.lastindex)
        self._tell("twee_markup", f"{match.string[match.start() : begin]}…{match.string[end : match.end()]}", line)
        return match.string[begin:end].translate(_SHIELDED)

    def style(self, match: re.Match[str], line: int) -> str:
        self._tell("twee_markup", f"{match.group(1)}…{match.group(1)}", line)
        return match.group(2)

    def mark(self, match: re.Match[str], line: int) -> str:
        return self._tell("twee_markup", match.group(), line)

    def macro(self, match: re.Match[str], line: int) -> str:
        return self._tell("twee_macro", match.group(), line)

    def tag(self, match: re.Match[str], line: int) -> str:
        name = match.group(1).lower()
        if name in _KEPT_TAGS:
            return _KEPT_TAGS[name].replace("\n", _BREAK)
        return self._tell("twee_markup", match.group(), line)

    def _tell(self, code: str, what: str, line: int) -> str:
        values = {"code": shortened(what.translate(_PLAIN))}
        self._found.findings.append(Finding(code, "warning", "", values, self._file, self._line + line))
        return ""


def shortened(code: str) -> str:
    code = " ".join(code.split())
    return code if len(code) <= 80 else f"{code[:79]}…"


def parted(inner: str) -> tuple[str, str | None]:
    """Text and target: `a->b`, `b<-a`, `a|b`, or both at once."""
    if "->" in inner:
        text, _, to = inner.rpartition("->")
    elif "<-" in inner:
        to, _, text = inner.partition("<-")
    elif "|" in inner:
        text, _, to = inner.rpartition("|")
    else:
        text = to = inner
    to = re.sub(r"\\([\[\]{}])", r"\1", to)
    return text.strip() or to.strip(), to.strip().strip("\"'")


def changes(setter: str) -> Iterator[tuple[str, Value] | None]:
    """Variables and their changes as we write them (`+1` adds); None for each that we have no word for."""
    for one in re.split(r"[;,]\s*(?=\$|set\b)", setter.strip().rstrip(";")):
        match = _CHANGE.fullmatch(one.strip())
        name = match.group(1).lower() if match else ""
        if match is None or not NAME.fullmatch(name):
            yield None
            continue
        _, value, sign, number, step = match.groups()
        if value is None:
            yield name, f"{sign[0]}{number}" if sign else f"{step[0]}1"
            continue
        read = literal(value.strip())
        yield None if read is None else (name, read)


def literal(text: str) -> Value | None:
    if text in {"true", "false"}:
        return text == "true"
    if re.fullmatch(r"-?\d{1,9}", text):
        return int(text)
    inner = text[1:-1]
    return inner if re.fullmatch(_QUOTED, text) and 0 < len(inner) <= 200 and inner[0] not in "+-" else None
