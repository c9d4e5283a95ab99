"""Writes the books: general ledger entries, customer ledger entries and their details."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from sandbox.business_central import decimals
from sandbox.business_central.database import Session
from sandbox.business_central.facts import EMPTY_GUID
from sandbox.business_central.webhooks.changes import changed

RECEIVABLES = "1310"
CARD_CLEARING = "2910"
BANK = "2920"
SALES = "4010"
SALES_TAX = "2310"
DISCOUNT_GRANTED = "4910"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What every entry of one posting says of its document."""

    type: str
    number: str
    posting_date: str
    description: str
    external_number: str = ""


def precision(session: Session, currency: str) -> int:
    """A currency's rounding precision, scaled; "" is the local currency."""
    code = currency or local_currency(session)
    row = session.row("SELECT amountRoundingPrecision FROM currency WHERE code = ?", (code,))
    return int(row[0]) if row is not None else decimals.scaled("0.01")


def local_currency(session: Session) -> str:
    """The code of the books' own currency."""
    return str(session.value("SELECT localCurrencyCode FROM general_ledger_setup"))


def to_local(session: Session, amount: int, currency: str) -> int:
    """Turn an amount into local currency at the one rate that the sandbox knows."""
    if not currency:
        return amount
    rate = session.value("SELECT rate FROM currency WHERE code = ?", (currency,))
    return decimals.times(amount, Decimal(rate), precision(session, ""))


def book(
    session: Session, document: Document, account: str, amount: int, *, correction: bool = False
) -> int:
    """Write one general ledger entry in local currency (debit above zero); return its number.

    A ``correction`` stands below zero on the side where the corrected entry stood, as Reverse
    Transaction writes it.
    """
    number = session.take("entry")
    row = session.row("SELECT id FROM account WHERE number = ?", (account,))
    entry_id = session.new_id()
    session.insert(
        "general_ledger_entry",
        {
            "id": entry_id,
            "entryNumber": number,
            "postingDate": document.posting_date,
            "documentNumber": document.number,
            "documentType": document.type,
            "accountId": row[0] if row is not None else EMPTY_GUID,
            "accountNumber": account,
            "description": document.description[:100],
            "debitAmount": amount if (amount > 0) != correction else 0,
            "creditAmount": -amount if (amount < 0) != correction else 0,
            **session.touched(),
        },
    )
    changed(session, "generalLedgerEntries", entry_id, "created")
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """When an entry is due, and what may be taken off until when."""

    due_date: str
    discount_date: str = "0001-01-01"
    discount_possible: int = 0
    sales_lcy: int = 0
    balancing_account: str = ""


def open_entry(
    session: Session,
    document: Document,
    *,
    customer: str,
    currency: str,
    amount: int,
    terms: Terms,
    correction: bool = False,
) -> int:
    """Write a customer ledger entry with its initial detail and its receivables entry.

    ``amount`` is above zero for what the customer owes. Returns the entry number, which is that of
    the receivables entry, as in Business Central.
    """
    local = to_local(session, amount, currency)
    number = book(session, document, RECEIVABLES, local, correction=correction)
    session.insert(
        "customer_ledger_entry",
        {
            "entryNumber": number,
            "customerNumber": customer,
            "postingDate": document.posting_date,
            "dueDate": terms.due_date,
            "documentType": document.type,
            "documentNumber": document.number,
            "externalDocumentNumber": document.external_number,
            "description": document.description[:100],
            "currencyCode": currency,
            "salesLCY": terms.sales_lcy,
            "discountDate": terms.discount_date,
            "originalDiscountPossible": terms.discount_possible,
            "remainingDiscountPossible": terms.discount_possible,
            "balancingAccountNumber": terms.balancing_account,
        },
    )
    add_detail(session, number, "Initial Entry", document, amount=amount, local=local)
    return number


def add_detail(
    session: Session,
    entry: int,
    kind: str,
    document: Document,
    *,
    amount: int,
    local: int,
    applied: int = 0,
    application: int = 0,
    discount_before: int = 0,
) -> None:
    """Write a detailed entry; the sum of an entry's details is what remains of it."""
    customer = session.value(
        "SELECT customerNumber FROM customer_ledger_entry WHERE entryNumber = ?", (entry,)
    )
    session.insert(
        "detailed_ledger_entry",
        {
            "entryNumber": session.take("detail"),
            "customerLedgerEntryNumber": entry,
            "entryType": kind,
            "postingDate": document.posting_date,
            "documentType": document.type,
            "documentNumber": document.number,
            "customerNumber": customer,
            "amount": amount,
            "amountLCY": local,
            "appliedEntryNumber": applied,
            "applicationNumber": application,
            "discountBefore": discount_before,
        },
    )


def remaining(session: Session, entry: int) -> tuple[int, int]:
    """What is left of an entry, in its currency and in local currency."""
    row = session.rows(
        "SELECT COALESCE(SUM(amount), 0), COALESCE(SUM(amountLCY), 0) FROM detailed_ledger_entry"
        " WHERE customerLedgerEntryNumber = ?",
        (entry,),
    )[0]
    return row[0], row[1]


def entry_row(session: Session, number: int) -> sqlite3.Row:
    """A customer ledger entry by its number, which must be there."""
    row = session.row("SELECT * FROM customer_ledger_entry WHERE entryNumber = ?", (number,))
    if row is None:
        raise LookupError(f"no customer ledger entry {number}")
    return row
