"""The SQL of wallets. A movement is one statement: the row of the ledger, and the wallet that agrees with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dianabot.gamification.wallet.rules import Account
from dianabot.kernel.tx import Tx
from dianabot.vocabulary.reason import Reason

ACCOUNT = """
SELECT balance, held, seq, capped_on, capped, flagged_at,
       (SELECT at FROM besitos_ledger WHERE user_id = $1 AND besitos_ledger.seq = wallets.seq + 1 - $2)
FROM wallets
WHERE user_id = $1
"""
MOVE = """
WITH moved AS (
    INSERT INTO besitos_ledger (user_id, seq, amount, balance_after, reason, reference, operation_id, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
)
INSERT INTO wallets (user_id, seq, balance, held, capped_on, capped, flagged_at)
VALUES ($1, $2, $4, 0, $9, $10, $11)
ON CONFLICT (user_id) DO UPDATE
SET seq = excluded.seq, balance = excluded.balance, held = wallets.held - $12, capped_on = excluded.capped_on,
    capped = excluded.capped, flagged_at = excluded.flagged_at
"""
HOLD = """
WITH held AS (UPDATE wallets SET held = held + $2 WHERE user_id = $1)
INSERT INTO besitos_holds (user_id, amount, state, reason, reference, at)
VALUES ($1, $2, 'held', $3, $4, $5)
RETURNING id
"""
HELD = "SELECT amount, reason, reference FROM besitos_holds WHERE id = $2 AND user_id = $1 AND state = 'held'"
RELEASE = """
WITH released AS (
    UPDATE besitos_holds SET state = 'released', ended_at = $3
    WHERE id = $2 AND user_id = $1 AND state = 'held'
    RETURNING user_id, amount
)
UPDATE wallets SET held = held - released.amount FROM released WHERE wallets.user_id = released.user_id
RETURNING released.amount
"""
CAPTURED = (
    "UPDATE besitos_holds SET state = 'captured', captured_seq = $3, ended_at = $4 WHERE id = $2 AND user_id = $1"
)
HISTORY = """
SELECT seq, amount, balance_after, reason, reference, at
FROM besitos_ledger
WHERE user_id = $1 AND seq < $2
ORDER BY seq DESC
LIMIT $3
"""
TOLD = """
SELECT jsonb_build_object(
    'wallet', (SELECT to_jsonb(wallets) - 'user_id' FROM wallets WHERE user_id = $1),
    'holds', (SELECT coalesce(jsonb_agg(to_jsonb(hold) - 'id' - 'user_id' ORDER BY id), '[]')
              FROM besitos_holds AS hold WHERE user_id = $1))
"""

AFTER_ALL = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of her ledger: `amount` is negative when it was spent."""

    seq: int
    amount: int
    balance_after: int
    reason: Reason
    reference: str
    at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", Reason(self.reason))


@dataclass(frozen=True, slots=True)
class Held:
    amount: int
    reason: Reason
    reference: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", Reason(self.reason))


class Store:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    async def account(self, member: int, often: int) -> Account:
        """With the instant of the movement that was `often` movements before the next."""
        return await self._tx.one(Account, ACCOUNT, member, often) or Account()

    async def move(self, member: int, before: Account, after: Account, reason: Reason, reference: str) -> None:
        await self._tx.send(
            MOVE,
            member,
            after.seq,
            after.balance - before.balance,
            after.balance,
            reason,
            reference,
            self._tx.operation_id,
            self._tx.at,
            after.capped_on,
            after.capped,
            after.flagged_at,
            before.held - after.held,
        )

    async def hold(self, member: int, amount: int, reason: Reason, reference: str) -> int:
        hold = await self._tx.value(int, HOLD, member, amount, reason, reference, self._tx.at)
        assert hold is not None, "an insert returns its row"
        return hold

    async def held(self, member: int, hold: int) -> Held | None:
        """None when it is not hers, or has ended."""
        return await self._tx.one(Held, HELD, member, hold)

    async def release(self, member: int, hold: int) -> int | None:
        """What has become free."""
        return await self._tx.value(int, RELEASE, member, hold, self._tx.at)

    async def captured(self, member: int, hold: int, seq: int) -> None:
        await self._tx.send(CAPTURED, member, hold, seq, self._tx.at)

    async def told(self, member: int) -> dict[str, Any]:
        return await self._tx.value(dict, TOLD, member) or {}

    async def history(self, member: int, before: int | None, limit: int) -> list[Entry]:
        return await self._tx.all(Entry, HISTORY, member, AFTER_ALL if before is None else before, limit)
