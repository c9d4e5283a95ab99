"""Reads a stream page by page; each page is kept in one transaction with its cursor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from quittance.core import clock
from quittance.core.errors import Unavailable
from quittance.erp.base import Page
from quittance.receivables.models import SyncCursor
from quittance.tenancy.moment import moment
from quittance.tenancy.rows import reading, writing

RecordT = TypeVar("RecordT")


class ReadElsewhere(Unavailable):
    """Another process reads this at the moment. Nothing of the page was kept here."""


def read_on(
    cursor: SyncCursor,
    ask: Callable[[str], Page[RecordT]],
    apply: Callable[[Page[RecordT], datetime], None],
) -> None:
    """Read from where ``cursor`` stands to the end. Raises ``OutsideError``; what was kept stays.

    ``apply`` gets the moment before the ERP was asked, and runs in the page's transaction.
    """
    begin_run(cursor)
    more = True
    while more:
        read_at = this_moment()
        page = ask(cursor.cursor)
        more = page.more
        must_move_on(page, cursor.cursor)
        with writing():
            apply(page, read_at)
            _advance(cursor, page)


def begin_run(cursor: SyncCursor) -> None:
    """Count from here on what people watch."""
    cursor.run_began_at, cursor.run_records, cursor.run_page_at = clock.now(), 0, None


def must_move_on(page: Page[RecordT], asked: str) -> None:
    """Raise ``Unavailable`` for a page that leads to itself."""
    if page.more and page.cursor == asked:
        raise Unavailable("The ERP's page does not move on.")


def this_moment() -> datetime:
    """Return the database's time, before the ERP is asked: machines compare their reads by it."""
    with reading():
        return moment()


def _advance(cursor: SyncCursor, page: Page[RecordT]) -> None:
    unchanged = SyncCursor.objects.filter(pk=cursor.pk, cursor=cursor.cursor)
    cursor.cursor = page.cursor
    cursor.first_run_done = cursor.first_run_done or not page.more
    cursor.records_read += len(page.records)
    cursor.run_records += len(page.records)
    cursor.run_page_at = clock.now()
    moved = unchanged.update(
        cursor=cursor.cursor,
        first_run_done=cursor.first_run_done,
        records_read=cursor.records_read,
        run_began_at=cursor.run_began_at,
        run_records=cursor.run_records,
        run_page_at=cursor.run_page_at,
    )
    if not moved:
        raise ReadElsewhere(stream=cursor.stream)
