"""The SQL of levels."""

from dataclasses import dataclass, replace
from typing import Any

from dianabot.kernel.tx import Tx

OF = "SELECT xp, level FROM user_levels WHERE user_id = $1"
ADD = """
INSERT INTO user_levels AS hers (user_id, xp, level, reached_at)
VALUES ($1, $2, 1, $3)
ON CONFLICT (user_id) DO UPDATE SET xp = hers.xp + excluded.xp
RETURNING xp, level
"""
REACH = "UPDATE user_levels SET level = $2, reached_at = $3 WHERE user_id = $1"
TOLD = "SELECT to_jsonb(hers) - ARRAY['user_id', 'xp', 'level'] FROM user_levels AS hers WHERE user_id = $1"


@dataclass(frozen=True, slots=True)
class Kept:
    xp: int = 0
    level: int = 1


class Store:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    async def of(self, member: int) -> Kept:
        return await self._tx.one(Kept, OF, member) or Kept()

    async def told(self, member: int) -> dict[str, Any]:
        return await self._tx.value(dict, TOLD, member) or {}

    async def add(self, member: int, amount: int, known: Kept | None) -> Kept:
        """What she has now, at the level that she had. Where that is known nobody waits to be told."""
        added = await self._tx.ask(ADD, member, amount, self._tx.at)
        if known is not None:
            return replace(known, xp=known.xp + amount)
        (told,) = await added.all(Kept)
        return told

    async def reach(self, member: int, level: int) -> None:
        await self._tx.send(REACH, member, level, self._tx.at)
