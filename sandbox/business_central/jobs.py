"""The job queue behind *Post with Job Queue*: 204 now, the posting later, perhaps an error.

Source: BCApps, codeunit 250 "Gen. Jnl.-Post via Job Queue": one job for each document number, so
a batch that is posted this way is no longer posted as a whole or not at all.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.business_central import moments
from sandbox.business_central.database import Database, Session
from sandbox.business_central.errors import ApiError

_log = logging.getLogger(__name__)
_TICK = 0.1  # seconds between two looks
READY, DONE, FAILED = "Ready", "Finished", "Error"

Post = Callable[[Session, sqlite3.Row, str], None]


def enqueue(
    session: Session, batch: sqlite3.Row, lines: Sequence[sqlite3.Row], *, seconds: int
) -> None:
    """Write a job for each document number; one that waits already is not asked for twice [?]."""
    for number in dict.fromkeys(line["documentNumber"] for line in lines):
        waiting = session.row(
            "SELECT 1 FROM job WHERE batchId = ? AND documentNumber = ? AND status = ?",
            (batch["id"], number, READY),
        )
        if waiting is None:
            session.insert(
                "job",
                {
                    "batchId": batch["id"],
                    "documentNumber": number,
                    "dueAt": moments.later(session.now, seconds=seconds),
                },
            )


def listed(session: Session) -> list[dict[str, Any]]:
    """All jobs, the oldest first, with what went wrong."""
    rows = session.rows("SELECT * FROM job ORDER BY id")
    return [{name: str(row[name]) for name in row.keys()} for row in rows]  # noqa: SIM118 a row


class Queue:
    """A thread that posts what is due on the sandbox's clock."""

    def __init__(self, database: Database, post: Post) -> None:
        self._database = database
        self._post = post
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin to look for jobs."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what was not posted stays on disk."""
        self._stopped.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopped.wait(_TICK):
            try:
                self._round()
            except Exception:  # noqa: BLE001 the thread must outlive one bad round
                _log.exception("A round of jobs failed.")

    def _round(self) -> None:
        with self._database.reading() as session:
            due = session.rows(
                "SELECT * FROM job WHERE status = ? AND dueAt <= ? ORDER BY id",
                (READY, session.now),
            )
        for job in due:
            self._finish(job["id"], self._error_of(job))

    def _error_of(self, job: sqlite3.Row) -> str:
        try:
            with self._database.writing() as session:
                batch = session.row("SELECT * FROM journal_batch WHERE id = ?", (job["batchId"],))
                if batch is None:
                    return "The General Journal Batch cannot be found."
                self._post(session, batch, job["documentNumber"])
        except ApiError as error:
            return error.message
        return ""

    def _finish(self, job: int, error: str) -> None:
        with self._database.writing() as session:
            status = FAILED if error else DONE
            session.update("job", {"status": status, "error": error}, key="id", is_=job)
