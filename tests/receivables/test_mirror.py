"""Pages of records in the mirror: newer wins, drafts stay out, locks go in one order."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.erp.base import InvoiceStatus
from quittance.receivables.mirror import UnknownCustomer
from quittance.receivables.models import CustomerAccount, Invoice
from quittance.tenancy.models import LegalEntity, Organization
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from tests.receivables.records import customer, invoice, keep, keep_customers, mirrored

_FACTS = [
    field.attname
    for field in Invoice._meta.concrete_fields
    if field.attname not in {"id", "synced_at"}
]


@pytest.fixture
def entity(database: None) -> Iterator[uuid.UUID]:
    """A legal entity with one customer, its scope entered."""
    organization_id = new_id()
    with working_for(organization_id, actor="test"):
        with writing():
            Organization.objects.create(pk=organization_id, name="Northwind Traders")
            made = LegalEntity.objects.create(name="Northwind", zone="UTC", currency="USD")
        keep_customers(made.pk, customer())
        yield made.pk


def open_of(erp_id: str) -> int:
    found = mirrored(erp_id)
    assert found is not None
    return found.open_minor


def test_a_new_invoice_is_there_to_be_seen(entity: uuid.UUID) -> None:
    keep(entity, invoice("a"))

    found = mirrored("a")

    assert found is not None
    assert (found.open_amount, found.erp_status, found.version) == (Money(10000, "USD"), "open", 1)


def test_what_did_not_change_is_not_written(entity: uuid.UUID) -> None:
    keep(entity, invoice("a"))

    assert keep(entity, invoice("a")) == 0


def test_a_part_payment_shows_although_the_etag_stayed(entity: uuid.UUID) -> None:
    keep(entity, invoice("a"))

    keep(entity, invoice("a", open_minor=4000))

    assert open_of("a") == 4000


def test_the_version_goes_up_with_amount_or_status_only(entity: uuid.UUID) -> None:
    keep(entity, invoice("a"))
    keep(entity, invoice("a", etag="e2", purchase_order="PO-1"))
    unchanged = mirrored("a")
    keep(entity, invoice("a", etag="e3", open_minor=1))
    changed = mirrored("a")

    assert unchanged is not None
    assert changed is not None
    assert (unchanged.version, changed.version) == (1, 2)


def test_a_page_that_was_read_earlier_never_overwrites_a_later_one(entity: uuid.UUID) -> None:
    earlier, later = clock.now() - timedelta(seconds=5), clock.now()
    keep(entity, invoice("a", open_minor=4000), read_at=later)

    keep(entity, invoice("a", etag="older", open_minor=10000), read_at=earlier)

    assert open_of("a") == 4000


def test_an_answer_that_changed_nothing_still_counts_as_read(entity: uuid.UUID) -> None:
    keep(entity, invoice("a"))
    later = clock.now() + timedelta(seconds=5)
    keep(entity, invoice("a"), read_at=later, always=True)

    keep(entity, invoice("a", open_minor=1), read_at=later - timedelta(seconds=1))

    assert open_of("a") == 10000


def test_a_draft_is_never_shown(entity: uuid.UUID) -> None:
    keep(entity, invoice("a", status=InvoiceStatus.DRAFT))

    assert mirrored("a") is None


def test_an_open_invoice_that_turns_out_to_be_a_draft_cannot_be_paid(entity: uuid.UUID) -> None:
    keep(entity, invoice("a"))  # a released draft looks open in a list of invoices

    keep(entity, invoice("a", status=InvoiceStatus.DRAFT))

    found = mirrored("a")
    assert found is None or (found.open_minor, found.erp_status) == (0, "cancelled")


def test_a_draft_that_is_posted_is_shown(entity: uuid.UUID) -> None:
    keep(entity, invoice("a"))
    keep(entity, invoice("a", status=InvoiceStatus.DRAFT))

    keep(entity, invoice("a"))

    found = mirrored("a")
    assert found is not None
    assert (found.open_minor, found.erp_status) == (10000, "open")


def test_a_draft_of_an_unknown_customer_keeps_nobody_waiting(entity: uuid.UUID) -> None:
    keep(entity, invoice("a", status=InvoiceStatus.DRAFT, customer_erp_id="new"), invoice("b"))

    assert mirrored("b") is not None


@pytest.mark.parametrize("status", [InvoiceStatus.PAID, InvoiceStatus.CANCELLED])
def test_an_invoice_that_is_not_open_owes_nothing(entity: uuid.UUID, status: InvoiceStatus) -> None:
    keep(entity, invoice("a"))
    keep(entity, invoice("a", etag="e2", status=status, open_minor=10000))

    assert open_of("a") == 0


def test_an_unknown_customer_refuses_the_whole_page(entity: uuid.UUID) -> None:
    with pytest.raises(UnknownCustomer) as refused:
        keep(entity, invoice("a"), invoice("b", customer_erp_id="nobody"))

    assert refused.value.facts == {"invoices": 1}
    assert mirrored("a") is None


def test_a_page_that_names_an_invoice_twice_keeps_the_last_word(entity: uuid.UUID) -> None:
    keep(entity, invoice("a", open_minor=10000), invoice("a", open_minor=4000))

    assert open_of("a") == 4000


def test_an_empty_page_changes_nothing(entity: uuid.UUID) -> None:
    assert keep(entity) == 0
    assert keep_customers(entity) == 0


def test_two_pages_fit_into_one_transaction(entity: uuid.UUID) -> None:
    from quittance.receivables.mirror import apply_invoices

    with writing():
        for erp_id in ("a", "b"):
            apply_invoices([invoice(erp_id)], legal_entity_id=entity, read_at=clock.now())

    assert mirrored("a") is not None
    assert mirrored("b") is not None


@pytest.mark.parametrize("others", [0, 150])  # few come as a text, many by COPY
def test_a_text_with_odd_signs_arrives_as_it_is(entity: uuid.UUID, others: int) -> None:
    odd = "PO\t1\\N\n2 \"'%s {} \u00e9\u2028"

    keep(entity, invoice("a", purchase_order=odd), *[invoice(f"b{n}") for n in range(others)])

    found = mirrored("a")
    assert found is not None
    assert found.purchase_order == odd


def test_few_rows_and_many_are_kept_alike(entity: uuid.UUID) -> None:
    page = [invoice(f"i{n}", open_minor=n) for n in range(150)]
    keep(entity, *page)
    with reading():
        by_copy = list(Invoice.objects.order_by("erp_id").values(*_FACTS))
    with writing():
        Invoice.objects.all().delete()
    for start in range(0, len(page), 50):
        keep(entity, *page[start : start + 50])

    with reading():
        assert list(Invoice.objects.order_by("erp_id").values(*_FACTS)) == by_copy


def test_a_short_page_makes_no_temporary_table(entity: uuid.UUID) -> None:
    with CaptureQueriesContext(connection) as asked:
        keep(entity, invoice("a"))
        keep_customers(entity, customer(etag="e2"))

    assert not [each["sql"] for each in asked if "TEMPORARY" in each["sql"]]


def test_a_customer_is_renamed_when_its_etag_changes(entity: uuid.UUID) -> None:
    keep_customers(entity, customer(etag="e2", name="Harborline Ltd"))

    with reading():
        assert CustomerAccount.objects.get().name == "Harborline Ltd"


def test_rows_are_locked_in_the_order_of_their_ids_whatever_the_pages_order(
    entity: uuid.UUID,
) -> None:
    keep(entity, *[invoice(name) for name in "abcdef"])
    with reading():
        first, *others = Invoice.objects.order_by("pk")
    page = [invoice(row.erp_id, etag="e2") for row in [*reversed(others), first]]

    def pull() -> None:
        try:
            keep(entity, *page)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        with writing():
            Invoice.objects.select_for_update().get(pk=first.pk)
            pulling = thread.submit(copy_context().run, pull)
            _wait_until_somebody_waits_for_a_lock()
            free = len(Invoice.objects.select_for_update(skip_locked=True).exclude(pk=first.pk))
        pulling.result(30)

    assert free == len(others)


def _wait_until_somebody_waits_for_a_lock() -> None:
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            (waiting,) = cursor.fetchone() or (0,)
        if waiting:
            return
        time.sleep(0.01)
    raise AssertionError("nobody waits")
