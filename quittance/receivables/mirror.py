"""Brings pages of records into the mirror, each by one upsert."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from django.db import DataError, connection

from quittance.core.errors import Unavailable
from quittance.core.ids import new_id, new_id_texts
from quittance.erp.base import CustomerRecord, InvoiceRecord, InvoiceStatus
from quittance.tenancy.scope import current_organization_id

# A temporary table is dear to make and to drop, and leaves dead rows in PostgreSQL's catalogue: so
# few rows come as one text with their upsert. From about 200 on COPY is cheaper (measured).
_MANY: Final = 100
_CUSTOMER_PAGE = """id uuid, erp_id varchar, erp_etag varchar, number varchar, name varchar,
    email varchar, currency varchar, blocked boolean, changed_at timestamptz, pays_only varchar"""
_CUSTOMER_UPSERT = """
INSERT INTO receivables_customeraccount AS mirror (id, organization_id, legal_entity_id, erp_id,
    erp_etag, number, name, email, currency, blocked, changed_at, pays_only, synced_at)
SELECT id, %(organization)s, %(legal_entity)s, erp_id, erp_etag, number, name, email, currency,
    blocked, changed_at, pays_only, %(read_at)s
FROM {page}
ON CONFLICT (organization_id, legal_entity_id, erp_id) DO UPDATE SET erp_etag = excluded.erp_etag,
    number = excluded.number, name = excluded.name, email = excluded.email,
    currency = excluded.currency, blocked = excluded.blocked, changed_at = excluded.changed_at,
    pays_only = excluded.pays_only, synced_at = excluded.synced_at, gone_at = NULL
WHERE mirror.synced_at <= excluded.synced_at AND (mirror.erp_etag <> excluded.erp_etag
    OR mirror.pays_only <> excluded.pays_only OR mirror.gone_at IS NOT NULL)
"""
_INVOICE_PAGE = """id uuid, erp_id varchar, erp_etag varchar, customer_account_id uuid,
    number varchar, purchase_order varchar, order_number varchar, erp_status varchar,
    issued_date date, due_date date, currency varchar, total_minor bigint, tax_minor bigint,
    open_minor bigint, discount_minor bigint, discount_until date, hindrance varchar,
    changed_at timestamptz"""
# A page that was read earlier than what the mirror holds changes nothing: a slow worker cannot
# bring an open amount back that was paid meanwhile. A part payment moves the open amount without
# the etag; so both are compared.
_INVOICE_UPSERT = """
INSERT INTO receivables_invoice AS mirror (id, organization_id, legal_entity_id,
    customer_account_id, erp_id, erp_etag, number, purchase_order, order_number, erp_status,
    issued_date, due_date, currency, total_minor, tax_minor, open_minor, discount_minor,
    discount_until, hindrance, version, changed_at, synced_at)
SELECT id, %(organization)s, %(legal_entity)s, customer_account_id, erp_id, erp_etag, number,
    purchase_order, order_number, erp_status, issued_date, due_date, currency, total_minor,
    tax_minor, open_minor, discount_minor, discount_until, hindrance, 1, changed_at, %(read_at)s
FROM {page} ORDER BY erp_id
ON CONFLICT (organization_id, legal_entity_id, erp_id) DO UPDATE SET erp_etag = excluded.erp_etag,
    number = excluded.number, purchase_order = excluded.purchase_order,
    order_number = excluded.order_number, erp_status = excluded.erp_status,
    issued_date = excluded.issued_date, due_date = excluded.due_date,
    currency = excluded.currency, total_minor = excluded.total_minor,
    tax_minor = excluded.tax_minor, open_minor = excluded.open_minor,
    discount_minor = excluded.discount_minor, discount_until = excluded.discount_until,
    hindrance = excluded.hindrance,
    version = mirror.version + (mirror.open_minor <> excluded.open_minor
        OR mirror.erp_status <> excluded.erp_status)::int,
    changed_at = excluded.changed_at, synced_at = excluded.synced_at, gone_at = NULL
WHERE mirror.synced_at <= excluded.synced_at AND (%(always)s OR mirror.gone_at IS NOT NULL
    OR mirror.erp_etag <> excluded.erp_etag OR mirror.open_minor <> excluded.open_minor
    OR mirror.erp_status <> excluded.erp_status
    OR mirror.discount_minor <> excluded.discount_minor OR mirror.hindrance <> excluded.hindrance
    OR mirror.discount_until IS DISTINCT FROM excluded.discount_until)
"""
# A list cannot tell a released draft from a posted invoice; reading one by its id can.
_DRAFTS = """
UPDATE receivables_invoice SET erp_status = 'cancelled', open_minor = 0, version = version + 1,
    synced_at = %(read_at)s
WHERE organization_id = %(organization)s AND legal_entity_id = %(legal_entity)s
    AND erp_id = ANY(%(drafts)s) AND synced_at <= %(read_at)s AND erp_status <> 'cancelled'
"""
# By lists and not by joins with the page: of an organization that is new the planner's statistics
# know nothing, so it joins row by row over everything there is of it (measured: minutes a page).
_ACCOUNTS = """
SELECT erp_id, id FROM receivables_customeraccount WHERE organization_id = %(organization)s
    AND legal_entity_id = %(legal_entity)s AND erp_id = ANY(%(customers)s)
