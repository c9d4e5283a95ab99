"""What a clerk corrects by hand: takes payments back, gives money back, applies credit."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.business_central import application, asked, decimals, ledger, unapplying
from sandbox.business_central.asked import Mistake
from sandbox.business_central.database import Session
from sandbox.business_central.ledger import Document, Terms


def reverse_payment(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Unapply a payment and reverse it: ``document``; with ``unapply_only`` only the first."""
    number = str(given.get("document", ""))
    unapply(session, given)
    if given.get("unapply_only"):
        return {"document": number, "reversed": 0}
    return {"document": number, "reversed": unapplying.reverse(session, number)}


def unapply(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Undo all applications of a document: ``document``; ``invoice`` for those to one invoice."""
    number, invoice = str(given.get("document", "")), str(given.get("invoice", ""))
    posting_date = asked.day(given, "date", session.today)
    undone = 0
    for entry in asked.entries(session, number):
        if invoice and not _is_applied_to(session, entry, invoice):
            continue
        while unapplying.unapply(session, entry["entryNumber"], posting_date=posting_date):
            undone += 1
    return {"document": number, "undone": undone}


def refund(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Post a line of type Refund: ``customer``, ``amount``; ``document``, ``date``, ``applies_to``.

    ``account`` is the balancing account (the clearing account for card payments). It is applied to
    the open entries with the document number ``applies_to``, as far as they go.
    """
    customer, amount = asked.customer(session, given), asked.amount(given.get("amount"))
    document = Document(
        type="Refund",
        number=str(given.get("document") or f"REF-{session.take('series:REF-'):06d}"),
        posting_date=asked.day(given, "date", session.today),
        description=str(given.get("description", "Refund")),
    )
    account = str(given.get("account", ledger.CARD_CLEARING))
    currency = customer["currencyCode"]
    entry = ledger.open_entry(
        session,
        document,
        customer=customer["number"],
        currency=currency,
        amount=amount,
        terms=Terms(due_date=document.posting_date, balancing_account=account),
    )
    local = ledger.to_local(session, amount, currency, document.posting_date)
    ledger.book(session, document, account, -local)
    if given.get("applies_to"):
        _apply_refund(session, document, entry, str(given["applies_to"]), customer["number"])
    return {"document": document.number, "entry": entry, "amount": decimals.text(amount)}


def apply_credit(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Apply open credit: ``credit`` (a document number), ``invoice``; ``amount``, ``document``.

    Without ``amount`` as much as both allow. A payment or credit memo takes no discount here.
    """
    number, invoice = str(given.get("credit", "")), asked.invoice(session, given)
    owed = _open_entry(session, invoice["number"], sign=1)
    credit = _open_entry(session, number, sign=-1)
    most = min(
        -ledger.remaining(session, credit["entryNumber"])[0],
        ledger.remaining(session, owed["entryNumber"])[0],
    )
    amount = asked.amount(given["amount"]) if "amount" in given else most
    if amount > most or credit["customerNumber"] != owed["customerNumber"]:
        raise Mistake(f"{number} cannot be applied to {invoice['number']} with so much.")
    if credit["currencyCode"] != owed["currencyCode"]:
        raise Mistake("Credit in another currency is not applied by hand here.")
    document = Document(
        type=credit["documentType"],
        number=str(given.get("document") or number),
        posting_date=asked.day(given, "date", session.today),
        description=f"Applied to {invoice['number']}",
    )
    application.settle(
        session,
        document,
        credit=credit["entryNumber"],
        debit=owed["entryNumber"],
        amount=amount,
    )
    return {"credit": number, "amount": decimals.text(amount)}


def edit_draft(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Change an unposted line: ``document``; ``line`` (its number), ``amount``, ``description``."""
    line = _line(session, given)
    new: dict[str, Any] = {}
    if "amount" in given:
        new["amount"] = -asked.amount(given["amount"])
    if "description" in given:
        new["description"] = str(given["description"])
    session.update("journal_line", {**new, **session.touched()}, key="id", is_=line["id"])
    return {"id": line["id"], "line": line["lineNumber"]}


def delete_draft(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Delete unposted lines: ``document``; ``line`` for one of them."""
    first = _line(session, given)
    where, parameters = "documentNumber = ?", [first["documentNumber"]]
    if "line" in given:
        where, parameters = "id = ?", [first["id"]]
    gone = session.db.execute(f"DELETE FROM journal_line WHERE {where}", parameters)  # noqa: S608
    return {"deleted": gone.rowcount}


ACTS = {
    "reverse-payment": reverse_payment,
    "unapply": unapply,
    "refund": refund,
    "apply-credit": apply_credit,
    "edit-draft": edit_draft,
    "delete-draft": delete_draft,
}


def _line(session: Session, given: dict[str, Any]) -> sqlite3.Row:
    number = str(given.get("document", ""))
    lines = session.rows(
        "SELECT * FROM journal_line WHERE documentNumber = ? ORDER BY lineNumber", (number,)
    )
    found = [line for line in lines if given.get("line", line["lineNumber"]) == line["lineNumber"]]
    if not number or not found:
        raise Mistake(f"There is no such unposted line of {number!r}.")
    return found[0]


def _is_applied_to(session: Session, entry: sqlite3.Row, invoice: str) -> bool:
    return (
        session.row(
            "SELECT 1 FROM detailed_ledger_entry AS d JOIN customer_ledger_entry AS a"
            " ON a.entryNumber = d.appliedEntryNumber WHERE d.customerLedgerEntryNumber = ?"
            " AND d.unapplied = 0 AND d.applicationNumber > 0 AND a.documentNumber = ?",
            (entry["entryNumber"], invoice),
        )
        is not None
    )


def _open_entry(session: Session, number: str, *, sign: int) -> sqlite3.Row:
    for row in asked.entries(session, number, only_open=True):
        if ledger.remaining(session, row["entryNumber"])[0] * sign > 0:
            return row
    raise Mistake(f"{number!r} has no open entry of this kind.")


def _apply_refund(
    session: Session, document: Document, entry: int, number: str, customer: str
) -> None:
    for row in asked.entries(session, number, only_open=True):
        wanted = ledger.remaining(session, entry)[0]
        credit = -ledger.remaining(session, row["entryNumber"])[0]
        if wanted > 0 and credit > 0 and row["customerNumber"] == customer:
            application.settle(
                session,
                document,
                credit=row["entryNumber"],
                debit=entry,
                amount=min(wanted, credit),
            )
