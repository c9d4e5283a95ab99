"""Customers and invoices as an ERP might tell them, with good defaults."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from quittance.core import clock
from quittance.core.money import Money
from quittance.erp.base import CustomerRecord, InvoiceRecord, InvoiceStatus
from quittance.receivables.mirror import apply_customers, apply_invoices
from quittance.receivables.models import Invoice, SyncCursor
from quittance.tenancy.rows import reading, writing

CUSTOMER = "customer-1"
CHANGED = datetime(2026, 3, 1, tzinfo=UTC)


def customer(**changes: Any) -> CustomerRecord:
    """A customer."""
    facts: dict[str, Any] = {
        "erp_id": CUSTOMER, "etag": "e1", "number": "C-1", "name": "Harborline", "email": "",
        "currency": "USD", "blocked": False, "changed_at": CHANGED,
    }  # fmt: skip
    return CustomerRecord(**{**facts, **changes})


def invoice(erp_id: str, *, open_minor: int = 10000, **changes: Any) -> InvoiceRecord:
    """An open invoice over 100.00 USD."""
    facts: dict[str, Any] = {
        "erp_id": erp_id, "etag": "e1", "number": f"INV-{erp_id}", "customer_erp_id": CUSTOMER,
        "status": InvoiceStatus.OPEN, "purchase_order": "", "order_number": "",
        "issued_date": date(2026, 3, 1), "due_date": date(2026, 3, 31),
        "total": Money(10000, "USD"), "tax": Money(0, "USD"), "open": Money(open_minor, "USD"),
        "changed_at": CHANGED,
    }  # fmt: skip
    return InvoiceRecord(**{**facts, **changes})


def keep_customers(legal_entity_id: uuid.UUID, *records: CustomerRecord) -> int:
    """Bring customers into the mirror."""
    with writing():
        return apply_customers(records, legal_entity_id=legal_entity_id, read_at=clock.now())


def keep(
    legal_entity_id: uuid.UUID,
    *records: InvoiceRecord,
    read_at: datetime | None = None,
    always: bool = False,
) -> int:
    """Bring invoices into the mirror."""
    with writing():
        return apply_invoices(
            records, legal_entity_id=legal_entity_id, read_at=read_at or clock.now(), always=always
        )


def invented(legal_entity_id: uuid.UUID, customer_erp_id: str) -> Invoice:
    """An open invoice in the mirror that was read an hour ago and that no ERP has."""
    gone = invoice(str(uuid.uuid4()), customer_erp_id=customer_erp_id)
    keep(legal_entity_id, gone, read_at=clock.now() - timedelta(hours=1))
    with reading():
        return Invoice.objects.get(erp_id=gone.erp_id)


def mirrored(erp_id: str) -> Invoice | None:
    """An invoice as the mirror has it."""
    with reading():
        return Invoice.objects.filter(erp_id=erp_id).first()


def cursors() -> dict[str, SyncCursor]:
    """How far every stream was read."""
    with reading():
        return {row.stream: row for row in SyncCursor.objects.all()}
