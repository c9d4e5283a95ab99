"""A large page is brought in at once, whatever the database's statistics know of its owner."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.erp.base import InvoiceRecord
from quittance.receivables.mirror import apply_invoices
from quittance.tenancy.models import LegalEntity, Organization
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import working_for
from tests.conftest import DATABASE
from tests.receivables.records import customer, invoice, keep_customers

ROWS = 20_000
CUSTOMERS = 500


def a_page(rows: int) -> list[InvoiceRecord]:
    return [invoice(f"{n:05d}", customer_erp_id=f"customer-{n % CUSTOMERS}") for n in range(rows)]


@contextmanager
def new_organization() -> Iterator[uuid.UUID]:
    """A legal entity with its customers, its scope entered."""
    organization_id = new_id()
    with working_for(organization_id, actor="test"):
        with writing():
            Organization.objects.create(pk=organization_id, name="Northwind Traders")
            entity = LegalEntity.objects.create(name="Northwind", zone="UTC", currency="USD")
        keep_customers(
            entity.pk,
            *[customer(erp_id=f"customer-{n}", number=f"C-{n}") for n in range(CUSTOMERS)],
        )
        yield entity.pk


def apply_within_seconds(entity_id: uuid.UUID, page: Sequence[InvoiceRecord], *, most: int) -> int:
    """PostgreSQL itself stops a statement that takes longer."""
    with writing():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{most}s'")
        return apply_invoices(page, legal_entity_id=entity_id, read_at=clock.now())


@pytest.mark.slow
def test_a_page_of_an_organization_that_the_statistics_do_not_know_is_quick(
    database: None,
) -> None:
    with new_organization() as entity_id:
        apply_within_seconds(entity_id, a_page(2_000), most=10)
    owner = os.environ["DATABASE_OWNER_URL"]
    assert DATABASE in owner
    with psycopg.connect(owner, autocommit=True) as connected:
        connected.execute("ANALYZE receivables_invoice, receivables_customeraccount")

    with new_organization() as entity_id:
        first = apply_within_seconds(entity_id, a_page(ROWS), most=10)
        again = apply_within_seconds(entity_id, a_page(ROWS), most=3)

    assert (first, again) == (ROWS, 0)
