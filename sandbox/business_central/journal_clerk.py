"""What a clerk and an administrator do with journals: shared batches, approval, setup by card."""

from __future__ import annotations

import sqlite3
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.business_central import asked, batches, checking, decimals, posting
from sandbox.business_central.asked import Mistake
from sandbox.business_central.database import Session
from sandbox.business_central.facts import BLANK, EMPTY_GUID

_KINDS = {
    "customer": checking.CUSTOMER,
    "account": batches.GL_ACCOUNT,
    "bank": batches.BANK_ACCOUNT,
}


def type_line(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Type a line into a batch: ``batch``, ``kind``, ``number``, ``amount`` with its sign.

    Also ``type``, ``document``, ``date``, ``applies_to``, ``balancing``. ``kind`` is customer,
    account or bank. ``balancing`` is a G/L account; left out, the batch's own; "" for none. A line
    that is no payment for an invoice is not shown by customerPayments and is posted all the same.
    """
    batch = _batch(session, given)
    kind = _KINDS.get(str(given.get("kind", "customer")))
    if kind is None:
        raise Mistake(f"kind is one of {', '.join(_KINDS)}.")
    number = str(given.get("number", ""))
    customer = session.row("SELECT * FROM customer WHERE number = ?", (number,))
    owner = customer if kind == checking.CUSTOMER else None
    applies_to = str(given.get("applies_to", ""))
    line = session.new_id()
    session.insert(
        "journal_line",
        {
            "id": line,
            "journalId": batch["id"],
            "lineNumber": _next_number(session, batch),
            "accountType": kind,
            "accountNumber": "" if kind == checking.CUSTOMER else number,
            "customerNumber": number if kind == checking.CUSTOMER else "",
            "customerId": owner["id"] if owner is not None else EMPTY_GUID,
            "currencyCode": owner["currencyCode"] if owner is not None else "",
            "documentType": str(given.get("type", BLANK)),
            "documentNumber": str(given.get("document") or f"TYPED-{session.take('typed'):05d}"),
            "postingDate": asked.day(given, "date", session.today),
            "amount": _signed(given.get("amount")),
            "appliesToDocumentType": "Invoice" if applies_to else BLANK,
            "appliesToInvoiceNumber": applies_to,
            "description": str(given.get("description", "Typed by a clerk")),
            **_balancing(batch, given),
            **session.touched(),
        },
    )
    return {"id": line}


def post_batch(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Post a batch from its page: ``batch`` (its code), ``template``."""
    batch = _batch(session, given)
    posting.post(session, batch)
    return {"batch": batch["code"]}


def approve_batch(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Approve every line that is now in a batch: ``batch``, ``template``."""
    batch = _batch(session, given)
    session.db.execute(
        "INSERT OR REPLACE INTO approval SELECT id, rowVersion FROM journal_line"
        " WHERE journalId = ?",
        (batch["id"],),
    )
    return {"batch": batch["code"]}


def set_up_batch(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Give a batch ``no_series``, ``posting_no_series``, ``manual_numbers``, as only people can."""
    batch = _batch(session, given)
    if "no_series" in given:
        series = {"noSeries": str(given["no_series"])}
        session.update("journal_batch", series, key="id", is_=batch["id"])
    session.db.execute(
        "INSERT OR REPLACE INTO batch_rule VALUES (?, ?, ?)",
        (
            batch["id"],
            str(given.get("posting_no_series", "")),
            int(bool(given.get("manual_numbers", False))),
        ),
    )
    return {"batch": batch["code"]}


def set_up_customer(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Set on a customer's card: ``apply_to_oldest``, ``block_tolerance`` (both false at first)."""
    customer = asked.customer(session, given)
    session.db.execute(
        "INSERT OR REPLACE INTO customer_rule VALUES (?, ?, ?)",
        (
            customer["number"],
            int(bool(given.get("apply_to_oldest", False))),
            int(bool(given.get("block_tolerance", False))),
        ),
    )
    return {"customer": customer["number"]}


def set_rate(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Enter an exchange rate: ``currency``, ``rate`` (one unit in local currency), ``date``."""
    code = str(given.get("currency", ""))
    if session.row("SELECT 1 FROM currency WHERE code = ?", (code,)) is None:
        raise Mistake(f"There is no currency {code!r}.")
    try:
        rate = Decimal(str(given.get("rate", "")))
    except InvalidOperation:
        raise Mistake("The rate is a number.") from None
    if rate <= 0:
        raise Mistake("The rate must be above zero.")
    day = asked.day(given, "date", session.today)
    session.db.execute(
        "DELETE FROM currency_exchange_rate WHERE currencyCode = ? AND startingDate = ?",
        (code, day),
    )
    session.insert(
        "currency_exchange_rate",
        {
            "id": session.new_id(),
            "currencyCode": code,
            "startingDate": day,
            "exchangeRateAmount": decimals.SCALE,
            "relationalExchangeRateAmount": decimals.scaled(rate),
            **session.touched(),
        },
    )
    return {"currency": code, "date": day, "rate": str(rate)}


ACTS = {
    "type-line": type_line,
    "post-batch": post_batch,
    "approve-batch": approve_batch,
    "batch-setup": set_up_batch,
    "customer-setup": set_up_customer,
    "exchange-rate": set_rate,
}


def _batch(session: Session, given: dict[str, Any]) -> sqlite3.Row:
    template = str(given.get("template", batches.CASH_RECEIPTS))
    code = str(given.get("batch", ""))
    row = session.row(
        "SELECT * FROM journal_batch WHERE templateDisplayName = ? AND code = ?", (template, code)
    )
    if row is None:
        raise Mistake(f"There is no batch {code!r} of {template}.")
    return row


def _next_number(session: Session, batch: sqlite3.Row) -> int:
    last: int = session.value(
        "SELECT COALESCE(MAX(lineNumber), 0) FROM journal_line WHERE journalId = ?", (batch["id"],)
    )
    return last + 10_000


def _signed(raw: object) -> int:
    try:
        return decimals.scaled(Decimal(str(raw)))
    except InvalidOperation:
        raise Mistake(f"{raw!r} is not an amount.") from None


def _balancing(batch: sqlite3.Row, given: dict[str, Any]) -> dict[str, str]:
    if "balancing" in given:
        return {"balancingAccountNumber": str(given["balancing"])}
    return {
        "balancingAccountType": batch["balancingAccountType"],
        "balancingAccountNumber": batch["balancingAccountNumber"],
    }
