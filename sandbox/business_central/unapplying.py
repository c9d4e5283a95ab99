"""Undoes applications and payments, as Unapply Entries and Reverse Transaction do.

Sources: BCApps, codeunits "CustEntry-Apply Posted Entries" and "Gen. Jnl.-Post Reverse".
"""

from __future__ import annotations

import sqlite3

from sandbox.business_central import application, ledger, memos
from sandbox.business_central.database import Session
from sandbox.business_central.errors import dialog
from sandbox.business_central.facts import EMPTY_DATE
from sandbox.business_central.ledger import Document, Terms
from sandbox.business_central.webhooks.changes import changed


def unapply(session: Session, entry: int, *, posting_date: str) -> bool:
    """Undo the latest application of an entry; false when it is applied to nothing.

    The details are written once more with the opposite sign, a discount is taken back in the
    general ledger, and every entry of it is open again.
    """
    number = _latest(session, entry)
    if not number:
        return False
    details = session.rows(
        "SELECT * FROM detailed_ledger_entry WHERE applicationNumber = ? AND unapplied = 0"
        " ORDER BY entryNumber",
        (number,),
    )
    for detail in details:
        _refuse_later(session, detail["customerLedgerEntryNumber"], number)
    session.db.execute(
        "UPDATE detailed_ledger_entry SET unapplied = 1 WHERE applicationNumber = ?", (number,)
    )
    for detail in details:
        _opposite(session, detail, posting_date)
    for detail in details:
        if detail["entryType"] == "Application":
            _open_again(session, detail)
    return True


def reverse(session: Session, document_number: str) -> int:
    """Reverse Transaction: write the document's entries again with the opposite sign.

    They keep number, type and posting date. Returns how many there were.
    """
    entries = session.rows(
        "SELECT * FROM customer_ledger_entry WHERE documentNumber = ?"
        " AND documentType IN ('Payment', 'Refund') AND reversed = 0 ORDER BY entryNumber",
        (document_number,),
    )
    if not entries:
        raise dialog(
            f"You cannot reverse Cust. Ledger Entry No. {document_number} because the entry has"
            " already been involved in a reversal."
        )
    for entry in entries:
        if _latest(session, entry["entryNumber"]):
            raise dialog(
                f"You cannot reverse Cust. Ledger Entry No. {entry['entryNumber']} because the"
                " entry is either applied to an entry or has been changed by a batch job."
            )
        if not entry["balancingAccountNumber"]:
            raise dialog("You can only reverse entries that were posted from a journal.")
    for entry in entries:
        _reverse_one(session, entry)
    return len(entries)


def _latest(session: Session, entry: int) -> int:
    number: int = session.value(
        "SELECT COALESCE(MAX(applicationNumber), 0) FROM detailed_ledger_entry"
        " WHERE customerLedgerEntryNumber = ? AND applicationNumber > 0 AND unapplied = 0",
        (entry,),
    )
    return number


def _refuse_later(session: Session, entry: int, number: int) -> None:
    if _latest(session, entry) > number:
        raise dialog(
            "Before you can unapply this entry, you must first unapply all application entries in"
            f" Cust. Ledger Entry No. {entry} that were posted after this entry."
        )


def _opposite(session: Session, detail: sqlite3.Row, posting_date: str) -> None:
    document = Document(
        type=detail["documentType"],
        number=detail["documentNumber"],
        posting_date=posting_date,
        description=f"Unapplied {detail['documentNumber']}",
    )
    ledger.add_detail(
        session,
        detail["customerLedgerEntryNumber"],
        detail["entryType"],
        document,
        amount=-detail["amount"],
        local=-detail["amountLCY"],
        applied=detail["appliedEntryNumber"],
    )
    account = ledger.ADJUSTMENTS.get(detail["entryType"])
    if account is not None:
        ledger.book(session, document, account, detail["amountLCY"])
        ledger.book(session, document, ledger.RECEIVABLES, -detail["amountLCY"])


def _open_again(session: Session, detail: sqlite3.Row) -> None:
    entry = ledger.entry_row(session, detail["customerLedgerEntryNumber"])
    session.update(
        "customer_ledger_entry",
        {
            "open": 1,
            "closedAtDate": EMPTY_DATE,
            "closedByEntryNumber": 0,
            "remainingDiscountPossible": detail["discountBefore"],
        },
        key="entryNumber",
        is_=entry["entryNumber"],
    )
    if entry["documentType"] != "Invoice":
        memos.memo_opened(session, entry)
        return
    row = session.row(
        "SELECT id FROM sales_invoice WHERE number = ? AND posted = 1 AND status = 'Paid'",
        (entry["documentNumber"],),
    )
    if row is not None:  # written only when its status changes, as when it was paid
        session.update(
            "sales_invoice", {"status": "Open", **session.touched()}, key="id", is_=row[0]
        )
        changed(session, "salesInvoices", row[0], "updated")


def _reverse_one(session: Session, entry: sqlite3.Row) -> None:
    number = entry["entryNumber"]
    left, local = ledger.remaining(session, number)
    document = Document(
        type=entry["documentType"],
        number=entry["documentNumber"],
        posting_date=entry["postingDate"],
        description=entry["description"],
        external_number=entry["externalDocumentNumber"],
    )
    opposite = ledger.open_entry(
        session,
        document,
        customer=entry["customerNumber"],
        currency=entry["currencyCode"],
        amount=-left,
        terms=Terms(due_date=entry["dueDate"], balancing_account=entry["balancingAccountNumber"]),
        correction=True,
    )
    ledger.book(session, document, entry["balancingAccountNumber"], local, correction=True)
    credit, debit = (number, opposite) if left < 0 else (opposite, number)
    application.settle(session, document, credit=credit, debit=debit, amount=abs(left))
    for each in (number, opposite):
        session.update("customer_ledger_entry", {"reversed": 1}, key="entryNumber", is_=each)
