"""Which business rules of EN 16931 a document breaks; each is named by its id in the standard.

These are the rules that what an ERP tells can break. Those of code lists and of parts that we never
write are kept by how ``terms.py`` writes; the tests run the standard's own schematron over both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from quittance.core.currency import minor_unit_digits
from quittance.core.money import Money
from quittance.einvoices.codes import is_country, is_unit
from quittance.erp.structured import Party, StructuredDocument, StructuredLine

_PREFIXES: Final = {"GR": ("GR", "EL"), "GB": ("GB", "XI")}  # BR-CO-09: EL for Greece
_MOST_DECIMALS: Final = 2  # BR-DEC-*
PIECES: Final = "C62"  # "one": for lines that name no unit
_CENT: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule that is not kept, in words for the seller."""

    rule: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What is taxed at one rate: the sum of its lines, and the tax on it."""

    percent: Decimal
    taxable: Money
    tax: Money
    lines: int


def broken_rules(document: StructuredDocument) -> list[Broken]:
    """Return what keeps a document from being written as an e-invoice; nothing: it may be."""
    found = [*_whole(document), *_parties(document), *_amounts(document)]
    for line in document.lines:
        found += _line(line, prices_include_tax=document.prices_include_tax)
    return list(dict.fromkeys(found))


def rates_of(document: StructuredDocument) -> list[Rate]:
    """Return the tax by rate. Each is rounded half up (BR-CO-17), where the books do the same.

    Books that round line by line come to something else by a few cents; what the rates lack to the
    document's tax goes to the largest one, as far as rounding can explain it.
    """
    currency = document.net.currency
    percents = sorted({line.tax_percent for line in document.lines}, reverse=True)
    found = []
    for percent in percents:
        lines = [line for line in document.lines if line.tax_percent == percent]
        taxable = sum(line.net.minor for line in lines)
        found.append(
            Rate(
                percent=percent, taxable=Money(taxable, currency), lines=len(lines),
                tax=Money(_rounded(Decimal(taxable) * percent / 100), currency),
            )
        )  # fmt: skip
    rest = document.tax.minor - sum(rate.tax.minor for rate in found)
    if not found or not rest or abs(rest) > _tolerance(document):
        return found
    largest = max(found, key=lambda rate: (abs(rate.taxable.minor), rate.percent))
    place = found.index(largest)
    found[place] = Rate(
        percent=largest.percent, taxable=largest.taxable, lines=largest.lines,
        tax=Money(largest.tax.minor + rest, currency),
    )  # fmt: skip
    return found


def _whole(document: StructuredDocument) -> Iterator[Broken]:
    if not document.number:
        yield Broken("BR-02", "The document has no number.")
    if not document.lines:
        yield Broken("BR-16", "The document has no line that bills something.")
    if minor_unit_digits(document.total.currency) > _MOST_DECIMALS:
        yield Broken("BR-DEC-14", f"The standard knows no more than two decimals; "
                                  f"{document.total.currency} has three.")  # fmt: skip


def _parties(document: StructuredDocument) -> Iterator[Broken]:
    seller, buyer = document.seller, document.buyer
    if not seller.name:
        yield Broken("BR-06", "The company has no name in its company information.")
    if not buyer.name:
        yield Broken("BR-07", "The customer has no name.")
    if not is_country(seller.country):
        yield Broken("BR-09", "The company’s country is missing, or is no code of ISO 3166-1, in "
                              "its company information.")  # fmt: skip
    if not is_country(buyer.country):
        yield Broken("BR-11", "The customer’s country is missing, or is no code of ISO 3166-1.")
    if not seller.tax_number:
        yield Broken("BR-S-02", "The company’s VAT registration number is missing in its company "
                                "information.")  # fmt: skip
    elif not _is_vat_number(seller):
        yield Broken("BR-CO-09", "The company’s VAT registration number does not begin with the "
                                 "code of its country; other tax numbers do not do.")  # fmt: skip
    if buyer.tax_number and not _is_vat_number(buyer):
        yield Broken("BR-CO-09", "The customer’s VAT registration number does not begin with the "
                                 "code of its country.")  # fmt: skip


def _amounts(document: StructuredDocument) -> Iterator[Broken]:
    net = sum(line.net.minor for line in document.lines)
    if net != document.net.minor:
        yield Broken("BR-CO-10", "The lines do not sum to the total without tax.")
    if document.net + document.tax != document.total:
        yield Broken("BR-CO-15", "The total is not the sum of net amount and tax.")
    if document.total.minor < 0:
        yield Broken("BR-CO-16", "The document’s total is below zero.")
    if sum(rate.tax.minor for rate in rates_of(document)) != document.tax.minor:
        yield Broken("BR-CO-17", "The tax is not what the rates of the lines come to.")


def _line(line: StructuredLine, *, prices_include_tax: bool) -> Iterator[Broken]:
    if not line.description.strip():
        yield Broken("BR-25", "A line has no description.")
    if not line.quantity:
        yield Broken("BR-22", "A line has no quantity.")
    if line.unit and not is_unit(line.unit_code):
        yield Broken("BR-CL-23", f"The unit {line.unit} has no international standard code "
                                 "(UN/ECE Rec. 20) among the units of measure.")  # fmt: skip
    if line.tax_percent <= 0:
        yield Broken("BR-CO-04", "A line is taxed at 0%, and the accounting system does not tell "
                                 "why (exempt, reverse charge, export).")  # fmt: skip
    if line.unit_price < 0:
        yield Broken("BR-27", "A line has a price below zero.")
    if not prices_include_tax and line.quantity and not _is_price_times_quantity(line):
        yield Broken("BR-24", "A line’s amount is not its quantity times its price, less its "
                              "discounts.")  # fmt: skip


def _is_price_times_quantity(line: StructuredLine) -> bool:
    digits = minor_unit_digits(line.net.currency)
    gross = _rounded((line.quantity * line.unit_price).scaleb(digits))
    return gross - line.discount.minor == line.net.minor


def _is_vat_number(party: Party) -> bool:
    number = party.tax_number.upper()
    return (
        number.startswith(_PREFIXES.get(party.country, (party.country,))) and number[2:].isalnum()
    )


def _tolerance(document: StructuredDocument) -> int:
    """Half a cent for each line: as much as rounding line by line may come to."""
    return (len(document.lines) + 1) // 2


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(_CENT, rounding=ROUND_HALF_UP))
