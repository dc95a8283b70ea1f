"""A story in Twee 3 as a world: one that we wrote is the same again, one of others keeps what we have a word for.

Passages become fragments, their links decisions. Keys are made of names, so they stay while names stay.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from dianabot.content import chapbook
from dianabot.content.finding import Finding, located
from dianabot.content.folder import Folder, Unreadable
from dianabot.content.pack import Pack, pictures
from dianabot.content.parsing import Loc, read_text
from dianabot.content.shape import UNFINISHED, shaped
from dianabot.content.translations import missing, undeclared
from dianabot.content.twee import DATA, TITLE, Passage, json_table, passages
from dianabot.content.twee_writing import OwnNames, body_of, plain_body, without_links
from dianabot.content.twine_markup import Link, body, changes, links, literal, shortened
from dianabot.vocabulary.keys import KEY
from dianabot.vocabulary.world import Language

ENDINGS: Final = (".twee", ".tw", ".tw3", ".twee3")
_SPECIAL: Final = {
    "StoryInit", "StoryCaption", "StoryMenu", "StoryBanner", "StoryAuthor", "StorySubtitle", "StoryDisplayTitle",
    "StoryInterface", "StoryShare", "StorySettings", "StoryIncludes", "PassageReady", "PassageDone", "PassageHeader",
    "PassageFooter",
}  # fmt: skip
_SPECIAL_TAGS: Final = {"Twine.private", "widget", "header", "footer", "startup", "annotation", "debug-startup", "init"}
_CODE_TAGS: Final = {"script", "stylesheet"}
_SET: Final = re.compile(r"(?:<<set\s+|\(set:\s*)(.{1,500}?)(?:>>|\)\s*$)", re.MULTILINE)
_PARTS: Final = re.compile(r"[;,]\s*(?=\$)")
_INITIAL: Final = re.compile(r"\$(\w+)\s*(?:to|=)\s*(.+)")


def read(path: Path, language: Language = "es") -> Pack:
    """`language` is that of the texts, unless the file says so itself. Nothing raises for bad content."""
    folder = Folder(path.parent)
    try:
        text, findings = read_text(folder.read(path.name), path.name)
    except Unreadable as fault:
        wrong = Finding(fault.code, "error", "", fault.values, path.name)
        return Pack(shaped({"key": "story", "title": UNFINISHED}, {})[0], problems=(wrong,), complete=False)
    found, remarks = passages(text, path.name)
    reading = _Reading(path.name, found, language)
    reading.findings += [*findings, *remarks]
    reading.document()
    world, sources, wrongs = shaped(reading.world, reading.lines)
    problems = [*reading.findings, *wrongs, *located([*missing(world), *undeclared(world)], sources)]
    media = dict(pictures(folder, world, sources, problems))
    return Pack(world, sources, media, tuple(problems), complete=bool(found))


def slug(text: str, taken: Iterable[str], otherwise: str) -> str:
    """A key made of words: plain letters, unlike all that are taken."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].strip("_") or otherwise
    unique, number = key, 2
    while unique in taken:
        unique = f"{key[: 39 - len(str(number))]}_{number}"
        number += 1
    return unique


