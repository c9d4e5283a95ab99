"""Reads all invoices for the first time: several parts at once, each with its own cursor."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from threading import Event
from typing import Final

from django.db import connections
from django.db.models import F

from quittance.core import clock
from quittance.core.errors import Unavailable
from quittance.erp.base import Erp, InvoiceRecord, Page, ReadsInParts
from quittance.receivables.mirror import apply_invoices
from quittance.receivables.models import SyncCursor, SyncPart
from quittance.receivables.pages import ReadElsewhere, must_move_on, this_moment
from quittance.receivables.patience import Patience
from quittance.tenancy.rows import reading, writing

# Business Central serves five requests of one application at once: two are left for people who
# pay meanwhile (business-central.md, 3.8).
AT_ONCE: Final = 3
PART_ROWS: Final = 50_000


def is_in_parts(erp: Erp, cursor: SyncCursor) -> bool:
    """Whether nothing of the stream was read yet, or parts of it, by an ERP that can do so."""
    return not cursor.first_run_done and not cursor.cursor and isinstance(erp, ReadsInParts)


def read_in_parts(erp: Erp, cursor: SyncCursor, *, rows: int = PART_ROWS) -> None:
    """Read every invoice, ``AT_ONCE`` pages at the same time; ``rows`` is the size of a part.

    A page and its part's cursor are kept in one transaction. So a reading that was killed at any
    page goes on in each part where that stood. Raises ``OutsideError`` once the other parts have
    ended their page; what was kept stays.
    """
    parts = _parts(erp, cursor, rows)
    left = [part for part in parts if not part.is_done]
    if left:
        _read_together(erp, left)
    _finish(cursor, parts)


def _read_together(erp: Erp, parts: Sequence[SyncPart]) -> None:
    stop, patience = Event(), Patience()
    if len(parts) == 1:
        _read_part(erp, parts[0], patience, stop)
        return
    with ThreadPoolExecutor(min(AT_ONCE, len(parts)), thread_name_prefix="first-run") as pool:
        readings: list[Future[None]] = [
            pool.submit(copy_context().run, _in_a_thread, erp, part, patience, stop)
            for part in parts
        ]
        wait(readings, return_when=FIRST_EXCEPTION)
        stop.set()  # all have ended, or one has failed
    for reading_ in readings:
        reading_.result()


def _in_a_thread(erp: Erp, part: SyncPart, patience: Patience, stop: Event) -> None:
    try:
        _read_part(erp, part, patience, stop)
    except BaseException:
        stop.set()
        raise
    finally:
        connections.close_all()  # this thread's own


def _read_part(erp: Erp, part: SyncPart, patience: Patience, stop: Event) -> None:
    while not part.is_done and not stop.is_set():
        read_at = this_moment()
        page = patience.ask(lambda: erp.invoices(part.cursor))
        must_move_on(page, part.cursor)
        with writing():
            apply_invoices(page.records, legal_entity_id=part.legal_entity_id, read_at=read_at)
            _keep(part, page)


def _keep(part: SyncPart, page: Page[InvoiceRecord]) -> None:
    """Keep how far the part was read. The row that all parts share comes last: it is locked."""
    mine = SyncPart.objects.filter(pk=part.pk, cursor=part.cursor, is_done=False)
    part.cursor, part.is_done = page.cursor, not page.more
    if not mine.update(cursor=part.cursor, is_done=part.is_done):
        raise ReadElsewhere
    count = len(page.records)
    SyncCursor.objects.filter(legal_entity_id=part.legal_entity_id, stream=part.stream).update(
        records_read=F("records_read") + count, run_records=F("run_records") + count,
        run_page_at=clock.now(),
    )  # fmt: skip


def _parts(erp: Erp, cursor: SyncCursor, rows: int) -> Sequence[SyncPart]:
    """Return the parts, of an earlier try if there was one; the watch begins anew."""
    own = SyncCursor.objects.filter(pk=cursor.pk)
    known = SyncPart.objects.filter(
        legal_entity_id=cursor.legal_entity_id, stream=cursor.stream
    ).order_by("place")
    with writing():
        own.update(run_began_at=clock.now(), run_records=0, run_page_at=None)
        found = list(known.all())
    if found:
        return found
    assert isinstance(erp, ReadsInParts)
    cut = Patience().ask(lambda: erp.invoice_parts(rows))
    with writing():
        own.update(expected_records=cut.expected)
        SyncPart.objects.bulk_create(
            [
                SyncPart(
                    legal_entity_id=cursor.legal_entity_id, stream=cursor.stream, place=place,
                    cursor=begin,
                )
                for place, begin in enumerate(cut.cursors)
            ],
            ignore_conflicts=True,
        )  # fmt: skip
    with reading():
        return list(known.all())


def _finish(cursor: SyncCursor, parts: Sequence[SyncPart]) -> None:
    """Go on as one stream from where the last part ended."""
    with writing():
        rows = SyncPart.objects.filter(legal_entity_id=cursor.legal_entity_id, stream=cursor.stream)
        if rows.filter(is_done=False).exists():
            raise Unavailable("A part of the first reading was not ended.")
        ended = SyncCursor.objects.filter(pk=cursor.pk, cursor="", first_run_done=False).update(
            cursor=parts[-1].cursor, first_run_done=True
        )
        if not ended:
            raise ReadElsewhere
        rows.delete()
    with reading():
        cursor.refresh_from_db()
