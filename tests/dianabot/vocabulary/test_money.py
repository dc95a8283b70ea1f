"""Money is exact, or it is not money."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianabot.vocabulary.money import CurrenciesDiffer, Money, NotMoney, decimals

units = st.integers(-(10**14), 10**14)
currencies = st.sampled_from(["XTR", "EUR", "USD", "MXN", "JPY", "KWD"])


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("12.5", "EUR", "12.50 EUR"),
        ("-3", "USD", "-3.00 USD"),
        ("-0.000", "USD", "0.00 USD"),
        ("250", "XTR", "250 XTR"),
        ("1E3", "JPY", "1000 JPY"),
        ("1.234", "KWD", "1.234 KWD"),
        ("9999999999999999.99", "EUR", "9999999999999999.99 EUR"),
    ],
)
def test_money_is_written_with_the_digits_of_its_currency(amount: str, currency: str, written: str) -> None:
    assert str(Money(Decimal(amount), currency)) == written


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        (Decimal("1.005"), "EUR"),
        (Decimal("0.5"), "XTR"),
        (Decimal("1.0000000000000000000000000000000000001"), "EUR"),
        (Decimal("1e17"), "EUR"),
        (Decimal("NaN"), "EUR"),
        (Decimal("Infinity"), "EUR"),
        (1.5, "EUR"),
        (1, "EUR"),
        (Decimal(1), "eur"),
        (Decimal(1), "EURO"),
        (Decimal(1), ""),
    ],
)
def test_what_is_not_exact_is_not_money(amount: Decimal, currency: str) -> None:
    with pytest.raises(NotMoney):
        Money(amount, currency)


@pytest.mark.parametrize("written", ["12,50 EUR", "EUR", "1e3 EUR", "١٢ EUR", "1.005 EUR", "5", " 5 EUR", ""])
def test_only_what_money_writes_is_read_as_money(written: str) -> None:
    with pytest.raises(NotMoney):
        Money.parse(written)


@given(units, currencies)
def test_nothing_is_lost_between_its_forms(number: int, currency: str) -> None:
    money = Money.of_smallest(number, currency)

    assert money.smallest == number
    assert Money.parse(str(money)) == money
    assert -money.amount.as_tuple().exponent == decimals(currency)  # type: ignore[operator]  # finite, so a number


@given(units, units, st.integers(-50, 50))
def test_sums_and_comparisons_are_those_of_the_smallest_units(one: int, two: int, times: int) -> None:
    first, second = Money.of_smallest(one, "EUR"), Money.of_smallest(two, "EUR")

    assert (first + second).smallest == one + two
    assert (first - second).smallest == one - two
    assert (first * times).smallest == one * times
    assert (-first).smallest == -one
    assert (first < second) == (one < two)
    assert (first <= second) == (one <= two)
    assert bool(first) == bool(one)


def test_two_currencies_never_meet() -> None:
    stars, euros = Money.stars(5), Money(Decimal(5), "EUR")

    assert stars != euros
    with pytest.raises(CurrenciesDiffer):
        stars + euros
    with pytest.raises(CurrenciesDiffer):
        stars - euros
    with pytest.raises(CurrenciesDiffer):
        _ = stars < euros
    with pytest.raises(CurrenciesDiffer):
        _ = stars <= euros
