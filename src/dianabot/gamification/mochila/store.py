"""The SQL of items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from dianabot.kernel.tx import Tx

QUANTITIES = """
SELECT items.key, quantity
FROM user_items
JOIN items ON items.id = item_id
WHERE user_id = $1 AND quantity > 0
"""
HAVING = """
SELECT items.id, is_unique, coalesce(quantity, 0)
FROM items
LEFT JOIN user_items ON item_id = items.id AND user_id = $1
WHERE key = $2
"""
MOVE = """
WITH moved AS (
    INSERT INTO item_movements (user_id, item_id, amount, cause, at) VALUES ($1, $2, $3, $4, $5)
)
INSERT INTO user_items AS hers (user_id, item_id, quantity)
VALUES ($1, $2, $6)
ON CONFLICT (user_id, item_id) DO UPDATE SET quantity = excluded.quantity
"""
OWNED = """
SELECT items.key, coalesce(translations -> $2 ->> 'name', name),
       coalesce(translations -> $2 ->> 'description', description), kind, quantity, is_consumable, is_unique
FROM user_items
JOIN items ON items.id = item_id
WHERE user_id = $1 AND quantity > 0
"""
TOLD = """
SELECT jsonb_build_object(
    'has', (SELECT coalesce(jsonb_object_agg(key, quantity), '{}')
            FROM user_items JOIN items ON id = item_id WHERE user_id = $1),
    'moved', (SELECT coalesce(jsonb_agg(jsonb_build_object('item', key, 'amount', amount, 'cause', cause, 'at', at)
                                        ORDER BY item_movements.id), '[]')
              FROM item_movements JOIN items ON items.id = item_id WHERE user_id = $1))
"""
NAMES = "SELECT key, coalesce(translations -> $2 ->> 'name', name) FROM items WHERE key = ANY($1)"
PUBLISH = """
WITH wanted AS (
    SELECT *
    FROM jsonb_to_recordset($1::jsonb) AS wanted (
        key text, name text, description text, translations jsonb, kind text, unlocks_content jsonb,
        is_consumable boolean, is_unique boolean)
), retired AS (
    UPDATE items AS old SET status = 'retired'
    WHERE status = 'published' AND NOT EXISTS (SELECT FROM wanted WHERE wanted.key = old.key)
    RETURNING key
), written AS (
    INSERT INTO items AS old (key, name, description, translations, kind, unlocks_content, is_consumable, is_unique,
                              status)
    SELECT key, name, description, translations, kind, unlocks_content, is_consumable, is_unique, 'published'
    FROM wanted
    ON CONFLICT (key) DO UPDATE
    SET name = excluded.name, description = excluded.description, translations = excluded.translations,
        kind = excluded.kind, unlocks_content = excluded.unlocks_content, is_consumable = excluded.is_consumable,
        is_unique = excluded.is_unique, status = excluded.status
    WHERE (old.name, old.description, old.translations, old.kind, old.unlocks_content, old.is_consumable,
           old.is_unique, old.status)
          IS DISTINCT FROM (excluded.name, excluded.description, excluded.translations, excluded.kind,
                            excluded.unlocks_content, excluded.is_consumable, excluded.is_unique, excluded.status)
    RETURNING key
)
SELECT key, CASE WHEN EXISTS (SELECT FROM items AS before WHERE before.key = written.key AND status = 'published')
                 THEN 'changed' ELSE 'added' END
FROM written
UNION ALL
SELECT key, 'retired' FROM retired
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Having:
    item: int
    is_unique: bool
    quantity: int


@dataclass(frozen=True, slots=True)
class Quantity:
    key: str
    number: int


@dataclass(frozen=True, slots=True)
class Owned:
    """An item as she sees it."""

    key: str
    name: str
    description: str
    kind: str
    quantity: int
    consumable: bool
    unique: bool


@dataclass(frozen=True, slots=True)
class Published:
    key: str
    what: str
    """`added`, `changed` or `retired`."""


@dataclass(frozen=True, slots=True)
class Named:
    key: str
    name: str


class Store:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    async def quantities(self, member: int) -> list[Quantity]:
        return await self._tx.all(Quantity, QUANTITIES, member)

    async def having(self, member: int, key: str) -> Having | None:
        return await self._tx.one(Having, HAVING, member, key)

    async def move(self, member: int, having: Having, amount: int, cause: str) -> None:
        after = having.quantity + amount
        await self._tx.send(MOVE, member, having.item, amount, cause, self._tx.at, after)

    async def owned(self, member: int, language: str) -> list[Owned]:
        return await self._tx.all(Owned, OWNED, member, language)

    async def told(self, member: int) -> dict[str, Any]:
        return await self._tx.value(dict, TOLD, member) or {}

    async def names(self, keys: Sequence[str], language: str) -> list[Named]:
        return await self._tx.all(Named, NAMES, list(keys), language)

    async def publish(self, items: Sequence[Mapping[str, Any]]) -> list[Published]:
        return await self._tx.all(Published, PUBLISH, Jsonb(list(items)))
