"""The house with one beam sawn through: what the proofs must notice, or they prove nothing.

Nothing of this can be switched on from outside the tests.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from dianabot.kernel.bus import store
from dianabot.kernel.bus.lanes import BATCH, Lanes, Pair
from dianabot.kernel.db import Row
from dianabot.kernel.events import Envelope, Fact
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Answer, Cause, Transactions, Tx
from dianabot.operations.store import CLAIM
from tests.proof.stage import Pieces


class EventAfterCommit(Transactions):
    """The cause commits first; its facts follow in a transaction of their own."""

    @asynccontextmanager
    async def begin(self, cause: Cause) -> AsyncIterator[Tx]:
        later: list[tuple[Fact, Cause]] = []
        async with super().begin(cause) as tx:
            yield tx
            later += tx._announced
            tx._announced.clear()
        if not later:
            return
        async with super().begin(cause) as after:
            await after.lock_members(*{fact.about for fact, _ in later if fact.about is not None})
            after._announced += later


class AcknowledgeOutside(Lanes):
    """The effect commits first; its delivery is deleted in a transaction of its own."""

    async def _batch(self, pair: Pair, batch: list[Envelope], *, urgent: bool) -> bool:  # noqa: ARG002 - as the house's own
        async with self._transactions.begin(self._cause()) as tx:
            if not await tx.value(bool, store.TRY_LANE, pair.consumer, pair.lane):
                return False
            read = await tx.all(Envelope, store.BATCH, pair.consumer, pair.lane, tx.at, BATCH)
            batch += await self._free(tx, read)
            done: Sequence[Envelope] = await self._run(tx, pair, batch)
        async with self._transactions.begin(self._cause()) as tx:
            await tx.send(store.DONE, pair.consumer, pair.lane, [event.seq for event in done])
        self._count(pair, done)
        return bool(done)


class WithoutLock(Transactions):
    """Members are said to be locked, and are not."""

    @asynccontextmanager
    async def begin(self, cause: Cause) -> AsyncIterator[Tx]:
        async with super().begin(cause) as tx:
            tx.__class__ = _Unlocked
            yield tx


class _Unlocked(Tx):
    async def ask(self, sql: str, *values: Any) -> Answer:
        return await super().ask(sql.replace(" FOR NO KEY UPDATE", ""), *values)

    async def lock_members(self, *members: MemberId) -> None:
        self._held.update(members)

    async def lock_free_members(self, members: Iterable[int]) -> set[int]:
        free = set(members)
        self._held |= free
        return free


class SwappedLocks(Transactions):
    """Whoever acts also locks a second member, hers first: the two of a pair do it in opposite orders."""

    @asynccontextmanager
    async def begin(self, cause: Cause) -> AsyncIterator[Tx]:
        async with super().begin(cause) as tx:
            tx.__class__ = _Crossed
            yield tx


class _Crossed(Tx):
    async def one(self, row: type[Row], sql: str, *values: Any) -> Row | None:
        found = await super().one(row, sql, *values)
        if sql == CLAIM:
            await self.lock_members(*(MemberId(member ^ 1) for member in self._held))
        return found


PLANTED: Final = {
    "event after the commit": Pieces(transactions=EventAfterCommit),
    "acknowledgement outside": Pieces(lanes=AcknowledgeOutside),
    "missing lock": Pieces(transactions=WithoutLock),
    "swapped lock order": Pieces(transactions=SwappedLocks),
}
