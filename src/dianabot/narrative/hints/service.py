"""The verbs about hints. Each runs inside its caller's transaction, on a member whom it has locked."""

from collections.abc import Iterable, Sequence
from typing import Any

from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.narrative.hints import rules
from dianabot.narrative.hints.events import HintUnlocked
from dianabot.narrative.hints.store import Combined, Found, Made, Published, Store
from dianabot.vocabulary.world import Combination, Hint, Language, in_columns


class Hints:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._store = Store(tx)

    async def keys(self, member: MemberId) -> frozenset[str]:
        """This slice's part of a standing."""
        return frozenset(await self._store.keys(member))

    async def give(self, member: MemberId, keys: Iterable[str], *, cause: str) -> list[str]:
        """Those that are new to her; `cause` names the deed: `decision:hall.open_door`."""
        new = await self._store.give(member, list(keys), cause)
        for key in new:
            self._tx.announce(HintUnlocked(member=member, hint=key, cause=cause))
        return new

    async def found(self, member: MemberId, language: Language | None = None) -> list[Found]:
        """Her hints in the order in which she found them, without those that are no longer told."""
        return await self._store.found(member, language)

    async def made(self, member: MemberId, language: Language | None = None) -> list[Made]:
        """What came of her combining, in the order in which she did it, without what is no longer told."""
        return await self._store.made(member, language)

    async def told(self, member: MemberId) -> dict[str, Any]:
        """All that she found and joined, also what is no longer told, as plain JSON values."""
        return await self._store.told(member)

    async def titles(self, keys: Iterable[str], language: Language | None = None) -> dict[str, str]:
        """What hints are called, for whoever may hear of them."""
        return await self._store.titles(list(keys), language)

    async def combine(self, member: MemberId, keys: Iterable[str], language: Language | None = None) -> Combined:
        """What they make together, in any order, once. Giving its reward is the caller's.

        Refused with `HintNotFound` (not hers), `NothingComesOfIt` or `AlreadyCombined`.
        """
        distinct = rules.together(keys, await self.keys(member))
        combined = await self._store.combination(distinct, language)
        if combined is None:
            raise rules.NothingComesOfIt
        if not await self._store.combine(member, combined.key):
            raise rules.AlreadyCombined(combined.key)
        return combined

    async def publish(
        self, hints: Sequence[Hint], combinations: Sequence[Combination], language: Language
    ) -> list[Published]:
        """These and no others, from now on. `language` is the one in which every text is written."""
        told = [{"key": hint.key, **in_columns({"title": hint.title, "body": hint.text}, language)} for hint in hints]
        made = [
            {
                "key": combination.key,
                "hints": sorted(set(combination.hints)),
                "extended_rewards": combination.reward,
                **in_columns({"body": combination.text}, language),
            }
            for combination in combinations
        ]
        return await self._store.publish(told, made)
