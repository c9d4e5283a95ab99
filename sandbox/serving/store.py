"""A server's memory: one SQLite file, read and written from one thread."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

from sandbox.serving.clock import now

Row = sqlite3.Row
_SHARED: Final = Path(__file__).with_name("schema.sql")


class OldState(Exception):
    """The file was written by a server with other tables."""


class Store:
    """The open file. Every write happens inside ``transaction``; a kill loses nothing committed.

    A server says in a subclass which tables it has besides those that every server has, and which
    accounts there are. Raises ``OldState`` for a file it can not go on with.
    """

    schema: ClassVar[Path]
    schema_version: ClassVar[int]  # raised whenever a table changes
    accounts: ClassVar[Sequence[tuple[str, str, str]]]  # id, name, key

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version != self.schema_version and self.one("SELECT 1 FROM sqlite_schema"):
            self._db.close()
            raise OldState(f"{path} was written by another version of the sandbox.")
        self._db.execute(f"PRAGMA user_version = {self.schema_version}")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        for schema in (_SHARED, self.schema):
            self._db.executescript(schema.read_text())
        with self.transaction():
            for account in self.accounts:
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

    def start_timer(self, kind: str, subject: str, seconds: float, **data: object) -> None:
        """Ask for ``kind`` to happen to ``subject`` after ``seconds``; it outlives a restart."""
        self.insert(
            "timer", due_at=now() + seconds, kind=kind, subject=subject, data=json.dumps(data)
        )

    def stop_timers(self, subject: str, *kinds: str) -> None:
        """Forget the timers of these kinds that ``subject`` has."""
        for kind in kinds:
            self.run("DELETE FROM timer WHERE subject = ? AND kind = ?", subject, kind)

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
