"""Applies one customer ledger entry to another: minimum, discount, closing (facts, 2.6 and 2.7)."""

from __future__ import annotations

import sqlite3

from sandbox.business_central import ledger, memos, switches, tolerance
from sandbox.business_central.database import Session
from sandbox.business_central.errors import ApiError, dialog
from sandbox.business_central.ledger import Document
from sandbox.business_central.switches import Switches
from sandbox.business_central.tolerance import Offer
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


def check_currency(switches: Switches, payment_currency: str, invoice: sqlite3.Row) -> None:
    """Both must have the same currency, unless *Appln. between Currencies* is All."""
    if payment_currency != invoice["currencyCode"] and not switches.appln_between_currencies:
        raise dialog("All entries in one application must be in the same currency.")


def apply(
    session: Session, document: Document, *, payment: int, invoice: int, tolerant: bool = True
) -> None:
    """Apply a payment's entry to an invoice's entry, taking off what is forgiven.

    A payment in another currency counts at the rates of its posting date.
    """
    credit, debit = ledger.entry_row(session, payment), ledger.entry_row(session, invoice)
    left = -ledger.remaining(session, payment)[0]
    currencies = credit["currencyCode"], debit["currencyCode"]
    day = document.posting_date
    paid = ledger.exchanged(session, left, *currencies, day)
    owed = ledger.remaining(session, invoice)[0]
    offer = Offer(paid=paid, owed=owed, posting_date=day, tolerant=tolerant)
    taken = tolerance.forgiven(session, switches.current(session), debit, offer)
    number = session.take("application")
    kind = tolerance.LATE_DISCOUNT if taken.late else tolerance.DISCOUNT
    for name, off in ((kind, taken.discount), (tolerance.TOLERANCE, taken.tolerance)):
        if off:
            local = ledger.to_local(session, off, debit["currencyCode"], debit["postingDate"])
            ledger.adjust(
                session, document, invoice, name, amount=-off, local=-local, application=number
            )
    amount = min(paid, owed - taken.discount - taken.tolerance)
    used = left if amount == paid else ledger.exchanged(session, amount, *currencies[::-1], day)
    settle(
        session,
        document,
        credit=payment,
        debit=invoice,
        amount=amount,
        credit_amount=used,
        application=number,
    )


def apply_to_oldest(session: Session, document: Document, *, payment: int, customer: str) -> None:
    """*Apply to Oldest*: open invoices by due date, none posted later than the payment.

    Discounts are taken, tolerances are not (features, section 5.7).
    """
    setup = switches.current(session)
    currency = ledger.entry_row(session, payment)["currencyCode"]
    for row in session.rows(
        "SELECT * FROM customer_ledger_entry WHERE customerNumber = ? AND open = 1"
        " AND documentType = 'Invoice' AND postingDate <= ? ORDER BY dueDate, entryNumber",
        (customer, document.posting_date),
    ):
        if not ledger.entry_row(session, payment)["open"]:
            return
        if row["currencyCode"] == currency or setup.appln_between_currencies:
            apply(session, document, payment=payment, invoice=row["entryNumber"], tolerant=False)


def settle(
    session: Session,
    document: Document,
    *,
    credit: int,
    debit: int,
    amount: int,
    credit_amount: int = 0,
    application: int = 0,
) -> None:
    """Use ``amount`` of a credit entry (payment, credit memo) on a debit entry (invoice, refund).

    ``credit_amount`` is the same in the credit's currency, when that is another. All details of
    one ``application`` are undone together; 0 takes a new number. What the two days' rates differ
    by is a realised gain or loss of the debit entry (BCApps, CalcCurrencyRealizedGainLoss).
    """
    application = application or session.take("application")
    used = credit_amount or amount
    rows = {number: ledger.entry_row(session, number) for number in (credit, debit)}
    local = ledger.to_local(
        session, used, rows[credit]["currencyCode"], rows[credit]["postingDate"]
    )
    for entry, other, change, change_local in (
        (debit, credit, -amount, -local),
        (credit, debit, used, local),
    ):
        ledger.add_detail(
            session,
            entry,
            "Application",
            document,
            amount=change,
            local=change_local,
            applied=other,
            application=application,
            discount_before=rows[entry]["remainingDiscountPossible"],
        )
    own = ledger.to_local(session, amount, rows[debit]["currencyCode"], rows[debit]["postingDate"])
    if local != own:
        ledger.adjust(
            session,
            document,
            debit,
            "Realized Gain" if local > own else "Realized Loss",
            amount=0,
            local=local - own,
            application=application,
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
        memos.memo_settled(session, entry)
        return
    row = session.row(
        "SELECT id FROM sales_invoice WHERE number = ? AND posted = 1 AND status = 'Open'",
        (entry["documentNumber"],),
    )
    if row is None:
        return
    session.update("sales_invoice", {"status": "Paid", **session.touched()}, key="id", is_=row[0])
    changed(session, "salesInvoices", row[0], "updated")
