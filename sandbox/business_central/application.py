"""Applies one customer ledger entry to another: minimum, discount, closing (facts, section 2.6)."""

from __future__ import annotations

import sqlite3

from sandbox.business_central import ledger
from sandbox.business_central.database import Session
from sandbox.business_central.errors import ApiError, dialog
from sandbox.business_central.ledger import Document
from sandbox.business_central.webhooks.changes import changed


def open_invoice_entry(session: Session, *, document_number: str, customer: str) -> sqlite3.Row:
    """Find the open invoice entry that a line applies to.

    One error covers three mistakes: already paid, another customer's, no such number.
    """
    row = session.row(
        "SELECT * FROM customer_ledger_entry WHERE documentNumber = ? AND customerNumber = ?"
        " AND documentType = 'Invoice' AND open = 1 ORDER BY entryNumber LIMIT 1",
        (document_number, customer),
    )
    if row is None:
        raise ApiError(
            400,
            "Internal_DataNotFoundFilter",
            "There is no Cust. Ledger Entry within the filter. Filters: Document No.:"
            f" {document_number}, Document Type: Invoice, Customer No.: {customer}, Open: Yes",
        )
    return row


def check_currency(payment_currency: str, invoice: sqlite3.Row) -> None:
    """Both must have the same currency: *Appln. between Currencies* is None here."""
    if payment_currency != invoice["currencyCode"]:
        raise dialog("All entries in one application must be in the same currency.")


def apply(session: Session, document: Document, *, payment: int, invoice: int) -> None:
    """Apply a payment's entry to an invoice's entry, taking the discount when it is in time."""
    paid = -ledger.remaining(session, payment)[0]
    owed = ledger.remaining(session, invoice)[0]
    discount = _discount(session, invoice, document.posting_date, paid=paid, owed=owed)
    number = session.take("application")
    if discount:
        _grant_discount(session, document, invoice, discount, application=number)
    amount = min(paid, owed - discount)
    settle(session, document, credit=payment, debit=invoice, amount=amount, application=number)


def _discount(session: Session, invoice: int, posting_date: str, *, paid: int, owed: int) -> int:
    """``CheckCalcPmtDisc``: in time, and enough is paid when the discount is taken off.

    A payment of the full amount takes the discount too; the rest stays open on the payment [inf].
    """
    row = ledger.entry_row(session, invoice)
    possible: int = row["remainingDiscountPossible"]
    if not possible or posting_date > row["discountDate"]:
        return 0
    return possible if paid >= owed - possible else 0


def _grant_discount(
    session: Session, document: Document, invoice: int, discount: int, *, application: int
) -> None:
    currency = ledger.entry_row(session, invoice)["currencyCode"]
    local = ledger.to_local(session, discount, currency)
    ledger.book(session, document, ledger.DISCOUNT_GRANTED, local)
    ledger.book(session, document, ledger.RECEIVABLES, -local)
    ledger.add_detail(
        session,
        invoice,
        "Payment Discount",
        document,
        amount=-discount,
        local=-local,
        application=application,
    )


def settle(
    session: Session,
    document: Document,
    *,
    credit: int,
    debit: int,
    amount: int,
    application: int = 0,
) -> None:
    """Use ``amount`` of a credit entry (payment, credit memo) on a debit entry (invoice, refund).

    All details of one ``application`` are undone together; 0 takes a new number.
    """
    application = application or session.take("application")
    row = ledger.entry_row(session, debit)
    local = ledger.to_local(session, amount, row["currencyCode"])
    for entry, other, sign in ((debit, credit, -1), (credit, debit, 1)):
        ledger.add_detail(
            session,
            entry,
            "Application",
            document,
            amount=sign * amount,
            local=sign * local,
            applied=other,
            application=application,
            discount_before=ledger.entry_row(session, entry)["remainingDiscountPossible"],
        )
    _close_if_settled(session, document, debit, by=credit, application=application)
    _close_if_settled(session, document, credit, by=debit, application=application)


def _close_if_settled(
    session: Session, document: Document, entry: int, *, by: int, application: int
) -> None:
    left, left_local = ledger.remaining(session, entry)
    if left:
        return
    if left_local:  # cents that were lost by converting the parts one by one
        ledger.add_detail(
            session,
            entry,
            "Correction of Remaining Amount",
            document,
            amount=0,
            local=-left_local,
            application=application,
        )
    session.update(
        "customer_ledger_entry",
        {
            "open": 0,
            "closedAtDate": document.posting_date,
            "closedByEntryNumber": by,
            "remainingDiscountPossible": 0,
        },
        key="entryNumber",
        is_=entry,
    )
    _mark_paid(session, ledger.entry_row(session, entry))


def _mark_paid(session: Session, entry: sqlite3.Row) -> None:
    """The invoice's row is written only when its status changes (facts, section 1.2)."""
    if entry["documentType"] != "Invoice":
        return
    row = session.row(
        "SELECT id FROM sales_invoice WHERE number = ? AND posted = 1 AND status = 'Open'",
        (entry["documentNumber"],),
    )
    if row is None:
        return
    session.update("sales_invoice", {"status": "Paid", **session.touched()}, key="id", is_=row[0])
    changed(session, "salesInvoices", row[0], "updated")
