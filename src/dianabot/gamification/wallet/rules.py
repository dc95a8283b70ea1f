"""How besitos move: arithmetic over one purse, without a database.

Every change is a new `Account`; what may not be is refused before anything is written.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from dianabot.kernel.errors import Refusal
from dianabot.vocabulary.keys import MOST
from dianabot.vocabulary.reason import Reason

HOUR: Final = timedelta(hours=1)


class WalletRules(BaseModel):
    """This slice's part of the rulebook."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    daily_cap: Annotated[int, Field(ge=0, le=MOST)] = 1000
    """At most so many besitos a day, in the creator's time zone, from what can be repeated: reactions, gifts, trivia,
    missions and streaks."""
    suspicious_per_hour: Annotated[int, Field(ge=10, le=100_000)] = 300
    """More movements than this within an hour are flagged for a person to look at; nothing is taken away."""


class NotEnoughBesitos(Refusal):
    """She can spend less than this costs."""

    have: int
    need: int


class HoldNotOpen(Exception):  # noqa: N818 - says what happened
    """A hold that was never hers, or has ended: whoever keeps its number has lost count, which is a defect."""


@dataclass(frozen=True, slots=True)
class Account:
    """Her row: `seq` numbers her last movement, `capped` is what she earned on `capped_on` from what repeats.

    `since` is when as many movements ago as an hour may hold she moved, if she has moved so often; what follows in the
    same transaction leaves it behind, so that it is rather too early than too late.
    """

    balance: int = 0
    held: int = 0
    seq: int = 0
    capped_on: date | None = None
    capped: int = 0
    flagged_at: datetime | None = None
    since: datetime | None = None

    @property
    def free(self) -> int:
        return self.balance - self.held

    def earned(self, day: date) -> int:
        """From what repeats, that day. A day that is past already counts on, should the creator's zone be changed."""
        return self.capped if self.capped_on is not None and self.capped_on >= day else 0


def grant(account: Account, amount: int, reason: Reason, *, day: date, cap: int) -> tuple[Account, int]:
    """The account after it, and how much the day's cap has cut off. All of it cut: the same account."""
    _check(amount, reason)
    if not reason.repeatable:
        return _moved(account, amount), 0
    before = account.earned(day)
    given = max(0, min(amount, cap - before))
    if given == 0:
        return account, amount
    today = day if account.capped_on is None else max(day, account.capped_on)
    return replace(_moved(account, given), capped_on=today, capped=before + given), amount - given


def spend(account: Account, amount: int, reason: Reason) -> Account:
    """Only what is free: what is held for something else is not."""
    _check(amount, reason)
    _refuse_beyond(account, amount)
    return _moved(account, -amount)


def hold(account: Account, amount: int, reason: Reason) -> Account:
    _check(amount, reason)
    _refuse_beyond(account, amount)
    return replace(account, held=account.held + amount)


def release(account: Account, amount: int) -> Account:
    return replace(account, held=account.held - amount)


def capture(account: Account, amount: int) -> Account:
    """What was held is spent."""
    return _moved(release(account, amount), -amount)


def too_fast(account: Account, at: datetime) -> bool:
    """Whether one movement more, at that instant, is more than an hour may hold; said at most once an hour."""
    told = account.flagged_at is not None and at - account.flagged_at < HOUR
    return account.since is not None and at - account.since < HOUR and not told


def _moved(account: Account, amount: int) -> Account:
    return replace(account, balance=account.balance + amount, seq=account.seq + 1)


def _refuse_beyond(account: Account, amount: int) -> None:
    if amount > account.free:
        raise NotEnoughBesitos(account.free, amount)


def _check(amount: int, reason: Reason) -> None:
    """Callers have read their input: anything else is a defect of theirs."""
    Reason(reason)
    if not 1 <= amount <= MOST:
        message = f"no movement is {amount!r} besitos"
        raise ValueError(message)
