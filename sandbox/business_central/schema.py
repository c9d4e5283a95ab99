"""Makes the tables: the entities' own from their facts, the books by hand; and adds what is new."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sandbox.business_central.shapes import SHAPES, columns

_KEYS = {
    "customer": "number",
    "account": "number",
    "bank_account": "number",
    "currency": "code",
    "payment_term": "code",
    "journal_batch": "templateDisplayName, code",
    "journal_line": "journalId, lineNumber",
    "subscription": "subscriptionId",
    "general_ledger_entry": "entryNumber",
    "payment_method": "code",
    "shipment_method": "code",
    "tax_area": "code",
    "tax_group": "code",
    "country_region": "code",
    "dispute_status": "code",
    "unit_of_measure": "code",
    "item": "number",
    "contact": "number",
    "dimension": "code",
    "dimension_value": "dimensionId, code",
    "dimension_set_line": "parentId, id",
    "default_dimension": "parentId, dimensionId",
    "sales_order": "number",
    "sales_shipment": "number",
}
# Below one parent only does the id of these mean something.
_ID_NOT_UNIQUE = {"dimension_set_line"}

# Columns of the customer ledger that older data directories lack.
_LATER = {
    "customer_ledger_entry": {
        "originalDiscountPossible": "INTEGER NOT NULL DEFAULT 0",
        "balancingAccountNumber": "TEXT NOT NULL DEFAULT ''",
        "reversed": "INTEGER NOT NULL DEFAULT 0",
    },
    "detailed_ledger_entry": {
        "applicationNumber": "INTEGER NOT NULL DEFAULT 0",
        "discountBefore": "INTEGER NOT NULL DEFAULT 0",
        "unapplied": "INTEGER NOT NULL DEFAULT 0",
    },
}


def bring_up_to_date(db: sqlite3.Connection) -> None:
    """Make the tables, columns and indexes that are not there, in the open transaction."""
    tables = {table for shape in SHAPES.values() for table in (shape.table, *shape.made_of)}
    for table in sorted(tables):
        if not table.startswith("("):
            _make(db, table)
    _execute(db, "ledger.sql")
    for table, wanted in _LATER.items():
        _add_columns(db, table, wanted)
    create_indexes(db)


def _make(db: sqlite3.Connection, table: str) -> None:
    wanted = columns(table)
    parts = [f'"{name}" {kind}' for name, kind in wanted.items()]
    if table in _KEYS:
        parts.append(f"UNIQUE ({_KEYS[table]})")
    if "id" in wanted and table not in _ID_NOT_UNIQUE:
        parts.append("UNIQUE (id)")
    db.execute(f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(parts)})")
    _add_columns(db, table, wanted)


def _add_columns(db: sqlite3.Connection, table: str, wanted: dict[str, str]) -> None:
    there = {row["name"] for row in db.execute(f"PRAGMA table_info({table})")}
    for name, kind in wanted.items():
        if name not in there:
            db.execute(f'ALTER TABLE {table} ADD COLUMN "{name}" {kind}')


def _execute(db: sqlite3.Connection, name: str) -> None:
    """Run a script inside the open transaction, which ``executescript`` would commit."""
    for statement in _script(name).split(";\n"):
        if statement.strip():
            db.execute(statement)


def _script(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def create_indexes(db: sqlite3.Connection) -> None:
    """Make the indexes that are not there."""
    _execute(db, "indexes.sql")


def drop_indexes(db: sqlite3.Connection) -> None:
    """Drop the indexes that ``create_indexes`` makes, before a bulk load."""
    for line in _script("indexes.sql").splitlines():
        if line.startswith("CREATE INDEX"):
            db.execute(f"DROP INDEX IF EXISTS {line.split()[5]}")
