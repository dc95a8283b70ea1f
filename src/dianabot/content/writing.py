"""A world as a folder of YAML that a person likes to edit; read again, it is the same world."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_args, get_origin

import yaml
from pydantic import BaseModel

from dianabot.content.folder import MEDIA
from dianabot.content.pack import HEAD
from dianabot.content.shape import bare, by_language
from dianabot.vocabulary.world import Fragment, Language, World, texts

_FILES: Final = {
    "items": "items.yaml",
    "hints": "hints.yaml",
    "combinations": "hints.yaml",
    "templates": "lucien.yaml",
    "plans": "club.yaml",
}
"""The file of a section; the others stand in the head. Fragments have theirs by level."""
_ELSEWHERE: Final = {"fragments", *_FILES}
WIDTH: Final = 110
_BLOCK: Final = re.compile(r"[^\s\x00-\x1f\x7f-\xa0](?:[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff])*")
_BREAKS: Final = re.compile(r"[\x85\r\u2028\u2029\ufeff]")
"""What YAML may take for the end of a line: to be written as escapes."""
_TRAILING: Final = re.compile(r"[ \t]$|\n\n\Z", re.MULTILINE)
"""What gets lost easily where a text is edited as a block."""


def write(world: World, folder: Path, media: Mapping[str, bytes] | None = None) -> None:
    """Into a folder that is empty or not there yet. `media` are the pictures by the names that fragments say."""
    for name, content in written(world).items():
        _put(folder / name, content.encode())
    put_pictures(media or {}, folder)


def put_pictures(media: Mapping[str, bytes], folder: Path) -> None:
    """Where a pack in that folder, and a Twee file, look for them."""
    for name, picture in media.items():
        _put(folder / MEDIA / name, picture)


def in_the_way(media: Mapping[str, bytes], folder: Path) -> Path | None:
    """What stands there under the name of a picture, and is not that picture."""
    places = ((folder / MEDIA / name, picture) for name, picture in media.items())
    return next((path for path, picture in places if path.exists() and path.read_bytes() != picture), None)


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def written(world: World) -> dict[str, str]:
    """Every file of the pack by its name."""
    document = _Plain(world).of(World, world.model_dump(exclude_defaults=True))
    chapters = _chapters(world.fragments)
    head = {name: document[name] for name in World.model_fields if name in document and name not in _ELSEWHERE}
    files: dict[str, dict[str, Any]] = {HEAD: {"key": "", "title": "", "languages": list(world.languages), **head}}
    for name, parts in chapters:
        files[name] = {"fragments": document["fragments"][parts]}
    for section, name in _FILES.items():
        if section in document:
            files.setdefault(name, {})[section] = document[section]
    included = [name for name in files if name != HEAD]
    if included:
        files[HEAD]["include"] = included
    return {name: _yaml(content) for name, content in files.items()} | _translations(world, chapters)


def _chapters(fragments: list[Fragment]) -> list[tuple[str, slice]]:
    """One file a level, where each level is told in one go; the order of fragments is part of the world."""
    starts = [index for index, one in enumerate(fragments) if not index or one.level != fragments[index - 1].level]
    levels = [fragments[index].level for index in starts]
    if not fragments:
        return []
    if len(set(levels)) < len(levels):
        return [("story.yaml", slice(None))]
    ends = [*starts[1:], len(fragments)]
    return [
        (f"story/level_{level}.yaml", slice(start, end)) for start, end, level in zip(starts, ends, levels, strict=True)
    ]


class _Plain:
    """Texts as packs write them: a plain one in the first language, unless another would get lost by that."""

    def __init__(self, world: World) -> None:
        self._languages = world.languages

    def of(self, model: type[BaseModel], table: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(model.model_fields[name].annotation, value) for name, value in table.items()}

    def _value(self, annotation: Any, value: Any) -> Any:
        inner = get_args(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return self.of(annotation, value)
        if by_language(annotation):
            return self._text(value)
        if get_origin(annotation) is list:
            return [self._value(bare(inner[0]), one) for one in value]
        if type(None) in inner and value is not None:
            return self._value(bare(inner[0]), value)
        return value

    def _text(self, value: dict[Language, Any]) -> Any:
        first = value.get(self._languages[0])
        alone = len(value) == 1 or (isinstance(first, str) and is_beside(value, self._languages))
        return first if first is not None and alone else value


def is_beside(text: Mapping[Language, Any], languages: list[Language]) -> bool:
    """Whether its translations stand in files of their own."""
    return languages[0] in text and set(text) <= set(languages)


def _translations(world: World, chapters: list[tuple[str, slice]]) -> dict[str, str]:
    homes = {one.key: name for name, part in chapters for one in world.fragments[part]}
    files: dict[str, dict[str, str]] = {}
    for path, text in texts(world):
        section, _, rest = path.partition(".")
        home = homes[rest.partition(".")[0]] if section == "fragments" else _FILES.get(section, HEAD)
        if is_beside(text, world.languages):
            for language in world.languages[1:]:
                if language in text:
                    name = f"{home.removesuffix('.yaml')}.{language}.yaml"
                    files.setdefault(name, {})[path] = text[language]
    return {name: _yaml(lines) for name, lines in files.items()}


class _Dumper(yaml.SafeDumper):
    """Long texts in blocks, as they are read."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the library's signature
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    block = "\n" in text and _BLOCK.fullmatch(text) and not _TRAILING.search(text)
    style = "|" if block else '"' if _BREAKS.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def _yaml(content: Mapping[str, Any]) -> str:
    """With an empty line between the parts of a section."""
    said = []
    for name, value in content.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            said.append(f"\n{name}:\n" + "\n".join(_dumped([part]) for part in value))
        else:
            said.append(_dumped({name: value}))
    return "".join(said).lstrip("\n")


def _dumped(value: Any) -> str:
    return str(yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH))
