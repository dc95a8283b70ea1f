"""A world as one Twee file, which Twine opens; what Twine has no word for rides along in the blocks of data."""

import hashlib
import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from dianabot.content.twee import DATA, OURS, TITLE, Passage, json_line, written
from dianabot.content.twine_markup import BRACKETS, Link, parted
from dianabot.vocabulary.world import Decision, Fragment, Language, World

_COLUMNS: Final = 10
_STEP: Final = 150
_NOT_IN_NAMES: Final = re.compile(r"[\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\[\]|{}<>\\\"']|->|<-")
_NOT_IN_FILES: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_LINKS_AT_THE_END: Final = re.compile(r"\n*(?:\[\[[^\n]*\]\]\n*)*\Z")


def write(world: World) -> str:
    """Read again, it is the same world."""
    names = _names(world)
    head = world.model_dump(exclude_defaults=True, exclude={"fragments"}) | {"languages": list(world.languages)}
    entry = next((one for one in world.fragments if one.entry), None)
    data = {
        "ifid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"dianabot:{world.key}")).upper(),
        "format": "Harlowe",
        "format-version": "3.3.9",
        **({"start": names[entry.key]} if entry else {}),
        OURS: head,
    }
    title = plain_body(world.title.get(world.language, ""))
    told = [_passage(fragment, index, names, world.language) for index, fragment in enumerate(world.fragments)]
    specials = [Passage(TITLE, (), {}, title, 0), Passage(DATA, (), {}, json_line(data), 0)]
    return "\n\n".join(written(passage) for passage in (*specials, *told))


def _names(world: World) -> dict[str, str]:
    """A passage's name by the key of its fragment: its title, as far as a link can say it."""
    found: dict[str, str] = {}
    taken = {TITLE, DATA}
    for fragment in world.fragments:
        name = _sayable(fragment.title.get(world.language, "")) or fragment.key
        if name in taken:
            name = f"{name} ({fragment.key})"
        while name in taken:
            name += "+"
        taken.add(name)
        found[fragment.key] = name
    return found


def _sayable(text: str) -> str:
    return " ".join(_NOT_IN_NAMES.sub(" ", text).replace("::", " ").split())[:80].strip()


def _passage(fragment: Fragment, index: int, names: Mapping[str, str], language: Language) -> Passage:
    said = fragment.text.get(language)
    links = "\n".join(link_of(decision, names, language) for decision in fragment.decisions)
    text = "\n\n".join(part for part in (plain_body(said or ""), links) if part)
    own = fragment.model_dump(exclude_defaults=True, exclude={"tags"})
    own["text"] = {one: other for one, other in fragment.text.items() if one != language}
    own["name"] = names[fragment.key]
    own["body"] = body_of(text.strip("\n"))
    if without_links(text.strip("\n")) != said:
        own["exact"] = said
    place = f"{(index % _COLUMNS + 1) * _STEP},{(index // _COLUMNS + 1) * _STEP}"
    return Passage(names[fragment.key], tuple(fragment.tags), {"position": place, OURS: own}, text, 0)


def link_of(decision: Decision, names: Mapping[str, str], language: Language) -> str:
    return _link(decision.text.get(language), decision.key, names.get(decision.to, decision.to))


def _link(text: object, key: str, to: str) -> str:
    said = _sayable(text) if isinstance(text, str) else ""
    return f"[[{said or key}->{to}]]"


class OwnNames:
    """The decisions that links were written for."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._names = {key: name for name, key in keys.items()}

    def take(self, link: Link, known: list[dict[str, Any]], language: Language) -> dict[str, Any] | None:
        """The one whose link is still as we wrote it; it is then no longer among the known."""
        for one in known:
            text, to = one.get("text"), str(one.get("to"))
            said = text.get(language) if isinstance(text, dict) else text
            target = self._names.get(to, to)
            if (link.text, link.to) == parted(_link(said, str(one.get("key")), target)[2:-2]):
                known.remove(one)
                return one
        return None


def plain_body(text: str) -> str:
    """What a file can hold of it."""
    return _NOT_IN_FILES.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def without_links(text: str) -> str:
    """A passage of ours: its links stand at its end, and wherever its author put others since."""
    rest = _LINKS_AT_THE_END.sub("", text)
    return BRACKETS.sub(lambda one: parted(one.group("inner"))[0], rest)


def body_of(text: str) -> str:
    """By which we know whether a passage is still as we wrote it."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
