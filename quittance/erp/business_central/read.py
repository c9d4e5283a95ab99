"""Reads customers and invoices: what changed, what is open, and one as it is now."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, TypeVar
from uuid import UUID

import msgspec

from quittance.core.clock import now
from quittance.core.errors import Refused
from quittance.erp.base import (
    CustomerRecord,
    InvoiceLineRecord,
    InvoiceRecord,
    InvoiceStatus,
    Page,
)
from quittance.erp.business_central import ledger, limits
from quittance.erp.business_central import translate as words
from quittance.erp.business_central.customer_ledger import Service, with_discounts
from quittance.erp.business_central.odata import Api, Rows, Unreadable, translated

RowT = TypeVar("RowT")
RecordT = TypeVar("RecordT", CustomerRecord, InvoiceRecord)

_TICK: Final = timedelta(milliseconds=1)  # its moments have three decimals
_STALE_LINK: Final = "SkipTokenIsNoLongerValid"


class _Cursor(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """Where a reader stands: between two runs, or at a page in the middle of one."""

    since: words.Moment | None = None  # everything before it was read
    next: str = ""  # the page to go on with
    seen: words.Moment | None = None  # the latest change of this run's pages so far
    started: words.Moment | None = None


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
    return _changed(api, source, _read_cursor(cursor))


def invoices(
    api: Api, cursor: str, *, local_currency: str, customer_ledger: Service | None
) -> Page[InvoiceRecord]:
    """Return one page of the invoices that changed since ``cursor``."""
    return _changed(api, _invoice_source(local_currency, customer_ledger), _read_cursor(cursor))


def open_invoices(
    api: Api, cursor: str, *, local_currency: str, customer_ledger: Service | None
) -> Page[InvoiceRecord]:
    """Return one page of the open invoices; after the last one the cursor is "" again."""
    source = _invoice_source(local_currency, customer_ledger)
    query = {"$filter": "status eq 'Open'", "$select": source.select}
    page = _page(api, source, query, _read_cursor(cursor).next)
    return Page(
        records=source.read(page.rows),
        cursor=_write_cursor(_Cursor(next=page.next_link)) if page.next_link else "",
        more=bool(page.next_link),
    )


def invoices_by_id(
    api: Api,
    erp_ids: Sequence[str],
    *,
    local_currency: str,
    customer_ledger: Service | None,
) -> Sequence[InvoiceRecord]:
    """Return these invoices as they are now, in the order asked for.

    Business Central calls a released draft ``Open``, with all of it owed, just like a posted
    invoice. What tells them apart is the ledger: only a posted invoice has entries there. It costs
    one more request, and this reading comes before money is taken, so it always asks. The reading
    of lists does not: there it would cost a request for every 25 invoices.
    """
    ids = [words.guid(erp_id) for erp_id in dict.fromkeys(erp_ids) if erp_id]
    source = _invoice_source(local_currency, customer_ledger)
    rows: list[words.Invoice] = []
    for start in range(0, len(ids), limits.IDS_PER_FILTER):
        some = ids[start : start + limits.IDS_PER_FILTER]
        query = {"$filter": " or ".join(f"id eq {id_}" for id_ in some), "$select": source.select}
        rows += api.all(
            f"{api.company}/salesInvoices", words.Invoice, entity="salesInvoices", query=query
        )
    found = {record.erp_id: record for record in source.read(rows)}
    return _without_released_drafts(api, [found[str(id_)] for id_ in ids if str(id_) in found])


def invoice_lines(api: Api, erp_id: str, *, local_currency: str) -> Sequence[InvoiceLineRecord]:
    """Return the lines of one invoice in their order."""
    path = f"{api.company}/salesInvoices({words.guid(erp_id)})"
    header = api.one(path, words.InvoiceCurrency, entity="salesInvoices", select="id,currencyCode")
    # The flat collection of lines refuses to be read: only the nested path works.
    rows = api.all(
        f"{path}/salesInvoiceLines",
        words.InvoiceLine,
        entity="salesInvoiceLines",
        query={"$select": words.InvoiceLine.SELECT},
    )

    def translate(row: words.InvoiceLine) -> InvoiceLineRecord:
        currency = words.currency_of(
            header.currency_code, local_currency=local_currency, what="the invoice"
        )
        return words.line_record(row, currency=currency)

    return sorted(
        translated(rows, translate, entity="salesInvoiceLines"), key=lambda line: line.sequence
    )


def invoice_pdf(api: Api, erp_id: str) -> bytes:
    """Return the print of one invoice. It is rendered for each call and may take a minute."""
    path = f"{api.company}/salesInvoices({words.guid(erp_id)})/pdfDocument"
    print_ = api.one(path, _Print, entity="pdfDocument")
    content = api.binary(
        f"{path}({print_.id})/pdfDocumentContent", entity="pdfDocument", limit=limits.PDF_BYTES
    )
    if not content.startswith(b"%PDF-"):
        raise Unreadable("Business Central's print of the invoice is no PDF.", invoice=erp_id)
    return content


class _Print(msgspec.Struct):
    id: UUID


def _invoice_source(
    local_currency: str, customer_ledger: Service | None
) -> _Source[words.Invoice, InvoiceRecord]:
    def read(rows: Sequence[words.Invoice]) -> Sequence[InvoiceRecord]:
        records = translated(
            rows,
            lambda row: words.invoice_record(row, local_currency=local_currency),
            entity="salesInvoices",
        )
        return with_discounts(customer_ledger, rows, records)

    return _Source(
        entity="salesInvoices",
        row=words.Invoice,
        select=words.Invoice.SELECT,
        read=read,
    )


def _changed(api: Api, source: _Source[RowT, RecordT], cursor: _Cursor) -> Page[RecordT]:
    """Read one page and say where to go on.

    A run follows the links from page to page, the earliest change first. The next run begins after
    the latest change that was seen, but never later than ``limits.LATEST_COMMIT`` before this run
    began: a change is stamped before it is committed, so a younger one may still come to light
    behind one that we have. What lies in that time is read again; a page may repeat.
    """
    started = cursor.started or now()
    query = {"$orderby": "lastModifiedDateTime", "$select": source.select}
    if cursor.since is not None:
        query["$filter"] = f"lastModifiedDateTime ge {_moment(cursor.since)}"
    page = _page(api, source, query, cursor.next)
    records = source.read(page.rows)
    moments: list[datetime] = [record.changed_at for record in records]
    seen = max([*moments, cursor.seen] if cursor.seen else moments, default=None)
    if page.next_link:
        onward = _Cursor(since=cursor.since, next=page.next_link, seen=seen, started=started)
    else:
        onward = _Cursor(since=_since(cursor.since, seen=seen, started=started))
    return Page(records=records, cursor=_write_cursor(onward), more=bool(page.next_link))


def _since(since: datetime | None, *, seen: datetime | None, started: datetime) -> datetime | None:
    if seen is None:
        return since
    settled = min(seen + _TICK, started - limits.LATEST_COMMIT)
    return settled if since is None else max(since, settled)


def _page(
    api: Api, source: _Source[RowT, RecordT], query: dict[str, str], next_link: str
) -> Rows[RowT]:
    """Read one page. A link that is too old begins its run again, which repeats some pages."""
    path = f"{api.company}/{source.entity}"
    try:
        return api.page(path, source.row, entity=source.entity, query=query, next_link=next_link)
    except Refused as error:
        if not next_link or error.facts.get("code") != _STALE_LINK:
            raise
    return api.page(path, source.row, entity=source.entity, query=query)


def _without_released_drafts(api: Api, records: Sequence[InvoiceRecord]) -> Sequence[InvoiceRecord]:
    open_ = [record.number for record in records if record.status == InvoiceStatus.OPEN]
    posted = ledger.posted_invoice_numbers(api, open_)
    return [
        dataclasses.replace(record, status=InvoiceStatus.DRAFT)
        if record.status == InvoiceStatus.OPEN and record.number not in posted
        else record
        for record in records
    ]


def _read_cursor(cursor: str) -> _Cursor:
    if not cursor:
        return _Cursor()
    try:
        return msgspec.json.decode(cursor, type=_Cursor)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Refused(
            "This is not a cursor of ours. Begin anew with an empty one.", cursor=cursor[:200]
        ) from None


def _write_cursor(cursor: _Cursor) -> str:
    return msgspec.json.encode(cursor).decode()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
