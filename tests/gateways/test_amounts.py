"""A gateway's numbers and ours are the same money, or nothing is sent."""

from __future__ import annotations

import pytest

from quittance.core.errors import Refused
from quittance.core.money import InexactAmount, Money
from quittance.gateways.amounts import (
    decimal_text,
    from_decimal_text,
    from_whole_number,
    whole_number,
)
from quittance.gateways.base import Capabilities, MinorUnits

FACTS = Capabilities(
    currencies=frozenset({"EUR", "JPY", "HUF", "ISK", "KWD", "MGA"}),
    methods=("card",),
    key_lifetime_hours=24,
    settle_seconds=0,
    minor_units={
        "HUF": MinorUnits(digits=0),  # fewer decimals than ISO 4217
        "ISK": MinorUnits(digits=2, step=100),  # more, which must be zero
        "KWD": MinorUnits(digits=3, step=10),  # as many, of which the last must be zero
    },
)


@pytest.mark.parametrize(
    ("amount", "number", "text"),
    [
        (Money(1050, "EUR"), 1050, "10.50"),
        (Money(1050, "JPY"), 1050, "1050"),
        (Money(105_000, "HUF"), 1050, "1050"),
        (Money(1050, "ISK"), 105_000, "1050.00"),
        (Money(1050, "KWD"), 1050, "1.050"),
    ],
)
def test_an_amount_comes_back_as_it_was_sent(amount: Money, number: int, text: str) -> None:
    assert whole_number(amount, FACTS) == number
    assert decimal_text(amount, FACTS) == text
    assert from_whole_number(number, amount.currency, FACTS) == amount
    assert from_decimal_text(text, amount.currency) == amount


@pytest.mark.parametrize("amount", [Money(105_001, "HUF"), Money(1055, "KWD"), Money(1, "USD")])
def test_what_the_gateway_can_not_write_is_refused_before_it_is_sent(amount: Money) -> None:
    with pytest.raises(Refused):
        whole_number(amount, FACTS)


def test_an_answer_that_is_no_amount_of_ours_is_not_rounded() -> None:
    with pytest.raises(InexactAmount):
        from_whole_number(105_050, "ISK", FACTS)
    for text in ("10.505", "ten", "NaN", "1e30"):
        with pytest.raises(InexactAmount):
            from_decimal_text(text, "EUR")
