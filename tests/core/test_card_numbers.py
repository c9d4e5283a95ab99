"""Numbers of cards are found as people write them, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quittance.core.numbers import is_shown_card

# The test numbers that schemes and gateways publish.
CARDS = (
    "4242424242424242", "4222222222222", "5555555555554444", "2223003122003222",
    "378282246310005", "30569309025904", "6011111111111117", "3530111333300000",
    "6200000000000005",
)  # fmt: skip


@pytest.mark.parametrize("card", CARDS)
def test_a_card_is_found_wherever_it_stands(card: str) -> None:
    for text in ("{}", "my card {}, please", "({})", "card:{}\nthanks", "{}."):
        assert is_shown_card(text.format(card)), text


@pytest.mark.parametrize(
    "written",
    ["4242 4242 4242 4242", "4242-4242-4242-4242", "3782 822463 10005", "3056-930902-5904"],
)
def test_a_card_is_found_in_the_groups_that_are_printed_on_it(written: str) -> None:
    assert is_shown_card(f"pay with {written} 12/29")


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424241",  # the check digit is wrong
        "DE44 5001 0517 5407 3249 31", "DE75 5121 0800 1245 1261 99", "GB29NWBK60161331926819",
        "DE89370400440532013000",
        "1234567890123452",  # no issuer's
        "42424242424242420000", "INV-4242424242424242", "4242424242424242-A",
        "4242,424242424242,42",
        "4242424242424242.00", "1,200.00 4242 4242 2026-03-01", "",
        "0198f2c4-4242-7242-8242-424242424242", "+49 30 5555 5555 5555",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_card_is_left_alone(text: str) -> None:
    assert not is_shown_card(text)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_search(text: str) -> None:
    assert is_shown_card(text) in {True, False}


def test_a_long_text_is_searched_in_no_time() -> None:
    assert not is_shown_card("1234 " * 200_000)
    assert not is_shown_card("9" * 1_000_000)
