"""Payments and their postings are read along an index: the rows looked at do not grow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from quittance.backoffice.payments import records as office
from quittance.connections.open import close_adapters
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.payments.models import Allocation, Payment, PaymentAccount
from quittance.payments.told import standing
from quittance.portal.payments.records import PAGE, some_payments
from quittance.posting.models import ErpPosting
from quittance.receivables.models import CustomerAccount, Invoice
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from tests.ground import EVENTS, HARBORLINE, Ground, World, make_ground
from tests.portal.plans import looked_at, put_in_order

MANY = 3_000
EVERY = 10  # one of so many also names the events company
AT_MOST = 2_000  # rows that all steps of a list may look at: fewer than there are payments


@pytest.fixture(scope="module")
def plenty(world: World) -> Iterator[Ground]:
    """An organization with so many payments of Harborline, some of them for two accounts.

    The tests only read, so all share it.
    """
    with make_ground(world) as ground:
        _fill(ground)
        put_in_order()
        yield ground
    close_adapters()


def _fill(ground: Ground) -> None:
    one, two = ground.account(HARBORLINE), ground.account(EVENTS)
    payments = [_payment(ground, one.pk, n) for n in range(MANY)]
    invoice, begin = _invoice(one), clock.now() - timedelta(minutes=MANY)
    with writing(), connection.cursor() as cursor:
        invoice.save(force_insert=True)
        Payment.objects.bulk_create(payments)
        cursor.execute(  # the day is set by itself when a row is made
            "UPDATE payments_payment SET created_at = %s + interval '1 minute'"
            " * substr(number, 3)::int",
            [begin],
        )
        PaymentAccount.objects.bulk_create(
            PaymentAccount(
                payment=each, customer_account=account, created_at=begin + timedelta(minutes=n)
            )
            for n, each in enumerate(payments)
            for account in ((one, two) if n % EVERY == 0 else (one,))
        )
        Allocation.objects.bulk_create(_allocation(each, invoice) for each in payments)
        ErpPosting.objects.bulk_create(_posting(each, one) for each in payments)


def _payment(ground: Ground, account_id: UUID, n: int) -> Payment:
    return Payment(
        number=f"P-{n:06}", customer_account_id=account_id, currency="USD", amount_minor=100,
        gateway_account_id=ground.gateway_account_id, origin=Payment.Origin.CHECKOUT,
        method="card", idempotency_key=str(new_id()), fingerprint="",
    )  # fmt: skip


def _invoice(account: CustomerAccount) -> Invoice:
    now = clock.now()
    return Invoice(
        legal_entity_id=account.legal_entity_id, customer_account=account, erp_id="plenty",
        erp_etag="1", number="S-PLENTY", erp_status="open", issued_date=now.date(),
        due_date=now.date(), currency="USD", total_minor=10**9, tax_minor=0, open_minor=10**9,
        version=1, changed_at=now, synced_at=now,
    )  # fmt: skip


def _allocation(payment: Payment, invoice: Invoice) -> Allocation:
    return Allocation(
        payment=payment, invoice=invoice, customer_account_id=invoice.customer_account_id,
        amount_minor=100, currency="USD", open_seen_minor=10**9, in_flight_seen_minor=0,
        version_seen=1,
    )  # fmt: skip


def _posting(payment: Payment, account: CustomerAccount) -> ErpPosting:
    return ErpPosting(
        legal_entity_id=account.legal_entity_id, customer_account_id=account.pk,
        source_kind=ErpPosting.Kind.PAYMENT, source_id=payment.pk, document_number=payment.number,
        customer_erp_id=account.erp_id, posting_date=clock.now().date(), description="plenty",
        amount_minor=100, currency="USD",
    )  # fmt: skip


@contextmanager
def _as_reader(*account_ids: UUID) -> Iterator[None]:
    """Read as a buyer who may act for these accounts."""
    with narrowed_to(account_ids), reading():
        yield


def test_a_buyers_list_looks_at_a_page_of_rows_wherever_it_is(plenty: Ground) -> None:
    own, second = plenty.account(HARBORLINE).pk, plenty.account(EVENTS).pk
    with _as_reader(own, second):
        middle = some_payments(own, q="", after="", before="").older
    found = {
        "own, first page": lambda: some_payments(own, q="", after="", before=""),
        "own, next page": lambda: some_payments(own, q="", after=middle, before=""),
        "own, by number": lambda: some_payments(own, q="p-00299", after="", before=""),
        "shared": lambda: some_payments(second, q="", after="", before=""),
    }
    with narrowed_to([own, second]):
        counts = {name: looked_at(read) for name, read in found.items()}

    assert {name: n for name, n in counts.items() if n > AT_MOST} == {}


def test_a_shared_payment_stands_in_both_lists_at_its_own_day(plenty: Ground) -> None:
    own, second = plenty.account(HARBORLINE).pk, plenty.account(EVENTS).pk
    with _as_reader(own, second):
        shared = some_payments(second, q="", after="", before="").payments
        last = some_payments(own, q="", after="", before="").payments

    numbers = [f"P-{n:06}" for n in range(MANY - 1, -1, -1)]
    assert [each.number for each in last] == numbers[:PAGE]
    assert [each.number for each in shared] == numbers[EVERY - 1 :: EVERY][:PAGE]
    assert {each.invoices for each in shared} == {1}


def test_a_payment_of_another_account_is_in_no_list_of_who_may_not_see_it(plenty: Ground) -> None:
    second = plenty.account(EVENTS).pk
    with _as_reader(second):
        page = some_payments(second, q="", after="", before="")

    assert page.payments == []


def test_the_offices_list_looks_at_a_page_of_rows_in_every_tab(plenty: Ground) -> None:
    def of(tab: str, q: str = "") -> Callable[[], Any]:
        return lambda: office.some_payments(tab=tab, q=q, after="", before="")

    tabs = ("all", "under_way", "failed", "refunded", "returned", "disputed")
    counts = {tab: looked_at(of(tab)) for tab in tabs}
    counts["by number"] = looked_at(of("all", "p-00299"))

    assert {name: n for name, n in counts.items() if n > AT_MOST} == {}


def test_what_the_erp_is_told_of_a_payment_is_found_among_all_postings(plenty: Ground) -> None:
    with reading():
        payment = Payment.objects.get(number="P-000007")
        assert [each.document_number for each in standing(payment)] == ["P-000007"]

    assert looked_at(lambda: standing(payment)) < 20
