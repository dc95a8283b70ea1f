"""Experience and levels. Every verb runs inside its caller's transaction, on a member whom it has locked."""

from dataclasses import replace
from typing import Any

from dianabot.gamification.levels import rules
from dianabot.gamification.levels.events import LevelReached
from dianabot.gamification.levels.rules import Level, LevelsRules
from dianabot.gamification.levels.store import Kept, Store
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.vocabulary.keys import MOST


class Levels:
    """One for a transaction: what it has read of a member, whom the transaction has locked, it knows until its end."""

    def __init__(self, tx: Tx, tunable: LevelsRules) -> None:
        self._tx = tx
        self._rules = tunable
        self._store = Store(tx)
        self._known: dict[MemberId, Kept] = {}

    async def level(self, member: MemberId) -> int:
        """This slice's part of a standing."""
        return (await self.of(member)).level

    async def of(self, member: MemberId) -> Level:
        if member not in self._known:
            found = await self._store.of(member)
            self._known.setdefault(member, found)  # what came while this was on its way is newer
        kept = self._known[member]
        return rules.standing(kept.xp, kept.level, self._rules.thresholds)

    async def told(self, member: MemberId) -> dict[str, Any]:
        """What is kept beside what `of` answers; nothing before the first step, as plain JSON values."""
        return await self._store.told(member)

    async def add_xp(self, member: MemberId, amount: int, *, cause: str) -> Level:
        """Experience never goes away, and neither does a level. What each level brings is for whoever hears of it."""
        if not 1 <= amount <= MOST:
            message = f"nothing is worth {amount!r} points"
            raise ValueError(message)
        kept = await self._store.add(member, amount, self._known.get(member))
        now = rules.standing(kept.xp, kept.level, self._rules.thresholds)
        self._known[member] = replace(kept, level=now.level)
        if now.level > kept.level:
            await self._store.reach(member, now.level)
        for level in range(kept.level + 1, now.level + 1):
            self._tx.announce(LevelReached(member=member, level=level, cause=cause))
        return now
