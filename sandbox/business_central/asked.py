"""Reads what a test asks of the clerk: names, numbers, amounts and days."""

from __future__ import annotations

import sqlite3
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.business_central import decimals
from sandbox.business_central.database import Session


class Mistake(ValueError):
    """The clerk's request makes no sense; the message says why."""


def invoice(session: Session, given: dict[str, Any]) -> sqlite3.Row:
    """The posted invoice that ``invoice`` names."""
    number = str(given.get("invoice", ""))
    row = session.row("SELECT * FROM sales_invoice WHERE number = ? AND posted = 1", (number,))
    if row is None:
        raise Mistake(f"There is no posted invoice {number!r}.")
    return row


def customer(session: Session, given: dict[str, Any]) -> sqlite3.Row:
    """The customer that ``customer`` names."""
    number = str(given.get("customer", ""))
    row = session.row("SELECT * FROM customer WHERE number = ?", (number,))
    if row is None:
        raise Mistake(f"There is no customer {number!r}.")
    return row


def amount(raw: object) -> int:
    """An amount above zero, scaled."""
    try:
        found = decimals.scaled(Decimal(str(raw)))
    except InvalidOperation:
        raise Mistake(f"{raw!r} is not an amount.") from None
    if found <= 0:
        raise Mistake("The amount must be above zero.")
    return found


def day(given: dict[str, Any], name: str, default: str) -> str:
    """A date like 2026-03-12, or the default."""
    raw = given.get(name) or default
    try:
        return date.fromisoformat(str(raw)).isoformat()
    except ValueError:
        raise Mistake(f"{raw!r} is not a date like 2026-03-12.") from None


def entries(session: Session, number: str, *, only_open: bool = False) -> list[sqlite3.Row]:
    """The customer ledger entries with a document number, oldest first; there must be one."""
    rows = session.rows(
        "SELECT * FROM customer_ledger_entry WHERE documentNumber = ? ORDER BY entryNumber",
        (number,),
    )
    found = [row for row in rows if row["open"] or not only_open]
    if not found:
        raise Mistake(f"There is no {'open ' if only_open else ''}ledger entry {number!r}.")
    return found
