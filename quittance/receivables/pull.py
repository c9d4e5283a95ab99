"""Reads what changed in the ERP into the mirror: everything once, then what is new."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from quittance.connections.open import erp_for
from quittance.core import clock
from quittance.core.errors import Misconfigured, OutsideError, Unavailable
from quittance.erp.base import CustomerRecord, Erp, InvoiceRecord, Page
from quittance.receivables.credits import (
    apply_credits,
    customers_with_people,
    pull_credits,
    read_credits,
)
from quittance.receivables.drafts import without_drafts
from quittance.receivables.first_run import PART_ROWS, is_in_parts, read_in_parts
from quittance.receivables.gone import mark_absent
from quittance.receivables.mirror import UnknownCustomer, apply_customers, apply_invoices
from quittance.receivables.models import Credit, Invoice, SyncCursor
from quittance.receivables.pages import ReadElsewhere, read_on, this_moment
from quittance.tenancy.moment import moment
from quittance.tenancy.rows import writing

Stream = SyncCursor.Stream


def pull_changes(legal_entity_id: UUID, *, part_rows: int = PART_ROWS) -> None:
    """Bring the mirror of one legal entity up to date. Run it as often as you like.

    A page and its cursor are kept in one transaction, so a crash or a bad page loses nothing and
    the next run goes on from the last good page. The first reading of invoices is cut into parts of
    ``part_rows``. Raises ``OutsideError`` after noting it; ``ReadElsewhere`` is no failure.
    """
    started_at = clock.now()
    try:
        erp = erp_for(legal_entity_id)
        position = erp.ledger_position()  # asked first: what is posted meanwhile is seen next time
        cursors = _cursors(legal_entity_id, position)
        _pull_customers(erp, cursors[Stream.CUSTOMERS])
        try:
            _pull_changed(erp, cursors[Stream.INVOICES], part_rows)
        except UnknownCustomer:  # made since the customers were read: the first run takes long
            _pull_customers(erp, cursors[Stream.CUSTOMERS])
            _pull_changed(erp, cursors[Stream.INVOICES], part_rows)
        _pull_what_leaves_no_trace(erp, cursors[Stream.OPEN_INVOICES], position)
        _pull_credits(erp, cursors[Stream.CREDITS], position)
    except ReadElsewhere:
        raise
    except OutsideError as error:
        _note_failure(legal_entity_id, error)
        raise
    with writing():
        SyncCursor.objects.filter(legal_entity_id=legal_entity_id).update(
            succeeded_at=started_at, failure="", failed_at=None
        )


def refresh_invoices(
    legal_entity_id: UUID,
    erp_ids: Sequence[str],
    *,
    seconds: float,
    customer_erp_ids: Collection[str] = (),
    also: Callable[[Sequence[InvoiceRecord]], None] = lambda _: None,
) -> None:
    """Ask the ERP for these invoices now, at most ``seconds``, and bring them into the mirror.

    With them comes the open credit of their customers and of ``customer_erp_ids``, where the ERP
    shows it; an invoice that it has no more is marked as gone. ``also`` runs in the transaction
    that shows them; what was read later meanwhile is newer and stays. Raises ``OutsideError``, also
    when the database's clock was set back: then the mirror is as it was.
    """
    read_at = this_moment()
    erp = erp_for(legal_entity_id, seconds=seconds)
    records = erp.read_invoices(erp_ids) if erp_ids else []
    customers = {record.customer_erp_id for record in records}.union(customer_erp_ids)
    credits_ = read_credits(erp, customers)
    with writing():
        mark_absent(erp_ids, records, legal_entity_id=legal_entity_id, read_at=read_at)
        apply_invoices(records, legal_entity_id=legal_entity_id, read_at=read_at, always=True)
        if credits_ is not None:
            apply_credits(
                credits_, legal_entity_id=legal_entity_id, customer_erp_ids=customers,
                read_at=read_at,
            )  # fmt: skip
        _check_clock(legal_entity_id, erp_ids, customers)
        also(records)


def _check_clock(legal_entity_id: UUID, erp_ids: Sequence[str], customers: Collection[str]) -> None:
    """Raise ``Unavailable`` where the mirror holds a read that is still to come.

    A clock was wrong when it was kept: it hides this answer, and nobody may go on as if it did not.
    """
    ahead = {"legal_entity_id": legal_entity_id, "synced_at__gt": moment()}
    if (
        Invoice.objects.filter(erp_id__in=erp_ids, **ahead).exists()
        or Credit.objects.filter(customer_account__erp_id__in=customers, **ahead).exists()
    ):
        raise Unavailable("The database's clock was set back. Nothing was taken over.")


def _pull_customers(erp: Erp, cursor: SyncCursor) -> None:
    def apply(page: Page[CustomerRecord], read_at: datetime) -> None:
        apply_customers(page.records, legal_entity_id=cursor.legal_entity_id, read_at=read_at)

    read_on(cursor, erp.customers, apply)


def _pull_changed(erp: Erp, cursor: SyncCursor, part_rows: int) -> None:
    """Read what changed. After a first run in parts: what changed in those that ended first."""
    if is_in_parts(erp, cursor):
        read_in_parts(erp, cursor, rows=part_rows)
    _pull_invoices(erp, cursor, erp.invoices)


def _pull_invoices(erp: Erp, cursor: SyncCursor, ask: Callable[[str], Page[InvoiceRecord]]) -> None:
    def ask_surely(place: str) -> Page[InvoiceRecord]:
        page = ask(place)
        records = without_drafts(erp, page.records, legal_entity_id=cursor.legal_entity_id)
        return replace(page, records=records)

    def apply(page: Page[InvoiceRecord], read_at: datetime) -> None:
        apply_invoices(page.records, legal_entity_id=cursor.legal_entity_id, read_at=read_at)

    read_on(cursor, ask_surely, apply)


def _pull_what_leaves_no_trace(erp: Erp, cursor: SyncCursor, position: str) -> None:
    """Read all open invoices again if the ERP's ledger has moved.

    A part payment changes neither date nor etag of its invoice (business-central.md, fact 9); only
    the ledger shows that something was posted. A run that was broken off is ended, but the pages
    before the break may be older than ``position``; so the next pull reads them once more.
    """
    broken_off = cursor.cursor != ""
    if cursor.ledger_position == position and not broken_off:
        return
    _pull_invoices(erp, cursor, erp.open_invoices)
    with writing():
        SyncCursor.objects.filter(pk=cursor.pk).update(
            cursor="", ledger_position=cursor.ledger_position if broken_off else position
        )


def _pull_credits(erp: Erp, cursor: SyncCursor, position: str) -> None:
    """Read open credit again if the ERP's ledger has moved: nothing else moves a credit.

    Or if others may sign in than at the last time, which the cursor tells: nobody reads the credit
    of a customer who has no people.
    """
    customers = customers_with_people(cursor.legal_entity_id)
    whose = hashlib.sha256(" ".join(customers).encode()).hexdigest()
    if cursor.first_run_done and (cursor.ledger_position, cursor.cursor) == (position, whose):
        return
    rows = pull_credits(erp, cursor.legal_entity_id, customers, read_at=this_moment())
    with writing():
        SyncCursor.objects.filter(pk=cursor.pk).update(
            ledger_position=position, cursor=whose, first_run_done=True, records_read=rows
        )


def _cursors(legal_entity_id: UUID, position: str) -> Mapping[str, SyncCursor]:
    """Return where each stream of a legal entity stands.

    Before the very first page of open invoices ``position`` is kept with them: what is posted from
    here on needs a look at them.
    """
    rows = SyncCursor.objects.filter(legal_entity_id=legal_entity_id)
    with writing():
        _make_cursors(legal_entity_id)
        rows.filter(stream=Stream.OPEN_INVOICES, ledger_position="").update(
            ledger_position=position
        )
        return {cursor.stream: cursor for cursor in rows}


def _make_cursors(legal_entity_id: UUID) -> None:
    known = set(SyncCursor.objects.filter(legal_entity_id=legal_entity_id).values_list("stream"))
    SyncCursor.objects.bulk_create(
        [
            SyncCursor(legal_entity_id=legal_entity_id, stream=stream)
            for stream in Stream
            if (stream,) not in known
        ],
        ignore_conflicts=True,
    )


def _note_failure(legal_entity_id: UUID, error: OutsideError) -> None:
    if isinstance(error, Misconfigured):
        error = _which_part(legal_entity_id, error)
    with writing():
        _make_cursors(legal_entity_id)
        SyncCursor.objects.filter(legal_entity_id=legal_entity_id).update(
            failed_at=clock.now(), failure=str(error)[:500]
        )


def _which_part(legal_entity_id: UUID, error: OutsideError) -> OutsideError:
    """Ask the adapter which part of the settings is wrong: it knows better than the failed call."""
    try:
        erp_for(legal_entity_id).check()
    except OutsideError as better:
        return better
    return error
