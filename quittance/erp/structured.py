"""What an ERP may tell of a document so that it can be written as a structured e-invoice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, runtime_checkable

from quittance.core.money import Money
from quittance.erp.documents import DocumentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who sells, buys or receives. A text that the ERP does not tell is ""."""

    name: str
    lines: Sequence[str]  # of the address: street, house, what comes with it
    city: str
    postal_code: str
    state: str
    country: str  # as the ERP writes it: in most books the code of ISO 3166-1
    tax_number: str = ""  # the VAT registration number


@dataclass(frozen=True, slots=True, kw_only=True)
class StructuredLine:
    """One line that bills something. ``net`` is what it adds to the document, without tax."""

    sequence: int
    description: str
    item_number: str
    quantity: Decimal
    unit: str  # as the ERP calls it; ""
    unit_code: str  # of UN/ECE Recommendation 20, where the ERP knows it
    unit_price: Decimal
    discount: Money  # off this line, its part of the document's discount too
    net: Money
    tax_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StructuredDocument:
    """A posted invoice or credit note with all that the ERP tells of it, as it is now."""

    kind: DocumentKind
    number: str
    issued_date: date
    due_date: date
    purchase_order: str
    order_number: str
    invoice_number: str  # of a credit note: the invoice that it corrects; ""
    seller: Party
    buyer: Party
    ship_to: Party | None
    lines: Sequence[StructuredLine]
    notes: Sequence[str]  # lines that bill nothing
    prices_include_tax: bool
    net: Money
    tax: Money
    total: Money


@runtime_checkable
class ShowsStructured(Protocol):
    """An optional deed: the ERP tells enough of a document to write it as an e-invoice."""

    def structured(self, kind: DocumentKind, erp_id: str) -> StructuredDocument:
        """Return a posted invoice or credit note. Raises ``OutsideError``."""
