"""What publishing a world would change, part by part."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import BaseModel

from dianabot.content.shape import SECTIONS, name_of
from dianabot.vocabulary.world import World


@dataclass(frozen=True, slots=True)
class Change:
    what: Literal["added", "changed", "retired"]
    path: str
    fields: tuple[str, ...] = ()
    """Of what is changed, those that differ."""


SIGNS: Final[Mapping[str, str]] = {"added": "+", "changed": "~", "retired": "-"}


@dataclass(frozen=True, slots=True)
class Whole:
    """A world with its pictures by their names."""

    world: World | None = None
    pictures: Mapping[str, str] = field(default_factory=dict)


def difference(before: Whole, after: Whole) -> list[Change]:
    """In the order of the sections; empty when nothing would change."""
    assert after.world is not None
    found: list[Change] = []
    head = _differing(before.world, after.world, leave=set(SECTIONS))
    if head and before.world is not None:
        found.append(Change("changed", after.world.key, head))
    for section in SECTIONS:
        so_far = len(found)
        old, new = _parts(before.world, section), _parts(after.world, section)
        for name, part in new.items():
            path = f"{section}.{name}"
            if name not in old:
                found.append(Change("added", path))
            elif fields := _differing(old[name], part) + _repainted(part, before, after):
                found.append(Change("changed", path, fields))
        found += [Change("retired", f"{section}.{name}") for name in old if name not in new]
        if len(found) == so_far and list(old) != list(new):
            found.append(Change("changed", section, ("order",)))
    return found


def _parts(world: World | None, section: str) -> dict[str, BaseModel]:
    return {} if world is None else {str(name_of(section, part.model_dump())): part for part in getattr(world, section)}


def _differing(old: BaseModel | None, new: BaseModel, leave: set[str] | None = None) -> tuple[str, ...]:
    fields = (name for name in type(new).model_fields if name not in (leave or set()))
    return tuple(name for name in fields if old is not None and getattr(old, name) != getattr(new, name))


def _repainted(part: BaseModel, before: Whole, after: Whole) -> tuple[str, ...]:
    """A picture that has changed under the same name."""
    image = getattr(part, "image", None)
    old, new = before.pictures.get(image or ""), after.pictures.get(image or "")
    return ("image",) if old and new and old != new else ()
