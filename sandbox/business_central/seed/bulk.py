"""Adds very many invoices quickly: rows are made in bulk and the indexes at the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from operator import itemgetter
from random import Random
from typing import Any

from sandbox.business_central import decimals, ledger, moments, schema
from sandbox.business_central.database import Session
from sandbox.business_central.documents import parties
from sandbox.business_central.facts import EMPTY_DATE
from sandbox.business_central.ledger import Document
from sandbox.business_central.seed.company import add_customer
from sandbox.business_central.seed.words import ITEMS, Buyer

BIG_CUSTOMER = "C-90001"  # owes BIG_OPEN invoices at once
BIG_OPEN = 2_000
_FIRST_NUMBER = 3_000_000
_CHUNK = 10_000
_plus_days = cache(moments.plus_days)
_DAYS = 1_000  # over how many days the invoices are spread
_OPEN_SHARE = 0.04
_WORDS = (
    ("Grand", "Royal", "Park", "Lake", "Summit", "Harbor", "Garden", "Central", "Old Mill",
     "Riverside", "Cedar", "Maple", "Pacific", "Atlantic", "Northern", "Golden", "Silver"),
    ("View", "Hill", "Bay", "Court", "Square", "Ridge", "Terrace", "Point", "Grove", "Bridge"),
    ("Hotel", "Inn", "Resort", "Lodge", "Suites", "Café", "Bistro", "Catering", "Kitchen"),
)  # fmt: skip


@dataclass(slots=True)
class _Counts:
    """The numbers that the rows take, given back to the counters at the end."""

    entry: int
    detail: int
    version: int
    owed: int = 0


def add(session: Session, count: int, *, already: int, seed: int) -> None:
    """Add invoices until ``count`` bulk invoices are there.

    Paid ones have their payment and both applications in the customer ledger; the general ledger
    gets one opening entry for what is open, not an entry for each.
    """
    random = Random(f"{seed}:{already}")  # noqa: S311 a demo, not a secret
    session.new_id = partial(_new_id, random)
    customers = _customers(session, random, count)
    schema.drop_indexes(session.db)
    counts = _Counts(session.take("entry"), session.take("detail"), session.take("rowVersion"))
    numbers = range(already, count)
    rows = (
        _rows(session, random, counts, number, _customer_of(number, random, customers))
        for number in numbers
    )
    for chunk in _chunks(rows):
        for table in chunk[0]:
            _insert(session.db, table, [row for each in chunk for row in each[table]])
    for name, value in (
        ("entry", counts.entry),
        ("detail", counts.detail),
        ("rowVersion", counts.version),
    ):
        session.db.execute("UPDATE counter SET value = ? WHERE name = ?", (value, name))
    _open_the_books(session, counts.owed)
    schema.create_indexes(session.db)


def _customers(session: Session, random: Random, count: int) -> list[dict[str, Any]]:
    """The big customer and one more for about 200 invoices; those that are there are kept."""
    for place in range(max(20, count // 200)):
        number = f"C-{90_001 + place}"
        if session.row("SELECT 1 FROM customer WHERE number = ?", (number,)) is not None:
            continue
        words = " ".join(random.choice(part) for part in _WORDS)
        name = "Meridian Hotel Group" if number == BIG_CUSTOMER else words
        add_customer(
            session, Buyer(number, name, f"customer-{90_001 + place}", "Portland", "OR", "US")
        )
    rows = session.rows("SELECT * FROM customer WHERE number >= 'C-90001' ORDER BY number")
    return [{**dict(row), "parties": parties(row)} for row in rows]


def _customer_of(number: int, random: Random, customers: list[dict[str, Any]]) -> dict[str, Any]:
    """The first invoices are the big customer's, the rest anybody else's."""
    return customers[0] if number < BIG_OPEN else random.choice(customers[1:])


def _rows(
    session: Session, random: Random, counts: _Counts, number: int, customer: dict[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    """All rows of one invoice, by table."""
    is_open = customer["number"] == BIG_CUSTOMER or random.random() < _OPEN_SHARE
    age = random.randint(0, 60) if is_open else random.randint(20, _DAYS)
    issued = _plus_days(session.today, -age)
    item, quantity = random.choice(ITEMS), random.randint(1, 60)
    price = decimals.scaled(item.price)
    total = price * quantity
    paid_on = _plus_days(issued, random.randint(3, 19))
    invoice = {
        "id": _new_id(random),
        "number": f"INV-{_FIRST_NUMBER + number}",
        "postingDate": issued,
        "invoiceDate": issued,
        "dueDate": _plus_days(issued, 30),
        "customerPurchaseOrderReference": f"PO-{500_000 + number}",
        "orderNumber": f"SO-{700_000 + number}",
        "totalAmountExcludingTax": total,
        "totalAmountIncludingTax": total,
        "status": "Open" if is_open else "Paid",
        "paymentTermsId": customer["paymentTermsId"],
        "lastModifiedDateTime": _moment(session.now, issued if is_open else paid_on, random),
        "rowVersion": _next(counts, "version"),
        **customer["parties"],
    }
    counts.owed += total if is_open else 0
    line = {
        "id": _new_id(random),
        "documentId": invoice["id"],
        "sequence": 10_000,
        "lineType": "Item",
        "lineObjectNumber": item.number,
        "description": item.description,
        "unitOfMeasureCode": item.unit,
        "quantity": decimals.scaled(quantity),
        "unitPrice": price,
        **dict.fromkeys(_LINE_AMOUNTS, total),
        "rowVersion": invoice["rowVersion"],
    }
    entries, details = _ledger_rows(counts, invoice, "" if is_open else paid_on)
    return {
        "sales_invoice": [invoice],
        "sales_invoice_line": [line],
        "customer_ledger_entry": entries,
        "detailed_ledger_entry": details,
    }


_LINE_AMOUNTS = ("amountExcludingTax", "amountIncludingTax", "netAmount", "netAmountIncludingTax")


def _next(counts: _Counts, name: str) -> int:
    value: int = getattr(counts, name) + 1
    setattr(counts, name, value)
    return value


def _moment(present: str, day: str, random: Random) -> str:
    """Some time of an office day, never later than the present."""
    seconds, part = divmod(int(28_800_000 + random.random() * 36_000_000), 1000)
    minutes, seconds = divmod(seconds, 60)
    at = f"{day}T{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.{part:03d}Z"
    return min(at, present)


def _new_id(random: Random) -> str:
    """A version 4 id, made from text because that is quicker."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _ledger_rows(
    counts: _Counts, invoice: dict[str, Any], paid_on: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The invoice's entry, and when it is paid the payment's and both applications."""
    amount, number = invoice["totalAmountIncludingTax"], _next(counts, "entry")
    owed = _entry(invoice, number, "Invoice", invoice["number"], invoice["postingDate"])
    owed |= {"dueDate": invoice["dueDate"], "salesLCY": amount}
    details = [_detail(counts, owed, "Initial Entry", amount, owed, 0)]
    if not paid_on:
        return [owed], details
    document = f"BULK-{invoice['number'][4:]}"
    paid = _entry(invoice, _next(counts, "entry"), "Payment", document, paid_on)
    for entry, other in ((owed, paid), (paid, owed)):
        entry |= {
            "open": 0,
            "closedAtDate": paid_on,
            "closedByEntryNumber": other["entryNumber"],
        }
    details += [
        _detail(counts, paid, "Initial Entry", -amount, paid, 0),
        _detail(counts, owed, "Application", -amount, paid, paid["entryNumber"]),
        _detail(counts, paid, "Application", amount, paid, number),
    ]
    return [owed, paid], details


def _entry(
    invoice: dict[str, Any], number: int, kind: str, document: str, day: str
) -> dict[str, Any]:
    return {
        "entryNumber": number,
        "customerNumber": invoice["billToCustomerNumber"],
        "postingDate": day,
        "dueDate": day,
        "documentType": kind,
        "documentNumber": document,
        "currencyCode": "",
        "salesLCY": 0,
        "open": 1,
        "closedAtDate": EMPTY_DATE,
        "closedByEntryNumber": 0,
    }


def _detail(  # noqa: PLR0917 six columns in the order of the table
    counts: _Counts,
    entry: dict[str, Any],
    kind: str,
    amount: int,
    document: dict[str, Any],
    applied: int,
) -> dict[str, Any]:
    return {
        "entryNumber": _next(counts, "detail"),
        "customerLedgerEntryNumber": entry["entryNumber"],
        "entryType": kind,
        "postingDate": document["postingDate"],
        "documentType": document["documentType"],
        "documentNumber": document["documentNumber"],
        "customerNumber": entry["customerNumber"],
        "amount": amount,
        "amountLCY": amount,
        "appliedEntryNumber": applied,
    }


def _chunks(rows: Iterable[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk


def _insert(db: sqlite3.Connection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    db.executemany(
        f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608
        map(itemgetter(*names), rows),
    )


def _open_the_books(session: Session, owed: int) -> None:
    document = Document(
        type="_x0020_",
        number="OPENING",
        posting_date=session.today,
        description="Opening balance of the bulk invoices",
    )
    ledger.book(session, document, ledger.RECEIVABLES, owed)
    ledger.book(session, document, ledger.SALES, -owed)
