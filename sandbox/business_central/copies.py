"""Copies of the company: snapshots to go back to, and a read replica that lags behind."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sandbox.business_central.asked import Mistake
from sandbox.business_central.database import Database
from sandbox.business_central.errors import bad_request

_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
# What Business Central clears when an environment is copied or restored (facts, section 4).
_NOT_RESTORED = ("subscription", "pending_change", "delivery")


class Snapshots:
    """Snapshots of one database, each a file beside it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._directory = database.path.parent / "snapshots"

    def take(self, name: str) -> dict[str, str]:
        """Keep the company as it is now under a name; an older one of that name is replaced."""
        path = self._path(name)
        self._directory.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        copy(self._database.path, path)
        return {"snapshot": name}

    def restore(self, name: str) -> dict[str, str]:
        """Bring the company back to a snapshot. What was posted since is gone, without a trace."""
        path = self._path(name)
        if not path.exists():
            raise Mistake(f"There is no snapshot {name!r}.")
        with self._database.alone():
            copy(path, self._database.path)
        with self._database.writing() as session:
            for table in _NOT_RESTORED:
                session.db.execute(f"DELETE FROM {table}")  # noqa: S608 a constant
        return {"restored": name}

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise Mistake("A snapshot's name has letters, digits, - and _ only.")
        return self._directory / f"{name}.sqlite"


class Replica:
    """Answers reads that allow it (``Data-Access-Intent: ReadOnly``), up to ``seconds`` late.

    It is copied when it is asked and its copy is older than that. 0: there is no replica, and
    every read is of the present.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._copy: Database | None = None
        self._copied = 0.0
        self.seconds = 0.0

    def lag(self, seconds: float) -> dict[str, float]:
        """Set how far the replica may be behind, and copy the present."""
        with self._lock:
            self.seconds = seconds
            if seconds:
                self._refresh()
        return {"seconds": seconds}

    def database_for(self, method: str, headers: Mapping[str, str]) -> Database:
        """The database that a request is answered from. A write with the header is refused."""
        if headers.get("data-access-intent", "").lower() != "readonly":
            return self._database
        if method != "GET":
            raise bad_request(
                "The operation is not allowed with the data access intent ReadOnly.",
                "BadRequest_InvalidOperation",
            )
        with self._lock:
            if not self.seconds:
                return self._database
            if self._copy is None or time.monotonic() - self._copied > self.seconds:
                self._refresh()
            assert self._copy is not None
            return self._copy

    def _refresh(self) -> None:
        directory = self._database.path.parent / "replica"
        directory.mkdir(exist_ok=True)
        if self._copy is None:
            for old in directory.glob("*.sqlite*"):
                old.unlink()
            copy(self._database.path, directory / self._database.path.name)
            self._copy = Database(directory, today=self._database.given_today)
        else:
            copy(self._database.path, self._copy.path)
        self._copied = time.monotonic()


def copy(source: Path, target: Path) -> None:
    """Copy a database page by page, as one state of it."""
    with (
        closing(sqlite3.connect(source, timeout=30)) as one,
        closing(sqlite3.connect(target, timeout=30)) as other,
    ):
        one.backup(other)
