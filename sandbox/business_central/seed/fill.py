"""Fills an empty database, and adds bulk invoices when more are wanted than are there."""

from __future__ import annotations

from sandbox.business_central.database import Database
from sandbox.business_central.seed import history


def fill(database: Database, *, seed: int, invoices: int) -> None:
    """Make the demo company if there is none."""
    with database.writing() as session:
        if session.row("SELECT 1 FROM company") is None:
            history.make(session, seed)
    if invoices:
        raise SystemExit("The sandbox cannot make bulk invoices yet.")
