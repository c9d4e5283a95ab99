"""Shows the customer ledger with its applications: the truth that tests compare with."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.business_central import decimals
from sandbox.business_central.database import Session


def customer_entries(session: Session, *, document: str, customer: str) -> list[dict[str, Any]]:
    """The entries of a document number, or of a customer, oldest first. Amounts are text."""
    column, wanted = ("documentNumber", document) if document else ("customerNumber", customer)
    rows = session.rows(
        f"SELECT * FROM customer_ledger_entry WHERE {column} = ? ORDER BY entryNumber",  # noqa: S608
        (wanted,),
    )
    return [_entry(session, row) for row in rows]


def _entry(session: Session, row: sqlite3.Row) -> dict[str, Any]:
    details = session.rows(
        "SELECT d.*, a.documentNumber AS appliedDocument FROM detailed_ledger_entry AS d"
        " LEFT JOIN customer_ledger_entry AS a ON a.entryNumber = d.appliedEntryNumber"
        " WHERE d.customerLedgerEntryNumber = ? ORDER BY d.entryNumber",
        (row["entryNumber"],),
    )
    shown = {name: row[name] for name in row.keys()}  # noqa: SIM118 a row is no mapping
    initial = sum(each["amount"] for each in details if each["entryType"] == "Initial Entry")
    return shown | {
        "open": bool(row["open"]),
        "salesLCY": decimals.text(row["salesLCY"]),
        "remainingDiscountPossible": decimals.text(row["remainingDiscountPossible"]),
        "amount": decimals.text(initial),
        "remainingAmount": decimals.text(sum(each["amount"] for each in details)),
        "details": [_detail(each) for each in details],
    }


def _detail(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "entryType": row["entryType"],
        "documentType": row["documentType"],
        "documentNumber": row["documentNumber"],
        "postingDate": row["postingDate"],
        "amount": decimals.text(row["amount"]),
        "amountLCY": decimals.text(row["amountLCY"]),
        "appliedEntryNumber": row["appliedEntryNumber"],
        "appliedDocument": row["appliedDocument"] or "",
    }
