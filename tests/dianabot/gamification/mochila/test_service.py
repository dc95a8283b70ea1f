"""Items on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from dianabot.gamification.mochila import Mochila, NoSuchItem, NotEnoughItems, Owned, Published
from dianabot.gamification.mochila.rules import added
from dianabot.kernel.ids import MemberId
from dianabot.vocabulary.world import Item
from tests.proof.stage import Stage

LAMP = Item(
    key="lamp",
    name={"es": "Lámpara", "en": "Lamp"},
    description={"es": "Da luz.", "en": "It gives light."},
    consumable=True,
)
KEY = Item(key="old_key", name={"es": "Llave"}, kind="key", unique=True, unlocks={"unlock_fragments": ["cellar"]})
ACQUIRED = """
SELECT event_data ->> 'item', (event_data -> 'quantity')::int, event_data ->> 'cause' FROM event_logs ORDER BY seq
"""
MOVED = "SELECT key, amount, cause FROM item_movements JOIN items ON items.id = item_id ORDER BY item_movements.id"
AGREES = """
SELECT user_items.quantity = (SELECT sum(amount) FROM item_movements AS moved
                              WHERE moved.user_id = user_items.user_id AND moved.item_id = user_items.item_id)
FROM user_items
"""


@pytest.fixture
async def stage(postgres_dsn: str) -> AsyncIterator[Stage]:
    async with Stage(postgres_dsn) as running:
        async with running.begin() as tx:
            await Mochila(tx).publish([LAMP, KEY], "es")
        yield running


@pytest.fixture
async def ana(stage: Stage) -> MemberId:
    [ana] = await stage.members()
    return ana


async def add(stage: Stage, ana: MemberId, key: str, quantity: int = 1, cause: str = "a") -> int:
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        return await Mochila(tx).add(ana, key, quantity, cause=cause)


async def remove(stage: Stage, ana: MemberId, key: str, quantity: int = 1, cause: str = "a") -> int:
    async with stage.begin() as tx:
        await tx.lock_members(ana)
        return await Mochila(tx).remove(ana, key, quantity, cause=cause)


async def quantities(stage: Stage, ana: MemberId) -> dict[str, int]:
    async with stage.begin() as tx:
        return await Mochila(tx).quantities(ana)


async def test_items_come_and_go_and_every_movement_is_kept(stage: Stage, ana: MemberId) -> None:
    assert await quantities(stage, ana) == {}
    assert await add(stage, ana, "lamp", 2, "fragment:hall") == 2
    assert await add(stage, ana, "lamp", 3, "level:2") == 3
    assert await remove(stage, ana, "lamp", 4, "used") == 1
    assert await quantities(stage, ana) == {"lamp": 1}
    assert await stage.rows(ACQUIRED) == [("lamp", 2, "fragment:hall"), ("lamp", 3, "level:2")]
    assert await stage.rows(MOVED) == [("lamp", 2, "fragment:hall"), ("lamp", 3, "level:2"), ("lamp", -4, "used")]
    assert await stage.rows(AGREES) == [(True,)]


async def test_a_unique_item_comes_once_until_it_is_gone(stage: Stage, ana: MemberId) -> None:
    assert [await add(stage, ana, "old_key", quantity) for quantity in (5, 1)] == [1, 0]
    assert await stage.rows(ACQUIRED) == [("old_key", 1, "a")]
    assert await remove(stage, ana, "old_key") == 0
    assert await quantities(stage, ana) == {}
    assert await add(stage, ana, "old_key") == 1


async def test_what_another_has_is_not_hers(stage: Stage, ana: MemberId) -> None:
    [eva] = await stage.members()
    await add(stage, eva, "old_key")
    await add(stage, eva, "lamp", 5)
    assert await add(stage, ana, "lamp", 2) == 2
    assert await add(stage, ana, "old_key") == 1
    with pytest.raises(NotEnoughItems):
        await remove(stage, ana, "lamp", 3)
    assert await quantities(stage, ana) == {"lamp": 2, "old_key": 1}
    assert await quantities(stage, eva) == {"lamp": 5, "old_key": 1}


async def test_nobody_gives_away_what_she_has_not(stage: Stage, ana: MemberId) -> None:
    await add(stage, ana, "lamp", 2)
    with pytest.raises(NotEnoughItems) as refused:
        await remove(stage, ana, "lamp", 3)
    assert refused.value == NotEnoughItems("lamp", 2, 3)
    with pytest.raises(NotEnoughItems):
        await remove(stage, ana, "old_key")
    assert await stage.rows(MOVED) == [("lamp", 2, "a")]


async def test_what_is_not_called_so_is_not_moved(stage: Stage, ana: MemberId) -> None:
    for verb in (add, remove):
        with pytest.raises(NoSuchItem) as refused:
            await verb(stage, ana, "sword")
        assert refused.value == NoSuchItem("sword")


@pytest.mark.parametrize(
    ("have", "quantity", "unique", "more"),
    [(0, 3, False, 3), (0, 3, True, 1), (1, 1, True, 0), (2, 1, True, 0), (999_999_999, 5, False, 1)],
)
def test_how_many_more_there_may_be(have: int, quantity: int, unique: bool, more: int) -> None:  # noqa: FBT001 - a column of the table
    assert added(have, quantity, unique=unique) == more


@pytest.mark.parametrize("quantity", [0, -1, 1_000_000_001])
async def test_no_movement_is_nothing_or_less(stage: Stage, ana: MemberId, quantity: int) -> None:
    for verb in (add, remove):
        with pytest.raises(ValueError, match="items"):
            await verb(stage, ana, "lamp", quantity)


async def test_two_gifts_of_one_unique_item_at_once_are_one(stage: Stage, ana: MemberId) -> None:
    async with stage.begin() as slow:
        await slow.lock_members(ana)
        assert await Mochila(slow).add(ana, "old_key", cause="a") == 1
        second = asyncio.create_task(add(stage, ana, "old_key"))
        await stage.somebody_waits()
    assert await second == 0
    assert await quantities(stage, ana) == {"old_key": 1}


@pytest.mark.parametrize("change", ["UPDATE item_movements SET amount = 5", "DELETE FROM item_movements"])
async def test_movements_are_never_rewritten(stage: Stage, ana: MemberId, change: str) -> None:
    await add(stage, ana, "lamp", 2)
    with pytest.raises(psycopg.errors.RaiseException, match="never changed"):
        await stage.db.run(change)
    assert await stage.rows("SELECT amount FROM item_movements") == [(2,)]


async def test_she_reads_what_she_has_in_her_language_or_in_the_worlds(stage: Stage, ana: MemberId) -> None:
    await add(stage, ana, "old_key")
    await add(stage, ana, "lamp", 2)
    key = Owned("old_key", "Llave", "", "key", 1, consumable=False, unique=True)
    async with stage.begin() as tx:
        assert await Mochila(tx).owned(ana, "es") == [
            Owned("lamp", "Lámpara", "Da luz.", "keepsake", 2, consumable=True, unique=False),
            key,
        ]
        assert await Mochila(tx).owned(ana, "en") == [
            Owned("lamp", "Lamp", "It gives light.", "keepsake", 2, consumable=True, unique=False),
            key,
        ]


async def test_items_are_called_by_their_names(stage: Stage) -> None:
    async with stage.begin() as tx:
        named = await Mochila(tx).names(["lamp", "old_key", "sword"], "en")
    assert named == {"lamp": "Lamp", "old_key": "Llave"}


def changed(item: Item, **fields: Any) -> Item:
    return Item.model_validate({**item.model_dump(), **fields})


@pytest.mark.parametrize(
    ("items", "report"),
    [
        ([LAMP, KEY], []),
        ([KEY, LAMP], []),
        ([LAMP], [("old_key", "retired")]),
        ([], [("lamp", "retired"), ("old_key", "retired")]),
        ([LAMP, KEY, changed(LAMP, key="map")], [("map", "added")]),
        ([changed(LAMP, unique=True), KEY], [("lamp", "changed")]),
        ([changed(LAMP, consumable=False), KEY], [("lamp", "changed")]),
        ([changed(LAMP, kind="light"), KEY], [("lamp", "changed")]),
        ([changed(LAMP, unlocks={"besitos": 5}), KEY], [("lamp", "changed")]),
        ([changed(LAMP, name={"es": "Lámpara", "en": "Light"}), KEY], [("lamp", "changed")]),
        ([changed(LAMP, description=None), KEY], [("lamp", "changed")]),
    ],
)
async def test_publishing_says_what_is_new_other_and_gone(
    stage: Stage, items: list[Item], report: list[tuple[str, str]]
) -> None:
    async with stage.begin() as tx:
        assert await Mochila(tx).publish(items, "es") == [Published(*row) for row in report]
    async with stage.begin() as tx:
        assert await Mochila(tx).publish(items, "es") == []


async def test_what_is_no_longer_published_is_still_hers_and_may_return(stage: Stage, ana: MemberId) -> None:
    await add(stage, ana, "lamp")
    async with stage.begin() as tx:
        await Mochila(tx).publish([KEY], "es")
    assert await add(stage, ana, "lamp") == 1
    assert await quantities(stage, ana) == {"lamp": 2}
    async with stage.begin() as tx:
        assert await Mochila(tx).publish([KEY, LAMP], "es") == [Published("lamp", "added")]
