"""The sandbox's memory: one SQLite file, read and written from one thread."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

Row = sqlite3.Row
SCHEMA: Final = Path(__file__).with_name("schema.sql")
ACCOUNTS: Final = (
    ("acct_northwind", "Northwind Traders (sandbox)", "sk_sandbox_demo"),
    ("acct_fabrikam", "Fabrikam Supplies (sandbox)", "sk_sandbox_second"),
)


_SCHEMA_VERSION: Final = 2  # of ``schema.sql``; raised whenever a table changes


class OldState(Exception):
    """The file was written by a sandbox with other tables."""


class Store:
    """The open file. Every write happens inside ``transaction``; a kill loses nothing committed.

    Raises ``OldState`` for a file that it can not go on with.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version != _SCHEMA_VERSION and self.one("SELECT 1 FROM sqlite_schema"):
            self._db.close()
            raise OldState(f"{path} was written by another version of the sandbox.")
        self._db.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.executescript(SCHEMA.read_text())
        with self.transaction():
            for account in ACCOUNTS:
                self.run(
                    "INSERT OR IGNORE INTO account (id, name, api_key) VALUES (?, ?, ?)", *account
                )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; inside another one it is a part of that one."""
        inner = self._db.in_transaction
        self._db.execute("SAVEPOINT inner_part" if inner else "BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK TO inner_part" if inner else "ROLLBACK")
            if inner:
                self._db.execute("RELEASE inner_part")
            raise
        self._db.execute("RELEASE inner_part" if inner else "COMMIT")

    def run(self, sql: str, *values: object) -> int:
        """Execute one statement and return the number of rows it changed."""
        return self._db.execute(sql, values).rowcount

    def one(self, sql: str, *values: object) -> Row | None:
        """Return the first row of a query, or ``None``."""
        row: Row | None = self._db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: object) -> list[Row]:
        """Return all rows of a query."""
        return self._db.execute(sql, values).fetchall()

    def insert(self, table: str, **values: object) -> None:
        """Insert one row; table and column names come from our own code only."""
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *values.values())  # noqa: S608

    def setting(self, name: str, default: Any = None) -> Any:
        """Return a setting kept over restarts."""
        row = self.one("SELECT value FROM setting WHERE name = ?", name)
        return json.loads(row["value"]) if row else default

    def set_setting(self, name: str, value: object) -> None:
        """Keep a setting over restarts; ``value`` is anything JSON can say."""
        self.run(
            "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", name, json.dumps(value)
        )

    def empty(self) -> None:
        """Forget everything but the accounts."""
        tables = self.all("SELECT name FROM sqlite_schema WHERE type = 'table'")
        with self.transaction():
            self._db.execute("PRAGMA defer_foreign_keys = ON")
            for table in {row["name"] for row in tables} - {"account"}:
                self.run(f"DELETE FROM {table}")  # noqa: S608 - a name out of the schema

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def new_id(prefix: str) -> str:
    """Return an id that cannot be guessed: ``pay_`` and 24 hexadecimal digits."""
    return f"{prefix}_{secrets.token_hex(12)}"
