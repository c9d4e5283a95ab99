"""Posts a journal batch: every line or none, then the lines are gone (facts, 2.5 and 2.6)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.business_central import application, batches, checking, jobs, ledger, switches
from sandbox.business_central.checking import CUSTOMER
from sandbox.business_central.database import Session
from sandbox.business_central.errors import dialog
from sandbox.business_central.ledger import Document, Terms
from sandbox.business_central.payments import next_in_series


def post(session: Session, batch: sqlite3.Row) -> None:
    """What ``Microsoft.NAV.post`` does: post now, or with *Post with Job Queue* later.

    Raises ``ApiError`` with Business Central's own words; the caller's transaction then undoes
    everything. A batch with nothing but the empty line posts nothing and is no error.
    """
    lines = _lines(session, batch)
    if not lines:
        raise dialog("There is nothing to post.")
    full = [line for line in lines if not checking.is_empty(line)]
    setup = switches.current(session)
    if full and setup.post_with_job_queue:
        jobs.enqueue(session, batch, full, seconds=setup.job_queue_seconds)
    elif full:
        post_lines(session, batch, full)


def post_document(session: Session, batch: sqlite3.Row, number: str) -> None:
    """Post the lines of one document number: the job queue takes them one by one [AL]."""
    lines = [line for line in _lines(session, batch) if line["documentNumber"] == number]
    if not lines:
        raise dialog("There is nothing to post.")
    post_lines(session, batch, lines)


def post_lines(session: Session, batch: sqlite3.Row, lines: Sequence[sqlite3.Row]) -> None:
    """Post these lines in the session's transaction, and leave the batch as posting leaves it."""
    checking.check(session, switches.current(session), batch, lines)
    numbers = _posted_numbers(session, batch, lines)
    for line in lines:
        _post_line(session, line, numbers[line["documentNumber"]])
    for line in lines:
        session.db.execute("DELETE FROM journal_line WHERE id = ?", (line["id"],))
    if any(not checking.is_empty(line) for line in _lines(session, batch)):
        return
    session.db.execute("DELETE FROM journal_line WHERE journalId = ?", (batch["id"],))
    if switches.current(session).increment_batch_name and batches.renew(session, batch):
        return
    if not batch["noSeries"]:
        batches.add_empty_line(session, batch)


def _lines(session: Session, batch: sqlite3.Row) -> list[sqlite3.Row]:
    return session.rows(
        "SELECT * FROM journal_line WHERE journalId = ? ORDER BY lineNumber", (batch["id"],)
    )


def _posted_numbers(
    session: Session, batch: sqlite3.Row, lines: Sequence[sqlite3.Row]
) -> dict[str, str]:
    """The number that each document gets: a Posting No. Series replaces it (facts, section 2.5)."""
    given = dict.fromkeys(line["documentNumber"] for line in lines)
    rule = session.row("SELECT postingNoSeries FROM batch_rule WHERE batchId = ?", (batch["id"],))
    if rule is None or not rule[0]:
        return {number: number for number in given}
    found = {}
    for number in given:
        found[number] = next_in_series(session, rule[0])
        session.take(f"series:{rule[0]}")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One payment to post. ``amount`` is above zero; ``applies_to`` is an invoice number or "".

    ``balancing_account`` "" leaves the other side to another line.
    """

    customer: str
    currency: str
    amount: int
    balancing_account: str
    applies_to: str
    document: Document


def _post_line(session: Session, line: sqlite3.Row, number: str) -> None:
    document = Document(
        type=line["documentType"],
        number=number,
        posting_date=line["postingDate"],
        description=line["description"],
        external_number=line["externalDocumentNumber"],
    )
    balancing = _books_on(line["balancingAccountType"], line["balancingAccountNumber"])
    if line["accountType"] == CUSTOMER and line["documentType"] == "Payment":
        receive(
            session,
            Receipt(
                customer=line["customerNumber"],
                currency=line["currencyCode"],
                amount=-line["amount"],
                balancing_account=balancing,
                applies_to=line["appliesToInvoiceNumber"],
                document=document,
            ),
        )
        return
    _side(session, document, line, checking.account_number(line), line["accountType"], sign=1)
    if balancing:
        kind, number = line["balancingAccountType"], line["balancingAccountNumber"]
        _side(session, document, line, number, kind, sign=-1)


def _side(
    session: Session, document: Document, line: sqlite3.Row, number: str, kind: str, *, sign: int
) -> None:
    """Book one side of a line; a customer's side opens an entry that is applied to nothing."""
    amount, currency = sign * line["amount"], line["currencyCode"]
    if kind == CUSTOMER:
        ledger.open_entry(
            session,
            document,
            customer=number,
            currency=currency,
            amount=amount,
            terms=Terms(due_date=document.posting_date),
        )
        return
    local = ledger.to_local(session, amount, currency, document.posting_date)
    ledger.book(session, document, _books_on(kind, number), local)


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
        application.check_currency(switches.current(session), receipt.currency, invoice)
    payment = ledger.open_entry(
        session,
        document,
        customer=receipt.customer,
        currency=receipt.currency,
        amount=-receipt.amount,
        terms=Terms(due_date=document.posting_date, balancing_account=receipt.balancing_account),
    )
    if receipt.balancing_account:
        local = ledger.to_local(session, receipt.amount, receipt.currency, document.posting_date)
        ledger.book(session, document, receipt.balancing_account, local)
    rule = session.row("SELECT * FROM customer_rule WHERE customerNumber = ?", (receipt.customer,))
    if invoice is not None:
        tolerant = rule is None or not rule["blockTolerance"]
        number = invoice["entryNumber"]
        application.apply(session, document, payment=payment, invoice=number, tolerant=tolerant)
    elif rule is not None and rule["applyToOldest"]:
        application.apply_to_oldest(session, document, payment=payment, customer=receipt.customer)


def _books_on(kind: str, number: str) -> str:
    """A bank account books on the G/L account of its posting group; here one for all."""
    return ledger.BANK if kind == batches.BANK_ACCOUNT and number else str(number)
