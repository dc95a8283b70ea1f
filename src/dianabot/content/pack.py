"""A content pack: a folder of YAML and pictures, read into a world with everything that is wrong in it.

`pack.yaml` holds the world's head and whatever sections it likes; the files it includes hold sections alone. Beside
each file may stand its translations: `story.en.yaml` for `story.yaml`, a table of line ids and texts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from dianabot.content.finding import Finding, has_errors, located
from dianabot.content.folder import MEDIA, Folder, Picture, Unreadable, picture
from dianabot.content.parsing import Loc, Parsed, parse
from dianabot.content.shape import LANGUAGES, SECTIONS, name_of, path_of, shaped
from dianabot.content.sources import Sources
from dianabot.content.translations import missing, undeclared
from dianabot.vocabulary.world import Language, Text, World, Written, texts

HEAD: Final = "pack.yaml"
_OF_HEAD: Final = tuple(name for name in World.model_fields if name not in SECTIONS)
_DEEPEST_INCLUDE: Final = 20
_WRITTEN: Final[TypeAdapter[str]] = TypeAdapter(Written)


@dataclass(frozen=True, slots=True)
class Pack:
    world: World
    sources: Sources = field(default_factory=Sources)
    media: Mapping[str, Picture] = field(default_factory=dict)
    """Pictures by the name under which fragments name them."""
    problems: tuple[Finding, ...] = ()
    complete: bool = True
    """False when a file, or in which languages it is, could not be read: what the world lacks then means nothing."""

    @property
    def sound(self) -> bool:
        return not has_errors(self.problems)


def read(folder: Path) -> Pack:
    """Whatever stands there; nothing raises for bad content."""
    reading = _Reading(Folder(folder))
    reading.file(HEAD, ())
    headless = not (reading.complete or reading.document)
    world, sources, wrong = shaped(reading.document, reading.lines)
    if headless:  # all there is to say
        return Pack(world, problems=tuple(reading.findings), complete=False)
    findings = [*reading.findings, *wrong]
    if any(one.path == "languages" for one in wrong):  # in which language a text is, and which lacks, nobody knows
        return Pack(world, sources, problems=tuple(findings), complete=False)
    index = _texts(world)
    places = dict(sources.places)
    sources = Sources(places)
    for name, language in reading.translations:
        findings += _translate(reading, name, language, index, places)
    findings += located([*_untranslated(world, reading), *undeclared(world)], sources)
    media = dict(pictures(reading.folder, world, sources, findings))
    unused = reading.folder.unread() if reading.complete else ()
    findings += [Finding("file_unused", "warning", "", {"file": name}, name) for name in unused]
    return Pack(world, sources, media, tuple(findings), complete=reading.complete)


def _untranslated(world: World, reading: "_Reading") -> list[Finding]:
    """Line by line only where she said which languages there are: what she never meant to write is not her list."""
    found = list(missing(world))
    if found and "languages" not in reading.document:
        return [Finding("languages_unsaid", "error", "", {"count": len(found)}, HEAD, 1)]
    return found


class _Reading:
    """The files of one pack, put together into one document."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.document: dict[str, Any] = {}
        self.lines: dict[Loc, tuple[str, int]] = {}
        self.translations: list[tuple[str, Language]] = []
        self.findings: list[Finding] = []
        self.complete = True
        self._begun: set[str] = set()
        self._parts: dict[Loc, list[Loc]] = {}

    def file(self, name: str, through: tuple[str, ...], line: int = 0) -> None:
        """`through` are the files that led here, the last of which named it in that line."""
        by = through[-1] if through else name
        if name in through or name in self._begun or len(through) > _DEEPEST_INCLUDE:
            code = "include_cycle" if name in through else "included_twice"
            circle = " → ".join((*through[through.index(name) :], name)) if name in through else name
            self._tell(code, (by, line), {"file": name, "chain": circle})
            return
        self._begun.add(name)
        try:
            parsed = parse(self.folder.read(name), name)
        except Unreadable as fault:
            self.complete = False
            self._tell(fault.code, (by, line), fault.values)
            return
        self.findings += parsed.findings
        self.translations += [(beside, language) for beside, language in _beside(name) if self.folder.has(beside)]
        if not isinstance(parsed.value, dict):
            self.complete = False
            if parsed.value is not None:
                self._tell("wrong_document", (name, 1), {"fault": "wrong_type", "expected": "object"})
            return
        self._sections(name, parsed, through)

    def _sections(self, name: str, parsed: Parsed, through: tuple[str, ...]) -> None:
        allowed = (*(() if through else _OF_HEAD), "include", *SECTIONS)
        self._parts = parsed.by_part()
        self.lines.setdefault((), (name, 1))
        for key, value in parsed.value.items():
            line = parsed.lines[key,]
            if key in SECTIONS and isinstance(value, list):
                self.lines.setdefault((key,), (name, line))
                self._append(key, value, name, parsed)
            elif key in allowed and key != "include" and (key in _OF_HEAD or value is not None):
                self.document[key] = value
                self._place(parsed, name, (key,), (key,))
            elif key not in allowed:
                values = {"fault": "unknown_key", "expected": ", ".join(allowed)}
                self._tell("wrong_document", (name, line), values, key)
        if "include" in parsed.value:
            self._include(name, parsed.value["include"], parsed, (*through, name))

    def _include(self, name: str, value: object, parsed: Parsed, through: tuple[str, ...]) -> None:
        for index, one in enumerate(value if isinstance(value, list) else [value]):
            line = parsed.lines.get(("include", index), parsed.lines["include",])
            if isinstance(one, str):
                self.file(PurePosixPath(one).as_posix() if one else one, through, line)
            else:
                self._tell("wrong_document", (name, line), {"fault": "wrong_type", "expected": "text"}, "include")

    def _append(self, section: str, parts: list[Any], name: str, parsed: Parsed) -> None:
        listed = self.document.setdefault(section, [])
        if not isinstance(listed, list):
            return
        named = {name_of(section, one): index for index, one in enumerate(listed)}
        for index, part in enumerate(parts):
            key = name_of(section, part)
            if key is not None and key in named:
                first = self.lines[section, named[key]]
                line = parsed.lines[section, index]
                path = path_of({section: [part]}, (section, 0))
                self._tell("part_twice", (name, line), {"first": f"{first[0]}:{first[1]}"}, path)
                continue
            named[key] = len(listed)
            self._place(parsed, name, (section, index), (section, len(listed)))
            listed.append(part)

    def _place(self, parsed: Parsed, name: str, old: Loc, new: Loc) -> None:
        """Keep the lines of that part under its place in the whole document."""
        for loc in self._parts[old]:
            self.lines[new + loc[len(old) :]] = (name, parsed.lines[loc])

    def _tell(self, code: str, at: tuple[str, int], values: Mapping[str, object], path: str = "") -> None:
        self.findings.append(Finding(code, "error", path, values, *at))


