"""Rows of the mirror, put there without an ERP."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any, TypeVar

from quittance.core import clock
from quittance.core.clock import today
from quittance.receivables.models import Credit, CustomerAccount, Invoice
from quittance.tenancy.rows import writing

_numbers = count(1)
RowT = TypeVar("RowT", Invoice, Credit)


def this_day() -> date:
    """The day in the time zone of the sellers' books; it may end while tests run."""
    return today("America/Los_Angeles")


def put_invoice(
    account: CustomerAccount, open_minor: int, *, late: int = 0, **facts: Any
) -> Invoice:
    """Put an open invoice into the mirror that is so many days late; below zero: not yet due."""
    return put(an_invoice(account, open_minor, late=late, **facts))


def put_credit(
    account: CustomerAccount, open_minor: int, *, kind: str = "credit_note", **facts: Any
) -> Credit:
    """Put an open credit into the mirror."""
    return put(a_credit(account, open_minor, kind=kind, **facts))


def put(row: RowT) -> RowT:
    """Save a row."""
    with writing():
        row.save(force_insert=True)
    return row


def an_invoice(
    account: CustomerAccount, open_minor: int, *, late: int = 0, **facts: Any
) -> Invoice:
    """Return such an invoice, not yet saved."""
    now, day, number = clock.now(), this_day(), f"M-{next(_numbers):05d}"
    fields = {
        "legal_entity_id": account.legal_entity_id, "customer_account": account, "erp_id": number,
        "number": number, "erp_status": "open", "currency": "USD", "total_minor": open_minor,
        "tax_minor": 0, "open_minor": open_minor, "changed_at": now, "synced_at": now,
        "issued_date": day - timedelta(days=late + 30), "due_date": day - timedelta(days=late),
        **facts,
    }  # fmt: skip
    return Invoice(**fields)


def a_credit(
    account: CustomerAccount, open_minor: int, *, kind: str = "credit_note", **facts: Any
) -> Credit:
    """Return an open credit, not yet saved."""
    number = f"C-{next(_numbers):05d}"
    fields = {
        "legal_entity_id": account.legal_entity_id, "customer_account": account, "erp_id": number,
        "kind": kind, "number": number, "issued_date": date(2026, 3, 1), "currency": "USD",
        "total_minor": open_minor, "open_minor": open_minor, "synced_at": clock.now(), **facts,
    }  # fmt: skip
    return Credit(**fields)
