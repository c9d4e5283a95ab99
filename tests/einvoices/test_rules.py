"""What an ERP tells is offered as an e-invoice only if it keeps the rules of EN 16931."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from quittance.core.money import Money
from quittance.einvoices.rules import broken_rules, rates_of
from tests.einvoices.made import BUYER, SELLER, document, line


def rules(made: Any) -> set[str]:
    return {each.rule for each in broken_rules(made)}


def test_a_whole_document_breaks_no_rule() -> None:
    assert broken_rules(document(line(), line("3", "9.99", tax_percent=Decimal(7)))) == []


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("BR-02", {"number": ""}),
        ("BR-06", {"seller": replace(SELLER, name="")}),
        ("BR-07", {"buyer": replace(BUYER, name="")}),
        ("BR-09", {"seller": replace(SELLER, country="")}),
        ("BR-09", {"seller": replace(SELLER, country="Germany")}),
        ("BR-09", {"seller": replace(SELLER, country="UK")}),
        ("BR-11", {"buyer": replace(BUYER, country="")}),
        ("BR-S-02", {"seller": replace(SELLER, tax_number="")}),
        ("BR-CO-09", {"seller": replace(SELLER, tax_number="91-0000000")}),
        ("BR-CO-09", {"buyer": replace(BUYER, tax_number="12345678")}),
        ("BR-CO-10", {"net": Money(9_999, "EUR")}),
        ("BR-CO-15", {"tax": Money(1_900, "EUR"), "total": Money(11_901, "EUR")}),
        ("BR-CO-17", {"tax": Money(1_902, "EUR"), "total": Money(11_902, "EUR")}),
    ],
)
def test_a_rule_that_the_document_breaks_is_named(rule: str, facts: dict[str, Any]) -> None:
    assert rule in rules(document(**facts))


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("BR-25", {"description": " "}),
        ("BR-22", {"quantity": Decimal(0), "net": Money(0, "EUR")}),
        ("BR-CL-23", {"unit_code": ""}),
        ("BR-CL-23", {"unit_code": "PCS"}),
        ("BR-CO-04", {"tax_percent": Decimal(0)}),
        ("BR-27", {"unit_price": Decimal(-50), "net": Money(-10_000, "EUR")}),
        ("BR-24", {"net": Money(9_999, "EUR")}),
    ],
)
def test_a_rule_that_a_line_breaks_is_named(rule: str, facts: dict[str, Any]) -> None:
    assert rule in rules(document(line(**facts)))


def test_a_document_that_bills_nothing_is_refused() -> None:
    assert "BR-16" in rules(document(lines=[], net=Money(0, "EUR"), tax=Money(0, "EUR"),
                                     total=Money(0, "EUR")))  # fmt: skip


def test_a_total_below_zero_is_refused() -> None:
    assert "BR-CO-16" in rules(document(line("-2")))


def test_a_currency_of_three_decimals_is_refused() -> None:
    assert "BR-DEC-14" in rules(document(line(currency="KWD", net=Money(100_000, "KWD"))))


def test_a_line_without_a_unit_counts_pieces_and_is_no_fault() -> None:
    assert broken_rules(document(line(unit="", unit_code=""))) == []


def test_greece_and_northern_ireland_have_prefixes_of_their_own() -> None:
    greek = replace(SELLER, country="GR", tax_number="EL123456789")
    northern = replace(BUYER, country="GB", tax_number="XI123456789")

    assert broken_rules(document(seller=greek, buyer=northern)) == []


def test_each_rate_is_rounded_half_up_by_itself() -> None:
    made = document(line("1", "0.50", tax_percent=Decimal(5)), line("1", "10.30"))

    assert [(rate.taxable.minor, rate.tax.minor) for rate in rates_of(made)] == [
        (1030, 196), (50, 3),
    ]  # fmt: skip  # 195.7 and 2.5


def test_what_rounding_line_by_line_comes_to_goes_to_the_largest_rate() -> None:
    """Three times 0.035 is 0.04 each in the books, and 0.105 together."""
    lines = [line("1", "0.50", tax_percent=Decimal(7), sequence=each) for each in (1, 2, 3)]
    made = document(*lines, tax=Money(12, "EUR"), total=Money(162, "EUR"))

    assert broken_rules(made) == []
    assert [rate.tax.minor for rate in rates_of(made)] == [12]


def test_where_prices_include_tax_a_line_is_not_multiplied_anew() -> None:
    made = document(line("3", "11.90", net=Money(3_000, "EUR")), prices_include_tax=True)

    assert broken_rules(made) == []


def test_the_same_lack_of_many_lines_is_told_once() -> None:
    made = document(line(tax_percent=Decimal(0)), line(tax_percent=Decimal(0), sequence=20_000))

    assert [each.rule for each in broken_rules(made)].count("BR-CO-04") == 1
