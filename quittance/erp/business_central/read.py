"""Reads customers and invoices: what changed, what is open, and one as it is now."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from quittance.core.clock import now
from quittance.core.errors import Refused
from quittance.erp.base import (
    CustomerRecord,
    InvoiceRecord,
    InvoiceStatus,
    Page,
)
from quittance.erp.business_central import ledger, limits
from quittance.erp.business_central import translate as words
from quittance.erp.business_central.cursors import (
    Cursor,
    read_cursor,
    since_filter,
    write_cursor,
)
from quittance.erp.business_central.customer_ledger import Service, with_discounts
from quittance.erp.business_central.odata import Api, Rows, translated

T = TypeVar("T")
RowT = TypeVar("RowT")
RecordT = TypeVar("RecordT", CustomerRecord, InvoiceRecord)

_TICK: Final = timedelta(milliseconds=1)  # its moments have three decimals
_STALE_LINK: Final = "SkipTokenIsNoLongerValid"


@dataclass(slots=True, kw_only=True)
class Invoices:
    """How the invoices of one connection are read. Kept with it: it learns what there is to read.

    ``settled``: codes of the dispute statuses that stop no payment.
    """

    local_currency: str
    settled: frozenset[str]
    with_disputes: bool = True  # until this version says that it has no such field

    def ask(self, read: Callable[[], T]) -> T:
        """Read, and once more without the dispute status where there is none."""
        try:
            return read()
        except Refused as error:
            if not self.with_disputes or words.Invoice.DISPUTE not in str(error):
                raise
        self.with_disputes = False
        return read()

    @property
    def select(self) -> str:
        """What is asked for."""
        more = f",{words.Invoice.DISPUTE}" if self.with_disputes else ""
        return words.Invoice.SELECT + more


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source(Generic[RowT, RecordT]):
    """An entity set that tells when its rows were changed."""

    entity: str
    row: type[RowT]
    select: str
    read: Callable[[Sequence[RowT]], Sequence[RecordT]]


def customers(api: Api, cursor: str, *, local_currency: str) -> Page[CustomerRecord]:
    """Return one page of the customers that changed since ``cursor``."""
    source = _Source(
        entity="customers",
        row=words.Customer,
        select=words.Customer.SELECT,
        read=lambda rows: translated(
            rows,
            lambda row: words.customer_record(row, local_currency=local_currency),
            entity="customers",
        ),
    )
    return _changed(api, source, read_cursor(cursor))


def invoices(
    api: Api, cursor: str, *, how: Invoices, customer_ledger: Service | None
) -> Page[InvoiceRecord]:
    """Return one page of the invoices that changed since ``cursor``."""
    return how.ask(
        lambda: _changed(api, _invoice_source(how, customer_ledger), read_cursor(cursor))
    )


def open_invoices(
    api: Api, cursor: str, *, how: Invoices, customer_ledger: Service | None
) -> Page[InvoiceRecord]:
    """Return one page of the open invoices; after the last one the cursor is "" again."""
    return how.ask(lambda: _open_invoices(api, cursor, _invoice_source(how, customer_ledger)))


def _open_invoices(
    api: Api, cursor: str, source: _Source[words.Invoice, InvoiceRecord]
) -> Page[InvoiceRecord]:
    query = {"$filter": "status eq 'Open'", "$select": source.select}
    try:
        page = _page(api, source, query, read_cursor(cursor).next)
    except _LinkTooOld:
        page = _page(api, source, query, "")  # begins again, which repeats some pages
    return Page(
        records=source.read(page.rows),
        cursor=write_cursor(Cursor(next=page.next_link)) if page.next_link else "",
        more=bool(page.next_link),
    )


def invoices_by_id(
    api: Api,
    erp_ids: Sequence[str],
    *,
    how: Invoices,
    customer_ledger: Service | None,
) -> Sequence[InvoiceRecord]:
    """Return these invoices as they are now, in the order asked for.

    Business Central calls a released draft ``Open``, with all of it owed, just like a posted
    invoice. What tells them apart is the ledger: only a posted invoice has entries there. It costs
    one more request, and this reading comes before money is taken, so it always asks. The reading
    of lists does not: there it would cost a request for every 25 invoices.
    """
    ids = [words.guid(erp_id) for erp_id in dict.fromkeys(erp_ids) if erp_id]
    rows: list[words.Invoice] = []
    for start in range(0, len(ids), limits.IDS_PER_FILTER):
        wanted = " or ".join(f"id eq {id_}" for id_ in ids[start : start + limits.IDS_PER_FILTER])
        rows += how.ask(
            lambda wanted=wanted: api.all(  # type: ignore[misc]
                f"{api.company}/salesInvoices", words.Invoice, entity="salesInvoices",
                query={"$filter": wanted, "$select": how.select},
            )
        )  # fmt: skip
    source = _invoice_source(how, customer_ledger)
    found = {record.erp_id: record for record in source.read(rows)}
    return _without_released_drafts(api, [found[str(id_)] for id_ in ids if str(id_) in found])


def _invoice_source(
    how: Invoices, customer_ledger: Service | None
) -> _Source[words.Invoice, InvoiceRecord]:
    def read(rows: Sequence[words.Invoice]) -> Sequence[InvoiceRecord]:
        records = translated(
            rows,
            lambda row: words.invoice_record(
                row, local_currency=how.local_currency, settled=how.settled
            ),
            entity="salesInvoices",
        )
        return with_discounts(customer_ledger, rows, records)

    return _Source(
        entity="salesInvoices",
        row=words.Invoice,
        select=how.select,
        read=read,
    )


def _changed(api: Api, source: _Source[RowT, RecordT], cursor: Cursor) -> Page[RecordT]:
    """Read one page and say where to go on.

    A run follows the links from page to page, the earliest change first. The next run begins after
    the latest change that was seen, but never later than ``limits.LATEST_COMMIT`` before this run
    began: a change is stamped before it is committed, so a younger one may still come to light
    behind one that we have. What lies in that time is read again; a page may repeat.
    """
    started = cursor.started or now()
    page = _changed_page(api, source, cursor)
    records = source.read(page.rows)
    moments: list[datetime] = [record.changed_at for record in records]
    seen = max([*moments, cursor.seen] if cursor.seen else moments, default=None)
    if page.next_link:
        onward = Cursor(
            since=cursor.since, until=cursor.until, next=page.next_link, seen=seen, started=started
        )
    elif cursor.until is not None:
        onward = cursor  # a part that was read to its end
    else:
        onward = Cursor(since=_since(cursor.since, seen=seen, started=started))
    return Page(records=records, cursor=write_cursor(onward), more=bool(page.next_link))


def _since(since: datetime | None, *, seen: datetime | None, started: datetime) -> datetime | None:
    if seen is None:
        return since
    settled = min(seen + _TICK, started - limits.LATEST_COMMIT)
    return settled if since is None else max(since, settled)


def _changed_page(api: Api, source: _Source[RowT, RecordT], cursor: Cursor) -> Rows[RowT]:
    """Read one page. A link that is too old is left: it goes on at the last change it had seen."""
    query = {"$orderby": "lastModifiedDateTime", "$select": source.select}
    if wanted := since_filter(cursor):
        query["$filter"] = wanted
    try:
        return _page(api, source, query, cursor.next)
    except _LinkTooOld:
        begin = Cursor(since=cursor.seen or cursor.since, until=cursor.until)
        return _page(api, source, query | {"$filter": since_filter(begin)}, "")


class _LinkTooOld(Exception):
    """The place that a link leads to is not known any more."""


def _page(
    api: Api, source: _Source[RowT, RecordT], query: dict[str, str], next_link: str
) -> Rows[RowT]:
    """Read one page. Raises ``_LinkTooOld``."""
    path = f"{api.company}/{source.entity}"
    query = {name: value for name, value in query.items() if value}
    try:
        return api.page(path, source.row, entity=source.entity, query=query, next_link=next_link)
    except Refused as error:
        if next_link and error.facts.get("code") == _STALE_LINK:
            raise _LinkTooOld from error
        raise


def _without_released_drafts(api: Api, records: Sequence[InvoiceRecord]) -> Sequence[InvoiceRecord]:
    open_ = [record.number for record in records if record.status == InvoiceStatus.OPEN]
    posted = ledger.posted_invoice_numbers(api, open_)
    return [
        dataclasses.replace(record, status=InvoiceStatus.DRAFT)
        if record.status == InvoiceStatus.OPEN and record.number not in posted
        else record
        for record in records
    ]
