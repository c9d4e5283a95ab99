"""Posts a journal batch: every line or none, then the lines are gone (facts, 2.5 and 2.6)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from sandbox.business_central import application, batches, decimals, ledger
from sandbox.business_central.database import Session
from sandbox.business_central.errors import ApiError, dialog, field_error
from sandbox.business_central.facts import EMPTY_DATE
from sandbox.business_central.ledger import Document, Terms
from sandbox.business_central.payments import next_in_series


def post(session: Session, batch: sqlite3.Row) -> None:
    """Post all lines of a batch in the session's transaction.

    Raises ``ApiError`` with Business Central's own words; the caller's transaction then undoes
    everything. A batch with nothing but the empty line posts nothing and is no error.
    """
    lines = session.rows(
        "SELECT * FROM journal_line WHERE journalId = ? ORDER BY lineNumber", (batch["id"],)
    )
    if not lines:
        raise dialog("There is nothing to post.")
    full = [line for line in lines if not _is_empty(line)]
    if not full:
        return
    for line in full:
        _check(session, batch, line)
    _check_series(session, batch, full)
    for line in full:
        _post_line(session, line)
    session.db.execute("DELETE FROM journal_line WHERE journalId = ?", (batch["id"],))
    if not batch["noSeries"]:
        batches.add_empty_line(session, batch)


def _is_empty(line: sqlite3.Row) -> bool:
    return not line["customerNumber"] and not line["amount"]


def _where(batch: sqlite3.Row, line: sqlite3.Row) -> str:
    return (
        f"Gen. Journal Line: Journal Template Name={batch['templateDisplayName']},"
        f" Journal Batch Name={batch['code']}, Line No.={line['lineNumber']}"
    )


def _check(session: Session, batch: sqlite3.Row, line: sqlite3.Row) -> None:
    """``Gen. Jnl.-Check Line``: what one line must have before anything is posted."""
    where = _where(batch, line)
    _check_date(session, line, where)
    for value, name in (
        (line["documentNumber"], "Document No."),
        (line["customerNumber"], "Account No."),
        (line["amount"], "Amount"),
    ):
        if not value:
            raise field_error(f"{name} must have a value in {where}. It cannot be zero or empty.")
    if line["amount"] > 0:
        raise field_error(
            f"Amount must be negative in {where}. Current value is"
            f" '{decimals.text(line['amount'])}'."
        )
    _check_balancing(session, line)
    _check_customer(session, line)


def _check_date(session: Session, line: sqlite3.Row, where: str) -> None:
    if line["postingDate"] == EMPTY_DATE:
        raise field_error(f"Posting Date must have a value in {where}. It cannot be zero or empty.")
    setup = session.rows("SELECT allowPostingFrom, allowPostingTo FROM general_ledger_setup")[0]
    too_early = line["postingDate"] < setup[0]
    too_late = setup[1] != EMPTY_DATE and line["postingDate"] > setup[1]
    if too_early or too_late:
        raise field_error(
            f"Posting Date is not within your range of allowed posting dates in {where}."
        )


def _check_balancing(session: Session, line: sqlite3.Row) -> None:
    number = line["balancingAccountNumber"]
    if not number:
        raise dialog(
            f"Document No. {line['documentNumber']} is out of balance by"
            f" {decimals.text(line['amount'])}. Please check that Posting Date, Document Type,"
            " Document No. and Amount are correct for each line."
        )
    if line["balancingAccountType"] == batches.GL_ACCOUNT:
        account = session.row("SELECT * FROM account WHERE number = ?", (number,))
        if account is None:
            raise ApiError(
                400,
                "Internal_InvalidTableRelation",
                "The field Bal. Account No. of table Gen. Journal Line contains a value"
                f" ({number}) that cannot be found in the related table (G/L Account).",
            )
        batches.check_direct_posting(account)


def _check_customer(session: Session, line: sqlite3.Row) -> None:
    customer = session.row("SELECT * FROM customer WHERE number = ?", (line["customerNumber"],))
    if customer is None:
        raise ApiError(
            400,
            "Internal_InvalidTableRelation",
            "The field Account No. of table Gen. Journal Line contains a value"
            f" ({line['customerNumber']}) that cannot be found in the related table (Customer).",
        )
    if customer["blocked"] == "All":  # Ship and Invoice do not stop payments
        raise dialog(
            "You cannot post this type of document when Customer"
            f" {line['customerNumber']} is blocked with type All"
        )


def _check_series(session: Session, batch: sqlite3.Row, lines: list[sqlite3.Row]) -> None:
    """A No. Series without Manual Nos. wants its own next number and no other (facts, 2.5)."""
    series = batch["noSeries"]
    if not series:
        return
    for number in dict.fromkeys(line["documentNumber"] for line in lines):
        if number != next_in_series(session, series):
            raise dialog(
                "You may not enter numbers manually. If you want to enter numbers manually,"
                f" please activate Manual Nos. in No. Series {series}."
            )
        session.take(f"series:{series}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One payment to post. ``amount`` is above zero; ``applies_to`` is an invoice number or ""."""

    customer: str
    currency: str
    amount: int
    balancing_account: str
    applies_to: str
    document: Document


def _post_line(session: Session, line: sqlite3.Row) -> None:
    receive(
        session,
        Receipt(
            customer=line["customerNumber"],
            currency=line["currencyCode"],
            amount=-line["amount"],
            balancing_account=_balancing_account(line),
            applies_to=line["appliesToInvoiceNumber"],
            document=Document(
                type="Payment",
                number=line["documentNumber"],
                posting_date=line["postingDate"],
                description=line["description"],
                external_number=line["externalDocumentNumber"],
            ),
        ),
    )


def receive(session: Session, receipt: Receipt) -> None:
    """Post one payment: receivables, the balancing account, the application if one is named.

    The applied entry is looked up first, so that a wrong number writes nothing. What is paid over
    an invoice's amount stays as an open, unapplied payment (facts, section 2.6).
    """
    document, invoice = receipt.document, None
    if receipt.applies_to:
        invoice = application.open_invoice_entry(
            session, document_number=receipt.applies_to, customer=receipt.customer
        )
        application.check_currency(receipt.currency, invoice)
    payment = ledger.open_entry(
        session,
        document,
        customer=receipt.customer,
        currency=receipt.currency,
        amount=-receipt.amount,
        terms=Terms(due_date=document.posting_date, balancing_account=receipt.balancing_account),
    )
    local = ledger.to_local(session, receipt.amount, receipt.currency)
    ledger.book(session, document, receipt.balancing_account, local)
    if invoice is not None:
        application.apply(session, document, payment=payment, invoice=invoice["entryNumber"])


def _balancing_account(line: sqlite3.Row) -> str:
    """A bank account books on the G/L account of its posting group; here one for all."""
    if line["balancingAccountType"] == batches.BANK_ACCOUNT:
        return ledger.BANK
    return str(line["balancingAccountNumber"])
