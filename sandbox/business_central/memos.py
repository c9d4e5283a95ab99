"""Keeps the status of posted credit memos in step with their ledger entries."""

from __future__ import annotations

import sqlite3

from sandbox.business_central.database import Session
from sandbox.business_central.webhooks.changes import changed


def memo_settled(session: Session, entry: sqlite3.Row) -> None:
    """A credit memo that is used up is Paid; one that undid something keeps its status."""
    _move(session, entry, "Open", "Paid")


def memo_opened(session: Session, entry: sqlite3.Row) -> None:
    """A credit memo whose application was undone is Open again."""
    _move(session, entry, "Paid", "Open")


def _move(session: Session, entry: sqlite3.Row, before: str, after: str) -> None:
    row = session.row(
        "SELECT id FROM sales_credit_memo WHERE number = ? AND posted = 1 AND status = ?",
        (entry["documentNumber"], before),
    )
    if entry["documentType"] != "Credit_x0020_Memo" or row is None:
        return
    session.update(
        "sales_credit_memo", {"status": after, **session.touched()}, key="id", is_=row[0]
    )
    changed(session, "salesCreditMemos", row[0], "updated")
