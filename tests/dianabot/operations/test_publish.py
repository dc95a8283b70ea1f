"""A world is published whole; no reader is touched."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from dianabot.members import RoleTooLow
from dianabot.operations import store
from dianabot.operations.asks import Erase
from dianabot.operations.publish import ContentMoved, Moved, Publish, Report, places
from dianabot.operations.unit import Unit
from dianabot.vocabulary.document import WrongDocument
from dianabot.vocabulary.reason import Reason
from tests.dianabot.operations.reading import reader, take
from tests.proof.house import House
from tests.proof.tale import here, publish, tale

FACTS = "SELECT event_data FROM event_logs WHERE event_type = 'admin.content_published' ORDER BY seq"


@pytest.fixture
async def house(postgres_dsn: str) -> AsyncIterator[House]:
    async with House(postgres_dsn) as built:
        yield built


async def test_everything_of_the_world_is_there_and_told(house: House) -> None:
    report = await publish(house, reason="the first")

    assert (report.version, report.new, report.moved) == (1, True, [])
    assert {change.what for change in report.changes} == {"added"}
    assert {change.kind for change in report.changes} == {"fragment", "item", "hint", "template", "plan"}
    [(told,)] = await house.rows(FACTS)
    assert told == {"content_version": 1, "added": len(report.changes), "changed": 0, "retired": 0}
    kept = await house.rows("SELECT version, world->'world'->>'key', actor, reason FROM content_versions")
    assert kept == [(1, "tale", "operator", "the first")]
    assert await house.count("operations", "input ? 'world'") == 0, "it is kept once"


async def test_the_same_world_again_changes_nothing(house: House) -> None:
    await publish(house)

    assert await publish(house, key="again") == Report(version=1, new=False)
    assert await house.count("content_versions") == 1
    assert len(await house.rows(FACTS)) == 1


async def test_other_pictures_make_another_version(house: House) -> None:
    await publish(house)
    assert (await publish(house, key="again", pictures={"hall.jpg": "a" * 64})).version == 2


async def test_whoever_is_erased_is_no_reader_who_will_be_moved(house: House) -> None:
    await publish(house)
    ana, eva = await reader(house), await reader(house)
    for one in (ana, eva):
        async with house.begin() as tx:
            await tx.lock_members(one)
            await Unit(tx, house.rules.now).wallet.grant(one, 4, reason=Reason.ADMIN, reference="test")
        await take(house, one, "pay")
    await house.coordinator.run(Erase(), key="erase", member=ana, actor="member")

    report = await publish(house, tale(cellar=False), "without")

    assert [one.member for one in report.moved] == [eva]
    assert report.readers_moved == 1


async def test_whoever_stands_in_what_is_gone_is_reported_and_not_touched(house: House) -> None:
    await publish(house)
    ana, eva = await reader(house), await reader(house)
    async with house.begin() as tx:
        await tx.lock_members(ana)
        await Unit(tx, house.rules.now).wallet.grant(ana, 4, reason=Reason.ADMIN, reference="test")
    await take(house, ana, "pay")
    events = await house.count("event_logs")

    report = await publish(house, tale(cellar=False), "without")

    assert report.moved == [Moved(member=ana, fragment="cellar", to="library", why="author")]
    assert report.readers_moved == 1
    assert [(change.kind, change.key, change.what) for change in report.changes] == [
        ("fragment", "cellar", "retired"),
        ("fragment", "hall", "changed"),
    ]
    assert await house.count("event_logs") == events + 1, "only that it was published"
    assert (await here(house, eva)).key == "hall"


async def test_what_was_shown_before_somebody_else_published_is_not_published(house: House) -> None:
    seen = (await publish(house)).version
    await publish(house, tale(title={"es": "Otra"}), "somebody else")

    with pytest.raises(ContentMoved) as refused:
        await publish(house, tale(cellar=False), "late", expected=seen)
    assert refused.value == ContentMoved(expected=1, now=2)
    assert await house.count("content_versions") == 2
    assert (await publish(house, tale(cellar=False), "again", expected=2)).version == 3


async def test_the_first_story_may_be_expected_to_be_the_first(house: House) -> None:
    assert (await publish(house, expected=0)).version == 1
    with pytest.raises(ContentMoved):
        await publish(house, tale(cellar=False), "late", expected=0)
    assert not (await publish(house, key="the same", expected=0)).new, "it says exactly this"


async def test_a_world_that_names_what_it_does_not_hold_is_published_by_nobody(house: House) -> None:
    nowhere = {"key": "go", "text": {"es": "Ve"}, "to": "nowhere", "requirement": {"required_items": ["ghost"]}}
    hall = {"key": "hall", "title": {"es": "a"}, "text": {"es": "a"}, "entry": True, "decisions": [nowhere]}

    with pytest.raises(WrongDocument) as refused:
        await publish(house, tale(fragments=[hall], combinations=[]))
    assert {one["expected"] for one in refused.value.problems} == {"nowhere", "ghost"}
    assert await house.count("content_versions") == 0
    assert await house.count("narrative_fragments") == 0


async def test_two_at_once_are_published_one_after_the_other(house: House) -> None:
    reports = await asyncio.gather(
        publish(house, key="a"), publish(house, tale(cellar=False), key="b"), publish(house, key="c")
    )
    versions = await house.rows("SELECT version FROM content_versions ORDER BY version")
    assert versions == [(number,) for number in range(1, len(versions) + 1)]
    assert sorted(report.version for report in reports if report.new) == [number for (number,) in versions]


async def test_only_who_is_in_charge_publishes(house: House) -> None:
    [fan] = await house.members()
    with pytest.raises(RoleTooLow):
        await house.coordinator.run(Publish(world=tale()), key="k", member=fan, actor="member")
    assert await house.count("content_versions") == 0


async def test_the_world_knows_where_things_are_found(house: House) -> None:
    await publish(house)
    async with house.coordinator.reading() as unit:
        for kind, key, found in (
            ("item", "moon", [("fragment", "salon")]),
            ("hint", "key", [("fragment", "hall")]),
            ("hint", "nothing", []),
            ("item", "key", []),
        ):
            assert [(place.kind, place.key) for place in await store.where_found(unit.tx, kind, key)] == found


def test_secrets_are_not_given_away() -> None:
    world = tale()
    [hall, *others] = world.fragments
    secret = world.model_copy(update={"fragments": [hall.model_copy(update={"secret": True}), *others]})
    assert "key" not in places(secret)["hint"]
    assert "key" in places(world)["hint"]
