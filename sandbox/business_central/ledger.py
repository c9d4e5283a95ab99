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
TOLERANCE = "4920"
EXCHANGE_GAINS = "8310"
EXCHANGE_LOSSES = "8320"

# What an application writes beside itself, and the account that it is booked on.
ADJUSTMENTS = {
    "Payment Discount": DISCOUNT_GRANTED,
    "Payment Discount Tolerance": DISCOUNT_GRANTED,
    "Payment Tolerance": TOLERANCE,
    "Realized Gain": EXCHANGE_GAINS,
    "Realized Loss": EXCHANGE_LOSSES,
}


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


def rate(session: Session, currency: str, day: str) -> Decimal:
    """What one unit of a currency was worth in local currency on a day; "" is worth one."""
    if not currency or currency == local_currency(session):
        return Decimal(1)
    row = session.row(
        "SELECT relationalExchangeRateAmount, exchangeRateAmount FROM currency_exchange_rate"
        " WHERE currencyCode = ? AND startingDate <= ? AND exchangeRateAmount <> 0"
        " ORDER BY startingDate DESC LIMIT 1",
        (currency, day),
    )
    if row is not None:
        return Decimal(row[0]) / Decimal(row[1])
    return Decimal(session.value("SELECT rate FROM currency WHERE code = ?", (currency,)))


def to_local(session: Session, amount: int, currency: str, day: str = "") -> int:
    """Turn an amount into local currency at the rate of a day; without one at today's."""
    if not currency:
        return amount
    return decimals.times(
        amount, rate(session, currency, day or session.today), precision(session, "")
    )


def exchanged(session: Session, amount: int, source: str, target: str, day: str) -> int:
    """Turn an amount of one currency into another at the day's rates."""
    if source == target:
        return amount
    factor = rate(session, source, day) / rate(session, target, day)
    return decimals.times(amount, factor, precision(session, target))


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
    local = to_local(session, amount, currency, document.posting_date)
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


def adjust(
    session: Session,
    document: Document,
    entry: int,
    kind: str,
    *,
    amount: int,
    local: int,
    application: int,
) -> None:
    """Change what remains of an entry by one of ``ADJUSTMENTS``, in the general ledger too.

    ``amount`` is in the entry's currency, ``local`` in local currency; above zero it owes more.
    """
    book(session, document, ADJUSTMENTS[kind], -local)
    book(session, document, RECEIVABLES, local)
    add_detail(session, entry, kind, document, amount=amount, local=local, application=application)


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
