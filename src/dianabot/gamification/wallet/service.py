"""Besitos. Every verb runs inside its caller's transaction, on a member whom it has locked."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dianabot.gamification.wallet import rules
from dianabot.gamification.wallet.events import BesitosEarned, BesitosSpent, FraudFlagged
from dianabot.gamification.wallet.rules import Account, HoldNotOpen, WalletRules
from dianabot.gamification.wallet.store import Entry, Store
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.vocabulary.reason import Reason

TOO_FAST = "besitos_too_fast"
"""The signal of a wallet that moves faster than people do."""


@dataclass(frozen=True, slots=True)
class Purse:
    """What she has, what of it is set aside, and what she earned today from what repeats."""

    balance: int
    held: int
    earned_today: int

    @property
    def free(self) -> int:
        """What she can spend."""
        return self.balance - self.held


@dataclass(frozen=True, slots=True)
class Granted:
    """What she got, what the day's cap kept back, and what she has now."""

    amount: int
    cut: int
    balance: int


class Wallet:
    """One for a transaction: what it has read of a member, whom the transaction has locked, it knows until its end.

    `day` is the creator's, by which the cap counts.
    """

    def __init__(self, tx: Tx, tunable: WalletRules, *, day: date) -> None:
        self._tx = tx
        self._rules = tunable
        self._day = day
        self._store = Store(tx)
        self._known: dict[MemberId, Account] = {}

    async def besitos(self, member: MemberId) -> int:
        """What she can spend: this slice's part of a standing."""
        return (await self._account(member)).free

    async def purse(self, member: MemberId) -> Purse:
        account = await self._account(member)
        return Purse(account.balance, account.held, account.earned(self._day))

    async def grant(self, member: MemberId, amount: int, *, reason: Reason, reference: str) -> Granted:
        """Give besitos, or as many of them as the day's cap leaves for what can be repeated; that may be none."""
        before = await self._account(member)
        after, cut = rules.grant(before, amount, reason, day=self._day, cap=self._rules.daily_cap)
        given = amount - cut
        if given:
            after = await self._move(member, before, after, reason, reference)
            self._tx.announce(
                BesitosEarned(
                    member=member,
                    amount=given,
                    balance=after.balance,
                    reason=reason,
                    reference=reference,
                    seq=after.seq,
                    cut=cut,
                )
            )
        return Granted(given, cut, after.balance)

    async def spend(self, member: MemberId, amount: int, *, reason: Reason, reference: str) -> int:
        """Take besitos and return what she has left to spend, or refuse with `NotEnoughBesitos`."""
        before = await self._account(member)
        return await self._spend(member, before, rules.spend(before, amount, reason), reason, reference)

    async def hold(self, member: MemberId, amount: int, *, reason: Reason, reference: str) -> int:
        """Set besitos aside, and return the number of the hold; they are hers, and she cannot spend them."""
        self._known[member] = rules.hold(await self._account(member), amount, reason)
        return await self._store.hold(member, amount, reason, reference)

    async def release(self, member: MemberId, hold: int) -> None:
        """She can spend them again. `HoldNotOpen` when they were let go or spent before."""
        await self._account(member)
        amount = await self._store.release(member, hold)
        if amount is None:
            raise HoldNotOpen(hold)
        self._known[member] = rules.release(self._known[member], amount)

    async def capture(self, member: MemberId, hold: int) -> int:
        """Spend what was set aside, and return what she has left to spend."""
        held = await self._store.held(member, hold)
        if held is None:
            raise HoldNotOpen(hold)
        before = await self._account(member)
        left = await self._spend(member, before, rules.capture(before, held.amount), held.reason, held.reference)
        await self._store.captured(member, hold, before.seq + 1)
        return left

    async def told(self, member: MemberId) -> dict[str, Any]:
        """Her account, and what was ever set aside of it, as plain JSON values."""
        return await self._store.told(member)

    async def history(self, member: MemberId, *, before: int | None = None, limit: int = 20) -> list[Entry]:
        """Her ledger, newest first; a page goes on `before` the last `seq` of the one above it."""
        return await self._store.history(member, before, limit)

    async def _account(self, member: MemberId) -> Account:
        if member not in self._known:
            found = await self._store.account(member, self._rules.suspicious_per_hour)
            self._known.setdefault(member, found)  # what moved while this was on its way is newer
        return self._known[member]

    async def _spend(self, member: MemberId, before: Account, after: Account, reason: Reason, reference: str) -> int:
        after = await self._move(member, before, after, reason, reference)
        self._tx.announce(
            BesitosSpent(
                member=member,
                amount=before.balance - after.balance,
                balance=after.balance,
                reason=reason,
                reference=reference,
                seq=after.seq,
            )
        )
        return after.free

    async def _move(self, member: MemberId, before: Account, after: Account, reason: Reason, reference: str) -> Account:
        if rules.too_fast(before, self._tx.at):
            after = replace(after, flagged_at=self._tx.at)
            self._tx.announce(FraudFlagged(member=member, signal=TOO_FAST))
        await self._store.move(member, before, after, reason, reference)
        self._known[member] = after
        return after