class _Reading:
    """One story: its passages, put together into a document."""

    def __init__(self, file: str, found: list[Passage], language: Language) -> None:
        self.findings: list[Finding] = []
        self.lines: dict[Loc, tuple[str, int]] = {(): (file, 1)}
        self.world: dict[str, Any] = {}
        self._file = file
        self._special = {one.name: one for one in found if one.name in {TITLE, DATA}}
        self._head = self._story_data()
        own = self._head.get("dianabot")
        self._own: dict[str, Any] | None = dict(own) if isinstance(own, dict) else None
        self._told = [one for one in found if one.name not in self._special and self._is_told(one)]
        self._left = [one for one in found if one.name not in self._special and one not in self._told]
        self._language = language
        self._keys: dict[str, str] = {}
        self._variables: dict[str, Any] = {}

    def document(self) -> None:
        for passage in self._told:
            key = passage.own.get("key")
            good = isinstance(key, str) and KEY.fullmatch(key) and key not in self._keys.values()
            self._keys[passage.name] = str(key) if good else ""
        for passage in self._told:
            if not self._keys[passage.name]:
                self._keys[passage.name] = slug(passage.name, set(self._keys.values()), "passage")
        for passage in self._left:
            self._leave(passage)
        self._open()
        names = OwnNames(self._keys)
        fragments = []
        for index, passage in enumerate(self._told):
            self.lines["fragments", index] = (self._file, passage.line)
            own = self._own is not None and bool(passage.own)
            fragments.append(self._own_fragment(passage, index, names) if own else self._fragment(passage, index))
        self.world["fragments"] = fragments
        self._enter(fragments)
        self._declare()

    def _story_data(self) -> Mapping[str, Any]:
        passage = self._special.get(DATA)
        if passage is None:
            return {}
        found = json_table(passage.text)
        if found is None:
            values = {"passage": DATA}
            self.findings.append(Finding("twee_json", "error", "", values, self._file, passage.line))
        return found or {}

    def _is_told(self, passage: Passage) -> bool:
        return bool(passage.own) or (
            passage.name not in _SPECIAL and not (_SPECIAL_TAGS | _CODE_TAGS) & set(passage.tags)
        )

    def _leave(self, passage: Passage) -> None:
        """Named whole, but for the variables that it starts with."""
        if not passage.text.strip():
            return
        if _CODE_TAGS & set(passage.tags):
            self._tell("twee_script", passage.line, passage=passage.name)
            return
        for match in _SET.finditer(passage.text):
            parts = [_INITIAL.fullmatch(one.strip()) for one in _PARTS.split(match.group(1))]
            values = {one[1].lower(): value for one in parts if one and (value := literal(one[2].strip())) is not None}
            self._variables |= values
            if len(values) < len(parts):
                line = passage.line + 1 + passage.text.count("\n", 0, match.start())
                self._tell("twee_macro", line, code=shortened(match.group()))
        if _SET.sub("", passage.text).strip():
            self._tell("twee_special", passage.line, passage=passage.name)

    def _open(self) -> None:
        """What the world says before its fragments."""
        title = self._special[TITLE].text.strip() if TITLE in self._special else ""
        if self._own is not None:
            self.world = self._own
            languages = self.world.get("languages")
            self._language = languages[0] if isinstance(languages, list) and languages else self._language
            kept = self.world.get("title")
            if isinstance(kept, dict) and title != plain_body(str(kept.get(self._language, ""))).strip():
                self.world["title"] = {**kept, self._language: title or UNFINISHED}
            return
        title = title or Path(self._file).stem
        self.world = {"key": slug(title, (), "story"), "title": title, "languages": [self._language]}
        if any({"position", "size"} & one.metadata.keys() for one in self._told):
            self.findings.append(Finding("twee_layout", "note", "", {}, self._file, 1))

    def _enter(self, fragments: list[dict[str, Any]]) -> None:
        """The story begins where its data say, else in a passage called Start."""
        start = self._head.get("start", None if self._own is not None else "Start")
        if start is None or not self._told:
            return
        if not isinstance(start, str) or start not in self._keys:
            line = self._special[DATA].line if DATA in self._special else 1
            self._tell("twee_start", line, passage=str(start))
            return
        entry = next(one for one in fragments if one["key"] == self._keys[start])
        if not entry.get("entry"):
            for one in fragments:
                one.pop("entry", None)
            entry["entry"] = True

    def _fragment(self, passage: Passage, index: int) -> dict[str, Any]:
        form, text = str(self._head.get("format", "")).casefold(), passage.text
        if form == "chapbook":
            plain = chapbook.passage(text, self._file, passage.line + 1)
            text = plain.text
            self._variables = plain.variables | self._variables
            self.findings += plain.findings
        read = body(text, self._file, passage.line + 1, form)
        self.findings += read.findings
        decisions: dict[tuple[str, str], dict[str, Any]] = {}
        setters: dict[tuple[str, str], str] = {}
        for link in read.links:
            if setters.setdefault((link.text, link.to), link.setter) != link.setter:
                self._tell("twee_setter", link.line, code=shortened(link.code))
            if (link.text, link.to) in decisions:
                continue
            decision = self._decision(link, {one["key"] for one in decisions.values()})
            if decision is not None:
                self.lines["fragments", index, "decisions", len(decisions)] = (self._file, link.line)
                decisions[link.text, link.to] = decision
        tags: list[str] = []
        for tag in passage.tags:
            if key := slug(tag, tags, ""):
                tags.append(key)
            else:
                self._tell("twee_tag", passage.line, tag=tag, passage=passage.name)
        return {
            **passage.own,
            "key": self._keys[passage.name],
            "title": passage.name,
            "text": read.text or UNFINISHED,
            "tags": tags,
            "ending": not decisions,
            "decisions": list(decisions.values()),
        }

    def _decision(self, link: Link, taken: set[str]) -> dict[str, Any] | None:
        if link.to not in self._keys:
            self._tell("twee_target", link.line, code=shortened(link.code), passage=link.to)
            return None
        found: dict[str, Any] = {
            "key": slug(link.text, taken, "go"),
            "text": link.text,
            "to": self._keys[link.to],
        }
        if link.setter:
            made = list(changes(link.setter))
            if None in made:
                self._tell("twee_setter", link.line, code=shortened(link.setter))
            found["variables"] = dict(one for one in made if one is not None)
            for name, value in found["variables"].items():
                self._variables.setdefault(name, _nothing(value))
        return found

    def _own_fragment(self, passage: Passage, index: int, names: OwnNames) -> dict[str, Any]:
        """As we wrote it, with what was changed in Twine since."""
        kept = {name: value for name, value in passage.own.items() if name not in {"name", "exact", "body"}}
        kept["key"] = self._keys[passage.name]
        kept["tags"] = list(passage.tags)
        title, text = (kept.get(name) for name in ("title", "text"))
        if passage.own.get("name") != passage.name or not isinstance(title, dict):
            kept["title"] = {**(title if isinstance(title, dict) else {}), self._language: passage.name}
        written = passage.text.strip("\n")
        others = text if isinstance(text, dict) else {}
        unchanged = passage.own.get("body") == body_of(written)
        said = passage.own["exact"] if unchanged and "exact" in passage.own else without_links(written) or UNFINISHED
        kept["text"] = others if said is None else {**others, self._language: said}
        if not unchanged:
            kept["decisions"] = list(self._own_decisions(passage, index, names))
        return kept

    def _own_decisions(self, passage: Passage, index: int, names: OwnNames) -> Iterator[dict[str, Any]]:
        listed = passage.own.get("decisions")
        known = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        written = links(passage.text, self._file, passage.line + 1)
        whole = {id(link): one for link in written if (one := names.take(link, known, self._language)) is not None}
        for number, link in enumerate(written):
            self.lines["fragments", index, "decisions", number] = (self._file, link.line)
            if id(link) in whole:
                yield whole[id(link)]
                continue
            made = self._decision(link, {str(one.get("key")) for one in known})
            if made is not None:
                before = known.pop(0) if known else {}
                texts = before.get("text")
                others = texts if isinstance(texts, dict) else {}
                yield {**made, **before, "text": {**others, self._language: made["text"]}, "to": made["to"]}

    def _declare(self) -> None:
        listed = self.world.setdefault("variables", [])
        known = {one.get("name") for one in listed if isinstance(one, dict)} if isinstance(listed, list) else set()
        for name, value in self._variables.items():
            if name not in known:
                listed.append({"name": name, "initial": value})

    def _tell(self, finding: str, line: int, **values: object) -> None:
        severity: Any = "error" if finding in {"twee_target", "twee_start"} else "warning"
        self.findings.append(Finding(finding, severity, "", values, self._file, line))


def _nothing(value: Any) -> Any:
    """Where a variable begins that is only ever changed."""
    if isinstance(value, bool):
        return False
    number = isinstance(value, int) or (isinstance(value, str) and re.fullmatch(r"[-+]\d+", value))
    return 0 if number else ""
