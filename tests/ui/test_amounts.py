"""Amounts are written the way the reader writes them, and read back exactly."""

from __future__ import annotations

import re

import pytest
from babel.numbers import format_currency
from hypothesis import given, settings
from hypothesis import strategies as st

from quittance.core.money import InexactAmount, Money
from quittance.ui.amounts import (
    MINUS,
    NotAnAmount,
    currency_name,
    format_for_input,
    format_money,
    money_parts,
    pattern,
    read_amount,
    with_amounts,
)

LOCALES = ["en_US", "en_GB", "en_IN", "de_DE", "fr_FR", "de_CH", "ja_JP", "pt_BR", "sv_SE"]
MINORS = st.integers(min_value=-(10**14), max_value=10**14)


@settings(deadline=None)  # Babel reads a locale once
@given(MINORS, st.sampled_from(["USD", "EUR", "JPY", "KWD"]), st.sampled_from(LOCALES))
def test_what_is_written_into_an_input_is_read_back_exactly(
    minor: int, currency: str, locale: str
) -> None:
    money = Money(minor, currency)

    assert read_amount(format_for_input(money, locale), currency, locale) == money


@settings(deadline=None)  # Babel reads a locale once
@given(
    st.integers(min_value=0, max_value=10**14),
    st.sampled_from(["USD", "EUR", "JPY", "KWD"]),
    st.sampled_from(LOCALES),
)
def test_an_amount_looks_as_the_common_locale_data_says(
    minor: int, currency: str, locale: str
) -> None:
    money = Money(minor, currency)

    assert format_money(money, locale) == format_currency(money.decimal, currency, locale=locale)


def test_a_negative_amount_has_a_real_minus_in_front() -> None:
    assert format_money(Money(-31260, "USD"), "en_US") == f"{MINUS}$312.60"


def test_each_currency_has_its_own_decimals() -> None:
    assert format_money(Money(1050, "JPY"), "en_US") == "¥1,050"
    assert format_money(Money(1050, "KWD"), "en_US").endswith("1.050")


def test_mixed_currencies_show_their_codes() -> None:
    assert format_money(Money(124000, "USD"), "en_US", code=True) == "USD\u00a01,240.00"
    assert format_money(Money(124000, "EUR"), "de_DE", code=True) == "EUR\u00a01.240,00"


def test_a_large_figure_can_dim_its_cents() -> None:
    assert money_parts(Money(1304760, "USD"), "en_US") == ("$13,047", ".60")
    assert money_parts(Money(1304760, "EUR"), "de_DE") == ("13.047,60", "\u00a0€")


@pytest.mark.parametrize(
    ("typed", "locale", "minor"),
    [
        ("1,000", "en_US", 100_000),
        ("1000.5", "en_US", 100_050),
        ("$1,240.50", "en_US", 124_050),
        (" .5 ", "en_US", 50),
        ("5.", "en_US", 500),
        ("１２", "en_US", 1_200),
        ("1.000,50", "de_DE", 100_050),
        ("1 000,50", "fr_FR", 100_050),
        ("-5", "en_US", -500),
    ],
)
def test_people_write_amounts_in_many_ways(typed: str, locale: str, minor: int) -> None:
    assert read_amount(typed, "USD", locale) == Money(minor, "USD")


@pytest.mark.parametrize(
    "typed",
    ["", " ", ".", "1e5", "NaN", "inf", "1,0", "1,000,00", "1,00.00", "--5", "1.2.3", "٣", "9" * 25,
     "0x10", "1_000", "five", "$", "1000 USD", "\x00"],
)  # fmt: skip
def test_what_is_no_amount_is_never_guessed(typed: str) -> None:
    with pytest.raises(NotAnAmount):
        read_amount(typed, "USD", "en_US")


def test_more_decimals_than_the_currency_has_are_not_rounded() -> None:
    with pytest.raises(InexactAmount):
        read_amount("1.005", "USD", "en_US")
    with pytest.raises(InexactAmount):
        read_amount("1.5", "JPY", "en_US")


@pytest.mark.parametrize(
    ("typed", "currency", "locale"),
    [("1,000", "EUR", "de_DE"), ("1.000", "USD", "en_US"), ("1,000", "EUR", "fr_FR"),
     ("1,000", "JPY", "de_DE"), ("1.500", "USD", "en_US")],
)  # fmt: skip
def test_a_thousand_in_another_countrys_signs_is_never_read_as_one(
    typed: str, currency: str, locale: str
) -> None:
    with pytest.raises(InexactAmount):
        read_amount(typed, currency, locale)


@pytest.mark.parametrize("typed", ["1 2 3", "10²", "1 00", "1 000 00", "12 34,50", "1'00", "½"])
def test_spaces_group_by_threes_and_small_figures_are_none(typed: str) -> None:
    with pytest.raises(NotAnAmount):
        read_amount(typed, "EUR", "fr_FR")


@pytest.mark.parametrize(
    ("currency", "locale", "example"),
    [("USD", "en_US", "1,240.50"), ("EUR", "de_DE", "1.240,50"), ("JPY", "en_US", "1,240.")],
)
def test_who_is_refused_is_shown_how_amounts_are_written(
    currency: str, locale: str, example: str
) -> None:
    with pytest.raises(NotAnAmount, match=f"Write it like {re.escape(example)}"):
        read_amount("five", currency, locale)


def test_a_currency_has_a_name_and_a_place_for_its_sign() -> None:
    assert currency_name("USD", "en_US") == "US dollars"
    assert pattern("USD", "en_US") == "$#"
    assert pattern("EUR", "de_DE") == "#\u00a0€"


@given(MINORS, st.sampled_from(["USD", "EUR", "JPY", "KWD"]), st.sampled_from(LOCALES))
@settings(deadline=None)  # Babel reads a locale once
def test_an_amount_in_a_sentence_is_written_as_it_is_elsewhere(
    minor: int, currency: str, locale: str
) -> None:
    money = Money(minor, currency)

    written = with_amounts(f"Of {money}, {money}. Pay ({money}); {money}", locale)

    shown = format_money(money, locale)
    assert written == f"Of {shown}, {shown}. Pay ({shown}); {shown}"


@pytest.mark.parametrize(
    "words",
    ["S-1000.00 USD", "1,000.00 USD", "12.5 USD", "100.00 JPY", "7 USD", "09.00 ABC", "5.00 usd",
     "1.000.00 USD", "10.00 USDT", "50.00 %(amount)s", ""],
)  # fmt: skip
def test_what_is_not_an_amount_of_ours_stays_as_it_is(words: str) -> None:
    assert with_amounts(words, "en_US") == words


def test_where_currencies_are_mixed_the_sentence_has_codes_too() -> None:
    assert with_amounts("It is 6400.00 USD.", "en_US", code=True) == "It is USD\u00a06,400.00."


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("de_DE", "\u22121.240,50\xa0€"),
        ("fr_FR", "\u22121\u202f240,50\xa0€"),
        ("es_ES", "\u22121.240,50\xa0€"),
        ("ar", "\u2066\u22121,240.50\xa0€\u2069"),
    ],
)
def test_each_language_writes_an_amount_in_its_own_way(locale: str, said: str) -> None:
    amount = Money(-124050, "EUR")

    assert format_money(amount, locale) == said
    assert read_amount(said, "EUR", locale) == amount


def test_an_amount_keeps_its_order_in_a_sentence_from_right_to_left() -> None:
    assert with_amounts("بقي 6400.00 AED", "ar") == "بقي \u20666,400.00\xa0د.إ.\u2069"
