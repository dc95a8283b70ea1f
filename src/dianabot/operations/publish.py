"""PUBLICAR_CONTENIDO: a whole world, all or nothing, from now on."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from dianabot.kernel.events import Fact
from dianabot.kernel.ids import MemberId
from dianabot.operations import store
from dianabot.operations.asks import Reasoning
from dianabot.operations.unit import Act, Unit, Who
from dianabot.vocabulary.world import World

MOST_MOVED = 1000
"""Readers named in the report; how many there are is counted all the same."""


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
    changes: list[Change]
    moved: list[Moved]


class Publish(Act[Report]):
    """The world as it shall be; `pictures` gives the sha256 of each by its name. An unchanged world changes nothing."""

    personal: ClassVar[frozenset[str]] = frozenset({"world"})
    world: World
    pictures: dict[str, str] = Field(default_factory=dict)
    reason: Reasoning = ""


async def publish(unit: Unit, who: Who, act: Publish) -> Report:
    """Each slice takes over its part; no reader is touched, and the report says who will be moved when she reads on."""
    if who.member is not None:
        await unit.members.require(who.member, "admin")
    document = {"world": act.world.model_dump(mode="json"), "pictures": act.pictures}
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).digest()
    newest = await store.newest_content(unit.tx)
    if newest is not None and newest.digest == digest:
        return Report(version=newest.version, changes=[], moved=[])
    changes = await _take_over(unit, act)
    moved = [
        Moved(member=MemberId(one.member), fragment=one.stands_in, to=one.to, why=one.why)
        for one in await unit.fragments.stranded(limit=MOST_MOVED)
    ]
    report = Report(version=1 if newest is None else newest.version + 1, changes=changes, moved=moved)
    await store.keep_content(unit.tx, report.version, document, digest, report.model_dump(mode="json"), act.reason)
    counts = {what: sum(change.what == what for change in changes) for what in ("added", "changed", "retired")}
    unit.tx.announce(ContentPublished(content_version=report.version, **counts))
    return report


async def _take_over(unit: Unit, act: Publish) -> list[Change]:
    world, language = act.world, act.world.language
    published: dict[str, Sequence[Any]] = {
        "fragment": await unit.fragments.publish(
            world.fragments, world.levels, world.variables, language, pictures=act.pictures
        ),
        "item": await unit.mochila.publish(world.items, language),
        "hint": await unit.hints.publish(world.hints, world.combinations, language),
        "template": await unit.lucien.publish(world.templates),
        "plan": await unit.subscriptions.publish(world.plans, language),
    }
    return [
        Change(kind=kind, key=named.key, what=named.what)
        for kind, all_of_it in published.items()
        for named in all_of_it
    ]
