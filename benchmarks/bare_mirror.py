"""The limit for the mirror: parse, COPY and upsert, and nothing else."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec
import psycopg

from benchmarks.house import BARE_ROLE, DATABASE, House

_PAGE = """
CREATE TEMPORARY TABLE bare_page (
    erp_id uuid, erp_etag varchar, customer_id uuid, number varchar, purchase_order varchar,
    order_number varchar, erp_status varchar, issued_date date, due_date date, currency varchar,
    total_minor bigint, tax_minor bigint, open_minor bigint, changed_at timestamptz
) ON COMMIT DROP
"""
_UPSERT = """
INSERT INTO bench_invoice AS mirror (id, organization_id, legal_entity_id, customer_account_id,
    erp_id, erp_etag, number, purchase_order, order_number, erp_status, issued_date, due_date,
    currency, total_minor, tax_minor, open_minor, version, changed_at, synced_at)
SELECT gen_random_uuid(), %(one)s, %(one)s, customer_id, erp_id, erp_etag, number, purchase_order,
    order_number, erp_status, issued_date, due_date, currency, total_minor, tax_minor, open_minor,
    1, changed_at, now()
FROM bare_page
ON CONFLICT (organization_id, legal_entity_id, erp_id) DO UPDATE SET erp_etag = excluded.erp_etag,
    number = excluded.number, purchase_order = excluded.purchase_order,
    order_number = excluded.order_number, erp_status = excluded.erp_status,
    issued_date = excluded.issued_date, due_date = excluded.due_date,
    currency = excluded.currency, total_minor = excluded.total_minor,
    tax_minor = excluded.tax_minor, open_minor = excluded.open_minor,
    changed_at = excluded.changed_at, synced_at = excluded.synced_at
WHERE mirror.erp_etag <> excluded.erp_etag
"""
# The same columns, checks and indexes; the two keys that only the walls need are left out. LIKE
# takes over neither policies nor references.
_TABLE = """
CREATE TABLE bench_invoice (LIKE receivables_invoice INCLUDING ALL);
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT conname FROM pg_constraint WHERE conrelid = 'bench_invoice'::regclass
        AND contype = 'u' AND pg_get_constraintdef(oid) IN
        ('UNIQUE (organization_id, id)', 'UNIQUE (organization_id, customer_account_id, id)')
    LOOP EXECUTE format('ALTER TABLE bench_invoice DROP CONSTRAINT %I', name); END LOOP;
END $$;
"""
_ONE = UUID(int=1)


class _Row(msgspec.Struct, rename="camel"):
    etag: str = msgspec.field(name="@odata.etag")
    id: UUID
    number: str
    bill_to_customer_id: UUID
    status: str
    customer_purchase_order_reference: str
    order_number: str
    invoice_date: date
    due_date: date
    total_amount_including_tax: Decimal
    total_tax_amount: Decimal
    remaining_amount: Decimal
    last_modified_date_time: datetime


class _Envelope(msgspec.Struct):
    value: list[_Row]


class Bare:
    """A connection of its own, as a role that may write to the one bare table."""

    def __init__(self, house: House) -> None:
        with house.admin() as admin:
            admin.execute("DROP TABLE IF EXISTS bench_invoice")
            admin.execute(_TABLE)
            admin.execute(f"GRANT ALL ON bench_invoice TO {BARE_ROLE}".encode())
            admin.execute(f"GRANT TEMPORARY ON DATABASE {DATABASE} TO {BARE_ROLE}".encode())
        self._house = house
        self._connection = psycopg.connect(house.bare_address())

    @property
    def backend(self) -> int:
        """The process id of its backend."""
        return self._connection.info.backend_pid

    def empty(self) -> None:
        """Begin anew."""
        with self._house.admin() as admin:
            admin.execute("TRUNCATE bench_invoice")

    def load(self, body: bytes, *, upsert: bool = True) -> None:
        """Parse a page, COPY it, and with ``upsert`` bring it into the table."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(_PAGE)
            with cursor.copy("COPY bare_page FROM STDIN") as copy:
                for row in parse(body):
                    copy.write_row(_copied(row))
            if upsert:
                cursor.execute(_UPSERT, {"one": _ONE})

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def parse(body: bytes) -> list[_Row]:
    """Read a page as loosely as the rows allow."""
    return msgspec.json.decode(body, type=_Envelope).value


def _copied(row: _Row) -> tuple[object, ...]:
    return (
        row.id, row.etag, row.bill_to_customer_id, row.number,
        row.customer_purchase_order_reference, row.order_number, "open", row.invoice_date,
        row.due_date, "USD", int(row.total_amount_including_tax * 100),
        int(row.total_tax_amount * 100), int(row.remaining_amount * 100),
        row.last_modified_date_time,
    )  # fmt: skip
