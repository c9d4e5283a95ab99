"""The sandbox's memory: one SQLite file, read and written from one thread."""

from __future__ import annotations

import json
import secrets
import sqlite3
import string
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sandbox.stripe.clock import now
from sandbox.stripe.errors import missing

Row = sqlite3.Row
Shown = dict[str, Any]
SCHEMA: Final = Path(__file__).with_name("schema.sql")
ACCOUNTS: Final = (
    (
        "acct_1NorthwindSandbox", "Northwind Traders (Stripe sandbox)",
        "sk_test_northwind", "pk_test_northwind",
    ),
    (
        "acct_1FabrikamSandbox", "Fabrikam Supplies (Stripe sandbox)",
        "sk_test_fabrikam", "pk_test_fabrikam",
    ),
)  # fmt: skip
_SCHEMA_VERSION: Final = 1  # of ``schema.sql``; raised whenever a table changes
_LETTERS: Final = string.ascii_letters + string.digits


class OldState(Exception):
    """The file was written by a sandbox with other tables."""


@dataclass
class Thing:
    """One object: what the API shows of it, and what only this server knows."""

    id: str
    object: str
    account_id: str
    shown: Shown
    hidden: dict[str, Any]


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
        self._db.executescript(SCHEMA.read_text())
        with self.transaction():
            for account in ACCOUNTS:
                self.run("INSERT OR IGNORE INTO account VALUES (?, ?, ?, ?)", *account)

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

    def add(self, account_id: str, shown: Shown, **hidden: object) -> Thing:
        """Write a new object."""
        thing = Thing(shown["id"], shown["object"], account_id, shown, dict(hidden))
        self.insert(
            "thing",
            id=thing.id,
            object=thing.object,
            account_id=account_id,
            created=now(),
            shown=json.dumps(shown),
            hidden=json.dumps(hidden),
        )
        return thing

    def save(self, thing: Thing) -> Thing:
        """Write what changed in an object."""
        self.run(
            "UPDATE thing SET shown = ?, hidden = ? WHERE id = ?",
            json.dumps(thing.shown),
            json.dumps(thing.hidden),
            thing.id,
        )
        return thing

    def get(self, id_: str, object_: str, account_id: str | None = None) -> Thing:
        """Return an object, of this account if one is given. Raises ``StripeError`` 404."""
        found = self.find(id_)
        wrong = found is None or found.object != object_
        if found is None or wrong or account_id not in {None, found.account_id}:
            raise missing(object_, id_, object_)
        return found

    def find(self, id_: str) -> Thing | None:
        """Return an object of any kind, or ``None``."""
        row = self.one("SELECT * FROM thing WHERE id = ?", id_)
        return None if row is None else thing_of(row)

    def where(self, object_: str, field: str, value: object) -> list[Thing]:
        """Return the objects of a kind whose shown ``field`` is ``value``, the oldest first."""
        rows = self.all(
            "SELECT * FROM thing WHERE object = ? AND json_extract(shown, ?) = ? ORDER BY seq",
            object_,
            f"$.{field}",
            value,
        )
        return [thing_of(row) for row in rows]

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
        with self.transaction():
            for table in (
                "thing", "delivery", "idempotency_key", "timer", "fault", "request", "setting"
            ):  # fmt: skip
                self.run(f"DELETE FROM {table}")  # noqa: S608 - our own words

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def thing_of(row: Row) -> Thing:
    """Read an object from its row."""
    return Thing(
        row["id"], row["object"], row["account_id"],
        json.loads(row["shown"]), json.loads(row["hidden"]),
    )  # fmt: skip


def new_id(prefix: str, length: int = 24) -> str:
    """Return an id that cannot be guessed: ``pi_`` and 24 letters and digits."""
    return f"{prefix}_{''.join(secrets.choice(_LETTERS) for _ in range(length))}"
