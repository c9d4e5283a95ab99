"""Reads the three books, each from whoever keeps it: the portal, the gateway, the ERP."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from psycopg.rows import dict_row

from tests.chaos.house import House
from tests.chaos.people import CUSTOMERS, DIGITS

Row = dict[str, Any]
Gone = tuple[str, str, int, str]  # the gateway's payment, the kind, minor units, currency

_PAYMENTS = """
SELECT p.id::text, p.number, p.status, p.amount_minor, p.currency, p.idempotency_key AS basket,
    p.reason FROM payments_payment p ORDER BY p.created_at
"""
_ATTEMPTS = """
SELECT payment_id::text AS payment, reference, status, gateway_object AS object, amount_minor,
    currency, problem FROM payments_gatewayattempt
"""
_POSTINGS = """
SELECT g.source_id::text AS payment, g.document_number AS document, g.status, g.amount_minor,
    g.currency, g.rejection,
    json_agg(json_build_array(l.invoice_number, l.amount_minor)) AS lines
FROM posting_erpposting g JOIN posting_erppostingline l ON l.posting_id = g.id
WHERE g.source_kind = 'payment' GROUP BY g.id
"""
_REVERSALS = """
SELECT a.gateway_object AS object, r.kind, r.amount_minor, r.currency
FROM payments_reversal r JOIN payments_gatewayattempt a ON a.id = r.attempt_id
WHERE r.status = 'succeeded'
"""
# Of which the seller's people are shown that more went back than came.
_TOLD = """
SELECT a.gateway_object FROM invariant_s3_more_went_back_than_came v
JOIN payments_gatewayattempt a ON a.id::text = v.subject
"""
_MOVED = {
    "refunds": "refund", "returns": "return", "disputes": "dispute", "disputes_won": "dispute_won",
}  # fmt: skip
# What is still to come. What was given back after a dispute waits for the person who has to book
# what the dispute took.
_UNDER_WAY = """
SELECT 'payment ' || p.number || ' ' || p.status || ' ' || coalesce(a.status, '') AS what
FROM payments_payment p LEFT JOIN payments_gatewayattempt a ON a.payment_id = p.id
WHERE p.status IN ('created', 'in_flight')
UNION ALL SELECT 'posting ' || g.document_number || ' ' || g.status FROM posting_erpposting g
WHERE g.status IN ('queued', 'sending', 'unknown', 'drafted', 'posted') AND NOT EXISTS (
    SELECT 1 FROM payments_reversal won JOIN payments_reversal taken USING (payment_id)
    JOIN posting_erpposting before ON before.source_id = taken.id WHERE won.id = g.source_id
    AND won.kind = 'dispute_won' AND taken.kind = 'dispute' AND before.status = 'by_hand')
UNION ALL SELECT 'allocation of ' || p.number || ' ' || l.status FROM payments_allocation l
JOIN payments_payment p ON p.id = l.payment_id WHERE l.status IN ('reserved', 'consumed')
AND NOT EXISTS (SELECT 1 FROM posting_erpposting g WHERE g.source_id = p.id
    AND g.status IN ('rejected', 'by_hand'))
UNION ALL SELECT 'reversal ' || number || ' ' || status FROM payments_reversal
WHERE status IN ('requested', 'sent', 'unknown', 'pending')
UNION ALL SELECT 'mail ' || key FROM notifications_message WHERE sent_at IS NULL
"""
_DRAFTS = "SELECT DISTINCT documentNumber FROM journal_line WHERE documentNumber LIKE 'P-%'"
_OURS = re.compile(r"P-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z](-[0-9]+)?")


@dataclass(slots=True)
class Books:
    """All three, as they are at one moment of quiet."""

    payments: dict[str, Row] = field(default_factory=dict)  # by id
    attempts: list[Row] = field(default_factory=list)
    postings: dict[str, Row] = field(default_factory=dict)  # by document
    charges: list[Row] = field(default_factory=list)  # the gateway's
    entries: dict[str, list[Row]] = field(default_factory=dict)  # the ERP's, by document
    gone_here: Counter[Gone] = field(default_factory=Counter)  # what went back, by our books
    gone_there: Counter[Gone] = field(default_factory=Counter)  # and by the gateway's
    told: set[str] = field(default_factory=set)  # of which we say that too much went back
    drafts: list[str] = field(default_factory=list)  # documents with unposted lines in the ERP

    def portal_sums(self) -> Counter[str]:
        """What we say that came in, by currency."""
        paid = [each for each in self.payments.values() if each["status"] == "succeeded"]
        return _sums((each["currency"], each["amount_minor"]) for each in paid)

    def gateway_sums(self) -> Counter[str]:
        """What the gateway took, by currency."""
        return _sums((each["currency"], each["gross_minor"]) for each in self.charges)

    def erp_sums(self) -> Counter[str]:
        """What the ERP booked under documents of ours, by currency."""
        return _sums(
            (each["currency"], each["minor"]) for many in self.entries.values() for each in many
        )


def under_way(house: House) -> list[str]:
    """Everything that is still to come, in words."""
    with house.admin() as admin:
        found = [row[0] for row in admin.execute(_UNDER_WAY).fetchall()]
        here = Counter[Gone](admin.execute(_REVERSALS).fetchall())
    there = _gone(house.ask("gateway", "GET", "/ledger"))
    return found + [f"not known yet: {each}" for each in (there - here)]


def read(house: House) -> Books:
    """Read all three books."""
    books = Books()
    with house.admin() as admin, admin.cursor(row_factory=dict_row) as cursor:
        books.payments = {row["id"]: row for row in cursor.execute(_PAYMENTS).fetchall()}
        books.attempts = cursor.execute(_ATTEMPTS).fetchall()
        books.postings = {row["document"]: row for row in cursor.execute(_POSTINGS).fetchall()}
        books.gone_here = Counter(tuple(row.values()) for row in cursor.execute(_REVERSALS))
        books.told = {row["gateway_object"] for row in cursor.execute(_TOLD)}
    ledger = house.ask("gateway", "GET", "/ledger")
    books.charges, books.gone_there = ledger["charges"], _gone(ledger)
    for customer, (currency, _) in CUSTOMERS.items():
        _read_customer(house, books, customer, currency)
    file = house.folder / "erp" / "business-central.sqlite"
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as erp:
        books.drafts = [row[0] for row in erp.execute(_DRAFTS)]
    return books


def _gone(ledger: dict[str, list[Row]]) -> Counter[Gone]:
    return Counter(
        (each["payment"], kind, abs(each["gross_minor"]), each["currency"])
        for name, kind in _MOVED.items()
        for each in ledger[name]
    )


def _read_customer(house: House, books: Books, customer: str, currency: str) -> None:
    """Keep what the customer's ledger holds of documents that look like ours."""
    found = house.ask("erp", "GET", f"/ledger?customer={customer}")["entries"]
    for entry in found:
        document = entry["documentNumber"]
        if entry["documentType"] != "Payment" or not _OURS.fullmatch(document):
            continue
        applied = {each["appliedDocument"] for each in entry["details"]} - {"", document}
        booked = {
            "currency": currency,
            "minor": int(-Decimal(entry["amount"]).scaleb(DIGITS[currency])),
            "applied": sorted(applied),
            "left": int(-Decimal(entry["remainingAmount"]).scaleb(DIGITS[currency])),
        }
        books.entries.setdefault(document, []).append(booked)


def _sums(amounts: Any) -> Counter[str]:
    sums: Counter[str] = Counter()
    for currency, minor in amounts:
        sums[currency] += minor
    return sums
