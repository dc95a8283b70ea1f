"""Hints on a real PostgreSQL: found once, combined in any order, once."""

from collections.abc import AsyncIterator, Sequence

import pytest

from dianabot.kernel.errors import Refusal
from dianabot.kernel.ids import MemberId
from dianabot.narrative.hints import AlreadyCombined, HintNotFound, Hints, NothingComesOfIt
from dianabot.vocabulary.reward import dump
from dianabot.vocabulary.world import Combination, Hint
from tests.proof.stage import Stage

HINTS = [
    Hint(key=key, title={"es": key.title(), "en": f"A {key}"}, text={"es": f"Un {key}."})
    for key in ("rose", "key", "map")
]
DOOR = Combination(key="door", hints=["rose", "key"], text={"es": "Se abre.", "en": "It opens."}, reward={"xp": 5})
PATH = Combination(key="path", hints=["map", "key", "rose"], text={"es": "Un camino."}, reward={"hints": ["rose"]})


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        await publish(running)
        yield running


async def publish(
    stage: Stage, hints: Sequence[Hint] = HINTS, combinations: Sequence[Combination] = (DOOR, PATH)
) -> dict[str, str]:
    async with stage.begin() as tx:
        return {one.key: one.what for one in await Hints(tx).publish(hints, combinations, "es")}


async def give(stage: Stage, member: MemberId, *keys: str) -> list[str]:
    async with stage.begin() as tx:
        await tx.lock_members(member)
        return await Hints(tx).give(member, keys, cause="test")


async def finder(stage: Stage, *keys: str) -> MemberId:
    [ana] = await stage.members()
    await give(stage, ana, *keys)
    return ana


async def combine(stage: Stage, member: MemberId, *keys: str) -> str | Refusal:
    async with stage.begin() as tx:
        await tx.lock_members(member)
        try:
            return (await Hints(tx).combine(member, keys)).key
        except Refusal as refused:
            return refused


async def test_a_hint_is_found_once_and_said_once(stage: Stage) -> None:
    ana = await finder(stage)
    assert await give(stage, ana, "rose", "nothing", "key") == ["rose", "key"]
    assert await give(stage, ana, "key", "map") == ["map"]
    said = await stage.rows("SELECT event_data->>'hint' FROM event_logs WHERE event_type = $1 ORDER BY seq",
                            "narrative.hint_unlocked")  # fmt: skip
    assert [hint for (hint,) in said] == ["rose", "key", "map"]
    async with stage.begin() as tx:
        assert await Hints(tx).keys(ana) == {"rose", "key", "map"}
        found = await Hints(tx).found(ana, "en")
        assert await Hints(tx).titles(["rose", "gone"], "en") == {"rose": "A rose"}
    assert ("A rose", "Un rose.") in {(hint.title, hint.text) for hint in found}


@pytest.mark.parametrize(
    ("hers", "put_together", "outcome"),
    [
        (("rose", "key"), ("rose", "key"), "door"),
        (("rose", "key"), ("key", "rose"), "door"),
        (("rose", "key"), ("key", "rose", "key"), "door"),
        (("rose", "key", "map"), ("map", "rose", "key"), "path"),
        (("rose", "key", "map"), ("map", "rose"), NothingComesOfIt()),
        (("rose", "key"), ("rose",), NothingComesOfIt()),
        (("rose", "key"), ("rose", "rose"), NothingComesOfIt()),
        (("rose", "key"), (), NothingComesOfIt()),
        (("rose",), ("rose", "key"), HintNotFound("key")),
        ((), ("rose", "nothing"), HintNotFound("nothing")),
    ],
)
async def test_what_comes_of_putting_hints_together(
    stage: Stage, hers: tuple[str, ...], put_together: tuple[str, ...], outcome: str | Refusal
) -> None:
    ana = await finder(stage, *hers)
    assert await combine(stage, ana, *put_together) == outcome


async def test_it_comes_of_it_once_and_for_each_reader(stage: Stage) -> None:
    ana, bea = await finder(stage, "rose", "key"), await finder(stage, "rose", "key")
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        combined = await Hints(tx).combine(ana, ["rose", "key"], "en")
    assert (combined.text, dump(combined.reward)) == ("It opens.", {"xp": 5})
    assert await combine(stage, ana, "key", "rose") == AlreadyCombined("door")
    assert await combine(stage, bea, "key", "rose") == "door"
    async with stage.begin() as tx:
        assert [(made.key, made.text) for made in await Hints(tx).made(ana, "en")] == [("door", "It opens.")]
    await publish(stage, combinations=())
    async with stage.begin() as tx:
        assert await Hints(tx).made(ana) == [], "it is no longer told"


async def test_publishing_says_what_changed_and_may_trade_the_hints_of_two(stage: Stage) -> None:
    assert await publish(stage) == {}
    traded = (DOOR.model_copy(update={"hints": PATH.hints}), PATH.model_copy(update={"hints": ["key", "rose"]}))
    assert await publish(stage, HINTS, traded) == {"door": "changed", "path": "changed"}
    renamed = (DOOR.model_copy(update={"key": "gate"}), PATH)
    assert await publish(stage, HINTS[:2], renamed) == {
        "door": "retired", "gate": "added", "map": "retired", "path": "changed"
    }  # fmt: skip


async def test_a_hint_that_is_no_longer_told_is_neither_given_nor_shown(stage: Stage) -> None:
    ana = await finder(stage, "rose", "map")
    await publish(stage, HINTS[:2], [DOOR])
    bea = await finder(stage)
    assert await give(stage, bea, "map") == []
    async with stage.begin() as tx:
        assert [hint.key for hint in await Hints(tx).found(ana)] == ["rose"]