def _beside(name: str) -> Iterator[tuple[str, Language]]:
    path = PurePosixPath(name)
    for language in LANGUAGES:
        yield path.with_name(f"{path.stem}.{language}{path.suffix}").as_posix(), language


def _texts(world: World) -> dict[str, Text]:
    return dict(texts(world))


def _translate(
    reading: _Reading, name: str, language: Language, index: Mapping[str, Text], places: dict[str, tuple[str, int]]
) -> Iterator[Finding]:
    """Put the lines of a translation into the world, which nobody else holds yet, and keep where they stand."""
    try:
        parsed = parse(reading.folder.read(name), name)
    except Unreadable as unreadable:
        yield Finding(unreadable.code, "error", "", unreadable.values, name)
        return
    yield from parsed.findings
    if not isinstance(parsed.value, dict):
        if parsed.value is not None:
            values = {"fault": "wrong_type", "expected": "object"}
            yield Finding("wrong_document", "error", "", values, name, 1)
        return
    for line_id, text in parsed.value.items():
        place = (name, parsed.lines[line_id,])
        if line_id not in index and not reading.complete:
            continue
        if line_id not in index:
            yield Finding("translation_surplus", "warning", line_id, {"language": language}, *place)
        elif language in index[line_id]:
            file, line = Sources(places).at(line_id) or ("", 0)
            values = {"language": language, "first": f"{file}:{line}"}
            yield Finding("translation_twice", "error", line_id, values, *place)
        else:
            try:
                index[line_id][language] = _WRITTEN.validate_python(text, strict=True)
                places[f"{line_id}.{language}"] = place
            except ValidationError:
                fault = "empty" if text is None or text == "" else "wrong_type"
                yield Finding("wrong_document", "error", line_id, {"fault": fault, "expected": "text"}, *place)


def pictures(folder: Folder, world: World, sources: Sources, findings: list[Finding]) -> Iterator[tuple[str, Picture]]:
    done: set[str] = set()
    for fragment in world.fragments:
        name = fragment.image
        if name is None or name in done:
            continue
        done.add(name)
        path = f"fragments.{fragment.key}.image"
        place = sources.at(path) or ("", 0)
        try:
            found = picture(folder.read(f"{MEDIA}/{name}"))
        except Unreadable as fault:
            findings.append(Finding(fault.code, "error", path, fault.values, *place))
            continue
        if found is None:
            values = {"file": f"{MEDIA}/{name}"}
            findings.append(Finding("no_picture", "error", path, values, *place))
        else:
            yield name, found