"""
# Rows are locked in the order of their ids, as whoever pays does: two who want the same rows wait
# for each other, never in a circle.
_LOCK = """
SELECT count(*) FROM (
    SELECT FROM receivables_invoice WHERE organization_id = %(organization)s
        AND legal_entity_id = %(legal_entity)s
        AND erp_id = ANY(string_to_array(%(invoices)s, E'\\x1f'))
    ORDER BY id FOR NO KEY UPDATE
) AS locked
"""
_APART = "\x1f"  # between ids in one text: a list of thousands is dear to write out


class UnknownCustomer(Unavailable):
    """The ERP names a customer that the mirror has not seen yet. Nothing of the page was kept."""


class UnfitValue(Unavailable):
    """The ERP sent a value that the mirror cannot hold. Nothing of the page was kept."""


def apply_customers(
    records: Iterable[CustomerRecord], *, legal_entity_id: UUID, read_at: datetime
) -> int:
    """Bring customers into the mirror, inside a transaction; return how many rows changed."""
    latest = {record.erp_id: record for record in records}
    rows = [
        (
            new_id(), record.erp_id, record.etag, record.number, record.name, record.email,
            record.currency, record.blocked, record.changed_at, record.pays_only,
        )
        for record in latest.values()
    ]  # fmt: skip
    with (
        _fitting(),
        connection.cursor() as cursor,
        _page(cursor, _CUSTOMER_PAGE, rows, count=len(rows)) as (page, text),
    ):
        facts = {**_facts(legal_entity_id, read_at), "text": text}
        cursor.execute(_CUSTOMER_UPSERT.format(page=page), facts)
        changed: int = cursor.rowcount
    return changed


def apply_invoices(
    records: Sequence[InvoiceRecord],
    *,
    legal_entity_id: UUID,
    read_at: datetime,
    always: bool = False,
) -> int:
    """Bring invoices into the mirror, inside a transaction; return how many rows changed.

    ``read_at`` is the moment before the ERP was asked. ``always`` writes down that the ERP said so
    even where nothing changed. Drafts are left out: nobody may see them; one that the mirror took
    for a posted invoice is no longer owed. Raises ``UnknownCustomer``: then nothing of the page was
    kept.
    """
    latest = {record.erp_id: record for record in records}
    drafts = [key for key, record in latest.items() if record.status is InvoiceStatus.DRAFT]
    posted = [each for each in latest.values() if each.status is not InvoiceStatus.DRAFT]
    facts = {
        **_facts(legal_entity_id, read_at), "always": always, "drafts": drafts,
        "invoices": _APART.join(each.erp_id for each in posted),
    }  # fmt: skip
    with _fitting(), connection.cursor() as cursor:
        accounts = _accounts_of(cursor, posted, facts)
        rows = (
            _invoice_row(id_, record, accounts[record.customer_erp_id])
            for id_, record in zip(new_id_texts(len(posted)), posted, strict=True)
        )
        with _page(cursor, _INVOICE_PAGE, rows, count=len(posted)) as (page, text):
            cursor.execute(_LOCK, facts)
            cursor.execute(_INVOICE_UPSERT.format(page=page), {**facts, "text": text})
            changed: int = cursor.rowcount
        if drafts:
            cursor.execute(_DRAFTS, facts)
            changed += cursor.rowcount
    return changed


@contextmanager
def _page(
    cursor: Any, columns: str, rows: Iterable[Collection[object]], *, count: int
) -> Iterator[tuple[str, str]]:
    """Lay a page down for one statement: give what it reads from, and the text that it takes."""
    if count < _MANY:
        names = [each.split()[0] for each in columns.split(",")]
        text = json.dumps([dict(zip(names, row, strict=True)) for row in rows], default=str)
        yield f"json_to_recordset(%(text)s) AS page({columns})", text
        return
    cursor.execute(f"CREATE TEMPORARY TABLE page ({columns}) ON COMMIT DROP")
    with cursor.copy("COPY page FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    yield "page", ""
    cursor.execute("DROP TABLE page")


def _accounts_of(
    cursor: Any, posted: Sequence[InvoiceRecord], facts: dict[str, Any]
) -> dict[str, UUID]:
    """Return our ids of the customers that the page names. Raises ``UnknownCustomer``."""
    customers = {record.customer_erp_id for record in posted}
    cursor.execute(_ACCOUNTS, {**facts, "customers": list(customers)})
    accounts: dict[str, UUID] = dict(cursor.fetchall())
    strangers = sum(record.customer_erp_id not in accounts for record in posted)
    if strangers:
        raise UnknownCustomer(invoices=strangers)
    return accounts


@contextmanager
def _fitting() -> Iterator[None]:
    """Take what PostgreSQL cannot hold (too long, a NUL) for the ERP's fault: noted like others."""
    try:
        yield
    except (DataError, psycopg.DataError) as error:  # COPY raises the driver's own
        raise UnfitValue(f"{UnfitValue.__doc__} PostgreSQL says: {error}"[:400]) from error


def _invoice_row(id_: str, record: InvoiceRecord, account_id: UUID) -> tuple[object, ...]:
    is_open = record.status is InvoiceStatus.OPEN
    open_minor = record.open.minor if is_open else 0
    discount_minor = record.discount.minor if is_open and record.discount else 0
    return (
        id_, record.erp_id, record.etag, account_id, record.number, record.purchase_order,
        record.order_number, record.status.value, record.issued_date, record.due_date,
        record.total.currency, record.total.minor, record.tax.minor, open_minor, discount_minor,
        record.discount_until if discount_minor else None, record.hindrance or "",
        record.changed_at,
    )  # fmt: skip


def _facts(legal_entity_id: UUID, read_at: datetime) -> dict[str, Any]:
    return {
        "organization": current_organization_id(),
        "legal_entity": legal_entity_id,
        "read_at": read_at,
    }
