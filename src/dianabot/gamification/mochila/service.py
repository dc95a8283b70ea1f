"""Items. Every verb runs inside its caller's transaction, on a member whom it has locked."""

from collections.abc import Sequence
from typing import Any

from dianabot.gamification.mochila import rules
from dianabot.gamification.mochila.events import ItemAcquired
from dianabot.gamification.mochila.store import Having, Owned, Published, Store
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.vocabulary.world import Item, Language, Text, in_columns


class Mochila:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._store = Store(tx)

    async def quantities(self, member: MemberId) -> dict[str, int]:
        """How many she has of each item: this slice's part of a standing."""
        return {quantity.key: quantity.number for quantity in await self._store.quantities(member)}

    async def add(self, member: MemberId, key: str, quantity: int = 1, *, cause: str) -> int:
        """How many came: none of a unique one that she has."""
        having = await self._having(member, key)
        added = rules.added(having.quantity, quantity, unique=having.is_unique)
        if added:
            await self._store.move(member, having, added, cause)
            self._tx.announce(ItemAcquired(member=member, item=key, quantity=added, cause=cause))
        return added

    async def remove(self, member: MemberId, key: str, quantity: int = 1, *, cause: str) -> int:
        """Take them, and return how many she has left; or refuse with `NotEnoughItems`."""
        having = await self._having(member, key)
        left = rules.left(key, having.quantity, quantity)
        await self._store.move(member, having, -quantity, cause)
        return left

    async def owned(self, member: MemberId, language: Language) -> list[Owned]:
        """What she has, by name; also what is no longer published."""
        owned = await self._store.owned(member, language)
        return sorted(owned, key=lambda item: rules.place_of(item.name, item.key))

    async def told(self, member: MemberId) -> dict[str, Any]:
        """What she has and ever had, as plain JSON values."""
        return await self._store.told(member)

    async def names(self, keys: Sequence[str], language: Language) -> dict[str, str]:
        """What people call these items."""
        return {named.key: named.name for named in await self._store.names(keys, language)}

    async def publish(self, items: Sequence[Item], language: Language) -> list[Published]:
        """These and no others, from now on. `language` is the one in which every text is written."""
        return await self._store.publish([_row(item, language) for item in items])

    async def _having(self, member: MemberId, key: str) -> Having:
        having = await self._store.having(member, key)
        if having is None:
            raise rules.NoSuchItem(key)
        return having


def _row(item: Item, language: Language) -> dict[str, object]:
    described: Text = {language: "", **(item.description or {})}
    return {
        "key": item.key,
        **in_columns({"name": item.name, "description": described}, language),
        "kind": item.kind,
        "unlocks_content": item.unlocks,
        "is_consumable": item.consumable,
        "is_unique": item.unique,
    }
