"""Money, exact to the smallest unit of its currency. Stars (XTR) are money too; besitos are not."""

import re
from dataclasses import dataclass
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from typing import Self

STARS = "XTR"

_AMOUNT = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_CODE = re.compile(r"[A-Z]{3}")
_WHOLE = frozenset({
    "XTR", "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF",
    "XPF",
})  # fmt: skip
_THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_EXACT = Context(prec=18, traps=[Inexact, InvalidOperation])


class NotMoney(ValueError):  # noqa: N818 - says what it is
    """An amount or a currency that does not exist: a defect of whoever made it."""


class CurrenciesDiffer(NotMoney):
    """Sums and comparisons need one currency; a rate is never guessed."""


def decimals(currency: str) -> int:
    """Digits behind the point in that currency."""
    if currency in _WHOLE:
        return 0
    return 3 if currency in _THOUSANDTHS else 2


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if _CODE.fullmatch(self.currency) is None:
            raise NotMoney(f"not a currency: {self.currency!r}")
        try:
            exact = self.amount.quantize(Decimal(1).scaleb(-decimals(self.currency)), context=_EXACT)
        except (DecimalException, AttributeError) as inexact:
            raise NotMoney(f"not an exact amount of {self.currency}: {self.amount!r}") from inexact
        if not exact.is_finite():
            raise NotMoney(f"not a number: {exact}")
        object.__setattr__(self, "amount", exact + 0)

    @classmethod
    def of_smallest(cls, units: int, currency: str) -> Self:
        """As Telegram counts it: cents, or whole stars."""
        return cls(Decimal(units).scaleb(-decimals(currency)), currency)

    @classmethod
    def stars(cls, number: int) -> Self:
        return cls(Decimal(number), STARS)

    @classmethod
    def parse(cls, written: str) -> Self:
        """The reverse of `str`."""
        amount, _, currency = written.partition(" ")
        if _AMOUNT.fullmatch(amount) is None:
            raise NotMoney(f"not an exact amount: {amount!r}")
        return cls(Decimal(amount), currency)

    @property
    def smallest(self) -> int:
        return int(self.amount.scaleb(decimals(self.currency)))

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money.of_smallest(self.smallest + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money.of_smallest(self.smallest - self._same(other), self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money.of_smallest(self.smallest * times, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.smallest < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.smallest <= self._same(other)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrenciesDiffer(f"{self} and {other}")
        return other.smallest
