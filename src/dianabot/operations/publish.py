"""PUBLICAR_CONTENIDO: a whole world, all or nothing, from now on."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from dianabot.kernel.errors import Refusal
from dianabot.kernel.events import Fact
from dianabot.kernel.ids import MemberId
from dianabot.operations import store
from dianabot.operations.asks import Reasoning
from dianabot.operations.listen import listen
from dianabot.operations.unit import Act, Unit, Who
from dianabot.vocabulary.document import WrongDocument
from dianabot.vocabulary.loose_ends import loose_ends
from dianabot.vocabulary.reward import parse, refs
from dianabot.vocabulary.world import World

LOCK = "content"
MOST_MOVED = 1000
"""Readers named in the report; how many there are is counted all the same."""
MOST_PLACES = 3
"""Named to somebody who lacks something."""


class ContentPublished(Fact):
    """A version of the world is what everybody reads from now on. What changed is counted."""

    event_type: ClassVar[str] = "admin.content_published"
    content_version: int
    added: int
    changed: int
    retired: int


class Change(BaseModel):
    model_config = ConfigDict(frozen=True)

    kind: str
    key: str
    what: str
    """`added`, `changed` or `retired`."""


class Moved(BaseModel):
    """Somebody who stands in what is gone, and where she will find herself."""

    model_config = ConfigDict(frozen=True)

    member: MemberId
    fragment: str
    to: str | None
    why: str
    """By the author's rule (`author`), to what she last completed, or to the entry."""


class Report(BaseModel):
    model_config = ConfigDict(frozen=True)

    version: int
    new: bool
    """False: the world is what it was, and nothing was done."""
    changes: list[Change] = []
    moved: list[Moved] = []
    readers_moved: int = 0


class ContentMoved(Refusal):
    """Somebody else has published since what would change was looked at. Version 0: nothing was published."""

    expected: int
    now: int


class Publish(Act[Report]):
    """The world as it shall be; `pictures` gives the sha256 of each by its name, `remarks` what a checker said.

    With `expected`, only if that is still the newest version.
    """

    personal: ClassVar[frozenset[str]] = frozenset({"world", "remarks"})
    world: World
    pictures: dict[str, str] = Field(default_factory=dict)
    remarks: list[dict[str, JsonValue]] = Field(default_factory=list)
    expected: int | None = None
    reason: Reasoning = ""


async def publish(unit: Unit, who: Who, act: Publish) -> Report:
    """Each slice takes over its part; no reader is touched, and the report says who will be moved when she reads on."""
    if who.member is not None:
        await unit.members.require(who.member, "admin")
    if loose := loose_ends(act.world):
        raise WrongDocument("world", [problem.to_json() for problem in loose])
    await unit.tx.lock_name(LOCK)
    document = {"world": act.world.model_dump(mode="json"), "pictures": act.pictures}
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).digest()
    newest = await store.newest_content(unit.tx)
    if newest is not None and newest.digest == digest:
        return Report(version=newest.version, new=False)
    now = 0 if newest is None else newest.version
    if act.expected not in {None, now}:
        raise ContentMoved(act.expected, now)
    changes = await _take_over(unit, act)
    stranded = await unit.fragments.stranded()
    present = await unit.members.present(one.member for one in stranded)
    stranded = [one for one in stranded if one.member in present]
    moved = [
        Moved(member=MemberId(one.member), fragment=one.stands_in, to=one.to, why=one.why)
        for one in stranded[:MOST_MOVED]
    ]
    report = Report(version=now + 1, new=True, changes=changes, moved=moved, readers_moved=len(stranded))
    kept = {**report.model_dump(mode="json"), "found": places(act.world), "remarks": act.remarks}
    await store.keep_content(unit.tx, report.version, document, digest, kept, act.reason)
    counts = {what: sum(change.what == what for change in changes) for what in ("added", "changed", "retired")}
    unit.tx.announce(ContentPublished(content_version=report.version, **counts))
    return report


async def _take_over(unit: Unit, act: Publish) -> list[Change]:
    world, language = act.world, act.world.language
    published = await unit.tx.together(
        unit.fragments.publish(world.fragments, world.levels, world.variables, language, pictures=act.pictures),
        unit.mochila.publish(world.items, language),
        unit.hints.publish(world.hints, world.combinations, language),
        unit.lucien.publish(world.templates),
        unit.subscriptions.publish(world.plans, language),
    )
    await listen(unit, world.templates)
    kinds = ("fragment", "item", "hint", "template", "plan")
    return [
        Change(kind=kind, key=named.key, what=named.what)
        for kind, part in zip(kinds, published, strict=True)
        for named in part
    ]


def places(world: World) -> dict[str, dict[str, list[dict[str, str]]]]:
    """Kind and key of a thing -> what gives it, as far as a reader may be told: secrets stay secret."""
    found: dict[str, dict[str, list[dict[str, str]]]] = {"item": {}, "hint": {}}
    for kind, key, given in _givers(world):
        for ref in refs(parse(given)):
            named = found[ref.kind].setdefault(ref.key, []) if ref.kind in found else []
            if {"kind": kind, "key": key} not in named[:MOST_PLACES]:
                named.append({"kind": kind, "key": key})
    return {kind: {key: named[:MOST_PLACES] for key, named in things.items()} for kind, things in found.items()}


def _givers(world: World) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for fragment in world.fragments:
        if not (fragment.draft or fragment.secret):
            yield "fragment", fragment.key, fragment.reward
            for decision in fragment.decisions:
                yield "fragment", fragment.key, decision.reward
    for combination in world.combinations:
        yield "combination", combination.key, combination.reward
