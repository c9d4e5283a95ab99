"""Amounts: exact, of one currency, never rounded."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quittance.core.currency import minor_unit_digits
from quittance.core.money import CurrencyMismatch, InexactAmount, Money, total

CURRENCIES = st.sampled_from(["USD", "JPY", "KWD", "CLF"])
MINOR = st.integers(-(2**63) + 1, 2**63 - 1)


@given(MINOR, CURRENCIES)
def test_an_amount_survives_the_way_to_a_decimal_and_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)

    assert Money.from_decimal(money.decimal, currency) == money


@given(st.decimals(allow_nan=True, allow_infinity=True), CURRENCIES)
def test_a_decimal_is_read_exactly_or_refused(amount: Decimal, currency: str) -> None:
    try:
        money = Money.from_decimal(amount, currency)
    except InexactAmount:
        return
    above, below = amount.as_integer_ratio()
    assert money.minor * below == above * 10 ** minor_unit_digits(currency)


@pytest.mark.parametrize(
    "amount",
    ["10.505", "0.001", "NaN", "sNaN", "Infinity", "1E+999999", "1E-999999",
     "12345678901234567890123456789.99", "92233720368547758.08"],
)  # fmt: skip
def test_what_is_no_exact_amount_is_refused(amount: str) -> None:
    with pytest.raises(InexactAmount):
        Money.from_decimal(Decimal(amount), "USD")


@pytest.mark.parametrize(
    ("currency", "text"),
    [("USD", "10.50 USD"), ("JPY", "1050 JPY"), ("KWD", "1.050 KWD"), ("CLF", "0.1050 CLF")],
)
def test_an_amount_shows_its_currencys_decimals(currency: str, text: str) -> None:
    assert str(Money(1050, currency)) == text


def test_trailing_zeros_are_no_decimals() -> None:
    assert Money.from_decimal(Decimal("10.5000"), "USD") == Money(1050, "USD")
    assert Money.from_decimal(Decimal("1050.000"), "JPY") == Money(1050, "JPY")


@given(st.lists(st.integers(-(10**12), 10**12)))
def test_a_total_is_the_sum_of_its_parts(parts: list[int]) -> None:
    assert total((Money(part, "USD") for part in parts), "USD") == Money(sum(parts), "USD")


@given(MINOR, MINOR)
def test_amounts_of_one_currency_have_an_order(left: int, right: int) -> None:
    a, b = Money(left, "USD"), Money(right, "USD")

    assert (a < b, a <= b, a > b, a >= b) == (left < right, left <= right, left > right,
                                             left >= right)  # fmt: skip
    assert a - b == -(b - a)


@pytest.mark.parametrize("sign", ["+", "-", "<", "<=", ">", ">="])
def test_two_currencies_are_never_mixed(sign: str) -> None:
    deeds = {
        "+": lambda a, b: a + b, "-": lambda a, b: a - b, "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    }  # fmt: skip

    with pytest.raises(CurrencyMismatch):
        deeds[sign](Money(1, "USD"), Money(1, "EUR"))


def test_a_total_of_two_currencies_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        total([Money(1, "USD"), Money(1, "EUR")], "USD")


def test_equal_numbers_of_two_currencies_are_not_equal() -> None:
    assert Money(100, "USD") != Money(100, "EUR")
