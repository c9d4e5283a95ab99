"""Says a document in the terms of EN 16931, by their numbers (BT) and groups (BG)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from quittance.core.money import Money
from quittance.einvoices.rules import PIECES, rates_of
from quittance.erp.documents import DocumentKind
from quittance.erp.structured import Party, StructuredDocument, StructuredLine

_TYPES: Final = {DocumentKind.INVOICE: "380", DocumentKind.CREDIT_NOTE: "381"}  # UNTDID 1001
_STANDARD_RATE: Final = "S"  # UNCL 5305; other categories are refused by rules.py


def terms_of(document: StructuredDocument) -> dict[str, Any]:
    """Return the terms of a document that breaks no rule. Amounts are texts, dates are ISO."""
    terms: dict[str, Any] = {
        "BT-1": document.number,
        "BT-2": document.issued_date.isoformat(),
        "BT-3": _TYPES[document.kind],
        "BT-5": document.total.currency,
        "BT-13": document.purchase_order,
        "BT-14": document.order_number,
        "BG-1": [{"BT-22": note} for note in document.notes],
        "BG-4": _party(document.seller),
        "BG-7": _party(document.buyer),
        "BG-23": [
            {
                "BT-116": _amount(rate.taxable), "BT-117": _amount(rate.tax),
                "BT-118": _STANDARD_RATE, "BT-119": _plain(rate.percent),
            }
            for rate in rates_of(document)
        ],
        "BG-25": [_line(line, document) for line in document.lines],
        "BT-9": document.due_date.isoformat(),
        "BT-106": _amount(document.net),
        "BT-109": _amount(document.net),
        "BT-110": _amount(document.tax),
        "BT-112": _amount(document.total),
        "BT-115": _amount(document.total),
    }  # fmt: skip
    if document.kind == DocumentKind.CREDIT_NOTE and document.invoice_number:
        terms["BG-3"] = [{"BT-25": document.invoice_number}]
    if document.ship_to:
        terms["BG-13"] = _party(document.ship_to)
    return {name: value for name, value in terms.items() if value}


def _party(party: Party) -> dict[str, str]:
    told = {
        "name": party.name,
        "vat_identifier": party.tax_number.upper(),
        "country_code": party.country,
        "country_subdivision": party.state,
        "city": party.city,
        "postcode": party.postal_code,
        **{f"addr_l{place}": line for place, line in enumerate(party.lines, start=1)},
    }
    return {name: value for name, value in told.items() if value}


def _line(line: StructuredLine, document: StructuredDocument) -> dict[str, Any]:
    """Where prices include tax, the net price is told for the whole quantity: that is exact."""
    unit = line.unit_code if line.unit else PIECES
    told: dict[str, Any] = {
        "BT-126": str(line.sequence),
        "BT-129": _plain(line.quantity),
        "BT-130": unit,
        "BT-131": _amount(line.net),
        "BT-151": _STANDARD_RATE,
        "BT-152": _plain(line.tax_percent),
        "BT-153": line.description,
    }
    if line.item_number:
        told["BT-155"] = line.item_number
    if document.prices_include_tax:
        quantity = abs(line.quantity)
        told |= {
            "BT-146": _amount(Money(abs(line.net.minor), line.net.currency)),
            "BT-149": _plain(quantity),
        }
    else:
        told["BT-146"] = _plain(line.unit_price)
        if line.discount.minor:
            told["BG-27"] = [{"amount": _amount(line.discount), "reason": "Discount"}]
    return told


def _amount(amount: Money) -> str:
    return f"{amount.decimal:f}"


def _plain(value: Decimal) -> str:
    whole = f"{value:f}"
    return whole.rstrip("0").rstrip(".") if "." in whole else whole
