"""Posts drafts: the id stays, the number changes, the books follow."""

from __future__ import annotations

import sqlite3

from sandbox.business_central import application, booking, ledger, switches
from sandbox.business_central.booking import Sale
from sandbox.business_central.database import Session
from sandbox.business_central.errors import dialog, field_error
from sandbox.business_central.facts import EMPTY_DATE
from sandbox.business_central.ledger import Document
from sandbox.business_central.sales import parties
from sandbox.business_central.sales.kinds import INVOICE, Kind
from sandbox.business_central.webhooks.changes import changed


def post(session: Session, kind: Kind, draft: sqlite3.Row) -> str:
    """Post a draft and return its new number.

    Raises 400 for one that is posted, waits for approval or has no lines, for a date outside of
    the allowed range, and for a blocked customer. The transaction is the caller's.
    """
    if draft["posted"]:
        raise dialog(f"The action can be applied to a draft {kind.word} only.")
    lines = lines_to_post(session, kind, draft)
    check(session, kind, draft)
    number = f"{kind.posted_series}{session.take(f'series:{kind.posted_series}')}"
    row = {
        "number": number,
        "posted": 1,
        "status": "Open",
        **session.touched(),
    }
    if kind is INVOICE:
        row["discountDate"] = parties.discount_date(_terms(session, draft), draft[kind.date])
    session.update(kind.table, row, key="id", is_=draft["id"])
    posted = session.rows(f"SELECT * FROM {kind.table} WHERE id = ?", (draft["id"],))[0]  # noqa: S608
    if kind is INVOICE:
        book_invoice(session, posted, lines)
    else:
        _book_memo(session, posted, lines)
    changed(session, kind.set, draft["id"], "updated")
    return number


def lines_to_post(session: Session, kind: Kind, draft: sqlite3.Row) -> list[sqlite3.Row]:
    """The lines of a draft. Raises 400 when there is nothing that could be sold."""
    lines = session.rows(
        f"SELECT * FROM {kind.line_table} WHERE documentId = ? ORDER BY sequence",  # noqa: S608
        (draft["id"],),
    )
    full = [line for line in lines if line["lineType"] != "Comment"]
    if not full:
        raise dialog(f"Please add at least one line item to the {kind.word}.")
    if any(not line["quantity"] for line in full):
        raise dialog(
            "One or more document lines with a value in the No. field do not have a quantity"
            " specified."
        )
    return lines


def check(session: Session, kind: Kind, draft: sqlite3.Row) -> None:
    """What a document must have to be posted: leave, a date in the range, an open customer."""
    if draft["status"] == "In_x0020_Review":
        raise dialog("This document can only be released when the approval process is complete.")
    where = f"Sales Header: Document Type={kind.type}, No.={draft['number']}"
    setup = session.rows("SELECT allowPostingFrom, allowPostingTo FROM general_ledger_setup")[0]
    day = draft["postingDate"]
    too_late = setup[1] != EMPTY_DATE and day > setup[1]
    if day < setup[0] or too_late:
        raise field_error(
            f"Posting Date is not within your range of allowed posting dates in {where}."
        )
    for column in ("customerId", "billToCustomerId"):
        customer = session.rows("SELECT * FROM customer WHERE id = ?", (draft[column],))[0]
        parties.refuse_blocked(customer, kind, act="post")


def book_invoice(session: Session, invoice: sqlite3.Row, lines: list[sqlite3.Row]) -> int:
    """Write a posted invoice's entries; returns the customer's entry number."""
    order = invoice["orderNumber"]
    document = Document(
        type="Invoice",
        number=invoice["number"],
        posting_date=invoice["postingDate"],
        description=f"Order {order}" if order else f"Invoice {invoice['number']}",
        external_number=invoice["externalDocumentNumber"],
    )
    terms = _terms(session, invoice)
    return booking.book(
        session,
        document,
        _sale(invoice, lines),
        due_date=invoice["dueDate"],
        discount_date=invoice["discountDate"],
        discount_percent=terms["discountPercent"] if terms["discountDays"] else 0,
    )


def _book_memo(session: Session, memo: sqlite3.Row, lines: list[sqlite3.Row]) -> None:
    """Book a credit memo, and apply it to the open invoice that it names, as far as both go."""
    document = Document(
        type="Credit_x0020_Memo",
        number=memo["number"],
        posting_date=memo["postingDate"],
        description=f"Credit Memo {memo['number']}",
        external_number=memo["externalDocumentNumber"],
    )
    owed = None
    if memo["invoiceNumber"]:
        owed = application.open_invoice_entry(
            session,
            document_number=memo["invoiceNumber"],
            customer=memo["billToCustomerNumber"],
        )
        application.check_currency(switches.current(session), memo["currencyCode"], owed)
    entry = booking.book(session, document, _sale(memo, lines, sign=-1), due_date=memo["dueDate"])
    if owed is None:
        return
    amount = min(memo["totalAmountIncludingTax"], ledger.remaining(session, owed["entryNumber"])[0])
    application.settle(session, document, credit=entry, debit=owed["entryNumber"], amount=amount)


def _sale(row: sqlite3.Row, lines: list[sqlite3.Row], *, sign: int = 1) -> Sale:
    return Sale(
        customer=row["billToCustomerNumber"],
        currency=row["currencyCode"],
        nets=booking.nets_of(lines),
        tax=row["totalTaxAmount"],
        sign=sign,
    )


def _terms(session: Session, row: sqlite3.Row) -> sqlite3.Row:
    customer = session.rows("SELECT * FROM customer WHERE id = ?", (row["billToCustomerId"],))[0]
    return parties.terms_of(session, row["paymentTermsId"], customer)
