"""The SQL of wallets. A movement is one statement: the row of the ledger, and the wallet that agrees with it."""

from dataclasses import dataclass
from datetime import date, datetime

from dianabot.gamification.wallet.rules import Account
from dianabot.kernel.tx import Tx
from dianabot.vocabulary.reason import Reason

ACCOUNT = "SELECT balance, held, seq, capped_on, capped FROM wallets WHERE user_id = $1"
RECENT = """
SELECT ledger.at
FROM wallets
JOIN besitos_ledger AS ledger
  ON ledger.user_id = $1 AND ledger.seq = ANY(ARRAY[wallets.seq - $2, wallets.seq - $2 + 1, wallets.seq])
WHERE wallets.user_id = $1 AND wallets.seq >= $2
ORDER BY ledger.seq
"""
MOVE = """
WITH moved AS (
    INSERT INTO besitos_ledger (user_id, seq, amount, balance_after, reason, reference, operation_id, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
)
INSERT INTO wallets (user_id, seq, balance, held, capped_on, capped)
VALUES ($1, $2, $4, $9, $10, $11)
ON CONFLICT (user_id) DO UPDATE
SET seq = excluded.seq, balance = excluded.balance, held = excluded.held, capped_on = excluded.capped_on,
    capped = excluded.capped
"""
HOLD = """
WITH held AS (UPDATE wallets SET held = held + $2 WHERE user_id = $1)
INSERT INTO besitos_holds (user_id, amount, state, reason, reference, at)
VALUES ($1, $2, 'held', $3, $4, $5)
RETURNING id
"""
OPEN = """
SELECT hold.amount, hold.reason, hold.reference, balance, held, seq, capped_on, capped
FROM besitos_holds AS hold
JOIN wallets ON wallets.user_id = hold.user_id
WHERE hold.id = $2 AND hold.user_id = $1 AND hold.state = 'held'
"""
RELEASE = """
WITH released AS (
    UPDATE besitos_holds SET state = 'released', ended_at = $3
    WHERE id = $2 AND user_id = $1 AND state = 'held'
    RETURNING amount
)
UPDATE wallets SET held = held - released.amount FROM released WHERE user_id = $1
"""
CAPTURED = (
    "UPDATE besitos_holds SET state = 'captured', captured_seq = $3, ended_at = $4 WHERE id = $2 AND user_id = $1"
)
HISTORY = """
SELECT seq, amount, balance_after, reason, reference, at
FROM besitos_ledger
WHERE user_id = $1 AND ($2::bigint IS NULL OR seq < $2)
ORDER BY seq DESC
LIMIT $3
"""


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
class OpenHold:
    amount: int
    reason: Reason
    reference: str
    balance: int
    held: int
    seq: int
    capped_on: date | None
    capped: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", Reason(self.reason))

    @property
    def account(self) -> Account:
        return Account(self.balance, self.held, self.seq, self.capped_on, self.capped)


class Store:
    def __init__(self, tx: Tx, operation: int | None) -> None:
        self._tx = tx
        self._operation = operation

    async def account(self, member: int) -> Account:
        return await self._tx.one(Account, ACCOUNT, member) or Account()

    async def look(self, member: int, often: int) -> tuple[Account, list[datetime]]:
        """Her account and, in the same round trip, when she moved `often` movements ago, just before that and last."""
        account = await self._tx.ask(ACCOUNT, member)
        recent = await self._tx.ask(RECENT, member, often)
        found = await account.all(Account)
        return found[0] if found else Account(), await recent.column(datetime)

    async def move(self, member: int, amount: int, after: Account, reason: Reason, reference: str) -> None:
        await self._tx.send(
            MOVE,
            member,
            after.seq,
            amount,
            after.balance,
            reason,
            reference,
            self._operation,
            self._tx.at,
            after.held,
            after.capped_on,
            after.capped,
        )

    async def hold(self, member: int, amount: int, reason: Reason, reference: str) -> int:
        hold = await self._tx.value(int, HOLD, member, amount, reason, reference, self._tx.at)
        assert hold is not None, "an insert returns its row"
        return hold

    async def open(self, member: int, hold: int) -> OpenHold | None:
        return await self._tx.one(OpenHold, OPEN, member, hold)

    async def release(self, member: int, hold: int) -> bool:
        return await self._tx.run(RELEASE, member, hold, self._tx.at) == 1

    async def captured(self, member: int, hold: int, seq: int) -> None:
        await self._tx.send(CAPTURED, member, hold, seq, self._tx.at)

    async def history(self, member: int, before: int | None, limit: int) -> list[Entry]:
        return await self._tx.all(Entry, HISTORY, member, before, limit)
