"""The state on disk: one SQLite file, one connection for each thread, one writer at a time."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sandbox.business_central import moments, periods, schema


def _new_id() -> str:
    return str(uuid.uuid4())


@dataclass(slots=True)
class Session:
    """One transaction, with the moment and the work date that it runs at.

    ``new_id`` makes the ids of new records; the seed sets it, so that a demo company is the same
    on every machine.
    """

    db: sqlite3.Connection
    now: str
    today: str
    new_id: Callable[[], str] = _new_id

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self.db.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Row | None:
        """The first row of a query, or none."""
        found: sqlite3.Row | None = self.db.execute(sql, parameters).fetchone()
        return found

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row; the query must give one."""
        return self.db.execute(sql, parameters).fetchone()[0]

    def insert(self, table: str, values: Mapping[str, Any]) -> None:
        """Add a row; columns that are not named get their empty value."""
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" * len(values))
        self.db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))  # noqa: S608

    def update(self, table: str, values: Mapping[str, Any], *, key: str, is_: Any) -> None:
        """Change the rows whose column ``key`` has the value ``is_``."""
        names = ", ".join(f'"{name}" = ?' for name in values)
        self.db.execute(
            f'UPDATE {table} SET {names} WHERE "{key}" = ?',  # noqa: S608
            [*values.values(), is_],
        )

    def take(self, counter: str, count: int = 1) -> int:
        """Return the next number of a counter and move it on by ``count``."""
        last: int = self.value(
            "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE"
            " SET value = value + excluded.value RETURNING value",
            (counter, count),
        )
        return last - count + 1

    def touched(self) -> dict[str, Any]:
        """The columns that every change of a record sets: its date and its version."""
        return {"lastModifiedDateTime": self.now, "rowVersion": self.take("rowVersion")}


@dataclass(slots=True)
class Together:
    """One transaction that several sessions of a thread share (``$batch``)."""

    db: sqlite3.Connection
    failed: bool = False

    def commit(self) -> None:
        """Keep what was done so far, as AL's ``Commit`` does; nothing after a failure."""
        if not self.failed:
            self.db.execute("COMMIT")
            self.db.execute("BEGIN IMMEDIATE")


class Database:
    """Opens sessions on the file. Readers never wait for the writer (WAL)."""

    def __init__(self, directory: Path, *, today: date | None = None) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.path = directory / "business-central.sqlite"
        self.given_today = today
        self._writing = threading.Lock()
        self._threads = threading.local()
        with self._connection() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("BEGIN IMMEDIATE")
            schema.bring_up_to_date(db)
            db.execute("COMMIT")

    @property
    def today(self) -> str:
        """The work date: ``--today``, else today in UTC; it moves with the clock."""
        if self.given_today is None:
            return moments.present().date().isoformat()
        return (self.given_today + moments.moved()).isoformat()

    def _connection(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._threads, "db", None)
        if db is None:
            db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            db.row_factory = sqlite3.Row
            db.create_function("work_date", 0, lambda: self.today)
            db.create_function("period_before", 2, periods.before, deterministic=True)
            db.create_function("short_date", 1, periods.short, deterministic=True)
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA cache_size = -16000")
            self._threads.db = db
        return db

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the data."""
        db = self._connection()
        if self._shared() is not None:
            yield Session(db, moments.now(), self.today)
            return
        db.execute("BEGIN")
        try:
            yield Session(db, moments.now(), self.today)
        finally:
            db.execute("ROLLBACK")

    @contextmanager
    def writing(self, *, now: str = "") -> Iterator[Session]:
        """A session whose changes are kept together or not at all."""
        if self._shared() is not None:
            with _savepoint(self._connection()) as db:
                yield Session(db, now or moments.now(), self.today)
            return
        with self._writing:
            db = self._connection()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield Session(db, now or moments.now(), self.today)
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    @contextmanager
    def together(self) -> Iterator[Together]:
        """Let all sessions of this thread share one transaction; ``failed`` undoes it at the end.

        No other writer gets in meanwhile.
        """
        with self._writing:
            transaction = Together(self._connection())
            transaction.db.execute("BEGIN IMMEDIATE")
            self._threads.together = transaction
            try:
                yield transaction
            except BaseException:
                transaction.failed = True
                raise
            finally:
                self._threads.together = None
                transaction.db.execute("ROLLBACK" if transaction.failed else "COMMIT")

    def empty_log(self) -> None:
        """Move the write-ahead log into the file: after a bulk load it is as large as the data."""
        with self._writing:
            self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def commit(self) -> None:
        """What AL's ``Commit`` means inside ``together``; elsewhere each session commits itself."""
        shared = self._shared()
        if shared is not None:
            shared.commit()

    def _shared(self) -> Together | None:
        found: Together | None = getattr(self._threads, "together", None)
        return found

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every writer out, to change the file as a whole."""
        with self._writing:
            yield


@contextmanager
def _savepoint(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    db.execute("SAVEPOINT session")
    try:
        yield db
    except BaseException:
        db.execute("ROLLBACK TO session")
        db.execute("RELEASE session")
        raise
    db.execute("RELEASE session")
