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
Money = tuple[str, int]  # currency, minor units

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
# What is still to come. A payment that waits for its payer is not among them.
_UNDER_WAY = """
SELECT 'payment ' || p.number || ' ' || p.status || ' ' || coalesce(a.status, '') AS what
FROM payments_payment p LEFT JOIN payments_gatewayattempt a ON a.payment_id = p.id
WHERE p.status IN ('created', 'in_flight')
UNION ALL SELECT 'posting ' || document_number || ' ' || status FROM posting_erpposting
WHERE status IN ('queued', 'sending', 'unknown', 'drafted', 'posted')
UNION ALL SELECT 'allocation of ' || p.number || ' ' || l.status FROM payments_allocation l
JOIN payments_payment p ON p.id = l.payment_id WHERE l.status IN ('reserved', 'consumed')
AND NOT EXISTS (SELECT 1 FROM posting_erpposting g WHERE g.source_id = p.id
    AND g.status IN ('rejected', 'by_hand'))
UNION ALL SELECT 'mail ' || key FROM notifications_message WHERE sent_at IS NULL
"""
_DRAFTS = "SELECT DISTINCT documentNumber FROM journal_line WHERE documentNumber LIKE 'P-%'"
_OURS = re.compile(r"P-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]")


@dataclass(slots=True)
class Books:
    """All three, as they are at one moment of quiet."""

    payments: dict[str, Row] = field(default_factory=dict)  # by id
    attempts: list[Row] = field(default_factory=list)
    postings: dict[str, Row] = field(default_factory=dict)  # by the payment's id
    charges: list[Row] = field(default_factory=list)  # the gateway's
    entries: dict[str, list[Row]] = field(default_factory=dict)  # the ERP's, by document
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
        return [row[0] for row in admin.execute(_UNDER_WAY).fetchall()]


def read(house: House) -> Books:
    """Read all three books."""
    books = Books()
    with house.admin() as admin, admin.cursor(row_factory=dict_row) as cursor:
        books.payments = {row["id"]: row for row in cursor.execute(_PAYMENTS).fetchall()}
        books.attempts = cursor.execute(_ATTEMPTS).fetchall()
        books.postings = {row["payment"]: row for row in cursor.execute(_POSTINGS).fetchall()}
    books.charges = house.ask("gateway", "GET", "/ledger")["charges"]
    for customer, (currency, _) in CUSTOMERS.items():
        _read_customer(house, books, customer, currency)
    file = house.folder / "erp" / "business-central.sqlite"
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as erp:
        books.drafts = [row[0] for row in erp.execute(_DRAFTS)]
    return books


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
