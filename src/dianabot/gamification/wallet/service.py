"""Besitos. Every verb runs inside its caller's transaction, on a member whom it has locked."""

from dataclasses import dataclass
from datetime import date

from dianabot.gamification.wallet import rules
from dianabot.gamification.wallet.events import BesitosEarned, BesitosSpent, FraudFlagged
from dianabot.gamification.wallet.rules import Account, HoldNotOpen, WalletRules
from dianabot.gamification.wallet.store import Entry, Store
from dianabot.kernel.ids import MemberId
from dianabot.kernel.tx import Tx
from dianabot.vocabulary.reason import Reason

TOO_MANY = "besitos_moved_too_often"
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
    """`day` is the creator's, by which the cap counts; `operation` is the row under whose key this happens."""

    def __init__(self, tx: Tx, tunable: WalletRules, *, day: date, operation: int | None = None) -> None:
        self._tx = tx
        self._rules = tunable
        self._day = day
        self._store = Store(tx, operation)

    async def besitos(self, member: MemberId) -> int:
        """What she can spend: this slice's part of a standing."""
        return (await self._store.account(member)).free

    async def purse(self, member: MemberId) -> Purse:
        account = await self._store.account(member)
        return Purse(account.balance, account.held, account.earned(self._day))

    async def grant(self, member: MemberId, amount: int, *, reason: Reason, reference: str) -> Granted:
        """Give besitos, or as many of them as the day's cap leaves for what can be repeated; that may be none."""
        before, recent = await self._store.look(member, self._rules.suspicious_per_hour)
        after, cut = rules.grant(before, amount, reason, day=self._day, cap=self._rules.daily_cap)
        given = amount - cut
        if given:
            await self._store.move(member, given, after, reason, reference)
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
            self._flag(member, rules.too_many(recent, self._tx.at))
        return Granted(given, cut, after.balance)

    async def spend(self, member: MemberId, amount: int, *, reason: Reason, reference: str) -> int:
        """Take besitos and return what she has left, or refuse with `NotEnoughBesitos`."""
        before, recent = await self._store.look(member, self._rules.suspicious_per_hour)
        after = rules.spend(before, amount, reason)
        await self._store.move(member, -amount, after, reason, reference)
        self._spent(member, amount, after, reason, reference)
        self._flag(member, rules.too_many(recent, self._tx.at))
        return after.free

    async def hold(self, member: MemberId, amount: int, *, reason: Reason, reference: str) -> int:
        """Set besitos aside, and return the number of the hold; they are hers, and she cannot spend them."""
        rules.hold(await self._store.account(member), amount, reason)
        return await self._store.hold(member, amount, reason, reference)

    async def release(self, member: MemberId, hold: int) -> None:
        """She can spend them again. `HoldNotOpen` when they were let go or spent before."""
        if not await self._store.release(member, hold):
            raise HoldNotOpen(hold)

    async def capture(self, member: MemberId, hold: int) -> int:
        """Spend what was set aside, and return what she has left to spend."""
        found = await self._store.open(member, hold)
        if found is None:
            raise HoldNotOpen(hold)
        after = rules.capture(found.account, found.amount)
        await self._store.move(member, -found.amount, after, found.reason, found.reference)
        await self._store.captured(member, hold, after.seq)
        self._spent(member, found.amount, after, found.reason, found.reference)
        return after.free

    async def history(self, member: MemberId, *, before: int | None = None, limit: int = 20) -> list[Entry]:
        """Her ledger, newest first; a page goes on `before` the last `seq` of the one above it."""
        return await self._store.history(member, before, limit)

    def _spent(self, member: MemberId, amount: int, after: Account, reason: Reason, reference: str) -> None:
        self._tx.announce(
            BesitosSpent(
                member=member,
                amount=amount,
                balance=after.balance,
                reason=reason,
                reference=reference,
                seq=after.seq,
            )
        )

    def _flag(self, member: MemberId, too_many: bool) -> None:  # noqa: FBT001 - reads as the sentence it is
        if too_many:
            self._tx.announce(FraudFlagged(member=member, signal=TOO_MANY))
