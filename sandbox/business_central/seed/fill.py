"""Fills an empty database, and adds bulk invoices when more are wanted than are there."""

from __future__ import annotations

from sandbox.business_central.database import Database
from sandbox.business_central.seed import bulk, history, second
from sandbox.business_central.seed.profiles import SECOND

_COUNTER = "bulkInvoices"


def fill(database: Database, *, seed: int, invoices: int) -> None:
    """Make the demo company if there is none, and bring the bulk invoices to their number."""
    with database.writing() as session:
        if session.row("SELECT 1 FROM company") is None:
            history.make(session, seed)
        row = session.row("SELECT value FROM counter WHERE name = ?", (_COUNTER,))
        already = row[0] if row is not None else 0
        if invoices > already:
            bulk.add(session, invoices, already=already, seed=seed)
            session.take(_COUNTER, invoices - already)
    if invoices > already:
        database.empty_log()


def fill_second(database: Database, main: Database) -> str:
    """Make the second company if there is none, and tell the main one its name; returns its id."""
    with database.writing() as session:
        if session.row("SELECT 1 FROM company") is None:
            second.make(session)
        row = dict(session.rows("SELECT * FROM company")[0])
    with main.writing() as session:
        if session.row("SELECT 1 FROM other_company") is None:
            session.insert("other_company", row)
    return SECOND.id
