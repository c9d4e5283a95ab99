"""The three kinds of sales documents that can be drafted, and where each is kept."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import cache

from sandbox.business_central.errors import dialog, field_error
from sandbox.business_central.shapes import columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of document. ``date`` is the property of the document date."""

    set: str
    lines: str
    word: str
    type: str
    date: str
    table: str
    line_table: str
    draft_series: str
    posted_series: str = ""


INVOICE = Kind(
    set="salesInvoices",
    lines="salesInvoiceLines",
    word="invoice",
    type="Invoice",
    date="invoiceDate",
    table="sales_invoice",
    line_table="sales_invoice_line",
    draft_series="D-",
    posted_series="INV-",
)
CREDIT_MEMO = Kind(
    set="salesCreditMemos",
    lines="salesCreditMemoLines",
    word="credit memo",
    type="Credit Memo",
    date="creditMemoDate",
    table="sales_credit_memo",
    line_table="sales_credit_memo_line",
    draft_series="DC-",
    posted_series="CM-",
)
ORDER = Kind(
    set="salesOrders",
    lines="salesOrderLines",
    word="order",
    type="Order",
    date="orderDate",
    table="sales_order",
    line_table="sales_order_line",
    draft_series="SO-",
)
KINDS = (INVOICE, CREDIT_MEMO, ORDER)


@cache
def names(table: str) -> frozenset[str]:
    """The columns of a table: one document's values seldom all fit another's."""
    return frozenset(columns(table))


def is_posted(kind: Kind, row: sqlite3.Row) -> bool:
    """Whether a document is posted; an order never is, its invoices are."""
    return kind is not ORDER and bool(row["posted"])


def refuse_posted(kind: Kind, row: sqlite3.Row) -> None:
    """A posted document stays as it is, a released one until it is opened again."""
    if is_posted(kind, row):
        raise dialog(f"The {kind.word} has been posted and can no longer be modified.")
    if kind is not ORDER and row["status"] != "Draft":
        status = "Released" if row["status"] == "Open" else "Pending Approval"
        raise field_error(
            f"Status must be equal to 'Open'  in Sales Header: Document Type={kind.type},"
            f" No.={row['number']}. Current value is '{status}'."
        )
