"""The list and all its filters are read along an index: others' invoices are not looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from quittance.connections.open import close_adapters
from quittance.core import clock
from quittance.portal.invoices.filters import DUE, SORTS, TABS, Filters
from quittance.portal.invoices.listing import counts, find
from quittance.receivables.models import CustomerAccount, Invoice
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from tests.ground import EVENTS, HARBORLINE, Ground, World, make_ground
from tests.portal.plans import PLANNED, Asked, asked_by, listening, plan_of

OURS, OTHERS = 400, 6_000
DAY = date(2026, 11, 1)
LISTS = [
    *(Filters(tab=tab, due=due) for tab in TABS for due in DUE),
    *(Filters(tab="all", sort=sign + sort) for sort in SORTS for sign in ("", "-")),
    *(Filters(tab=tab, q=q) for tab in ("open", "all") for q in ("S-EVENTS-00012", "PO-12", "9")),
    Filters(tab="all", currency="USD"),
]


@pytest.fixture(scope="module")
def plenty(world: World) -> Iterator[Ground]:
    """A customer with few invoices beside one with many. The tests only read, so all share it."""
    with make_ground(world) as ground:
        for customer, number in ((EVENTS, OURS), (HARBORLINE, OTHERS)):
            account = ground.account(customer)
            with writing():
                Invoice.objects.bulk_create(_invoice(account, n) for n in range(number))
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
            owner.execute("ANALYZE receivables_invoice")
        yield ground
    close_adapters()


def _invoice(account: CustomerAccount, n: int) -> Invoice:
    due, is_open = DAY + timedelta(days=n % 120 - 60), n % 3 > 0
    return Invoice(
        legal_entity_id=account.legal_entity_id, customer_account=account,
        erp_id=f"plenty-{account.number}-{n}", erp_etag="1", number=f"S-EVENTS-{n:05}",
        purchase_order=f"PO-{n}", erp_status="open" if is_open else "paid",
        issued_date=due - timedelta(days=30), due_date=due, currency="USD",
        total_minor=1000 + n, tax_minor=0, open_minor=1000 + n if is_open else 0, version=1,
        changed_at=clock.now(), synced_at=clock.now(),
    )  # fmt: skip


@pytest.mark.parametrize("planned", PLANNED)
@pytest.mark.parametrize("filters", LISTS, ids=lambda each: each.query or each.tab)
def test_a_list_looks_at_no_invoice_of_another_customer(
    plenty: Ground, filters: Filters, planned: str
) -> None:
    account = plenty.account(EVENTS)
    with narrowed_to([account.pk]), reading():
        asked = asked_by(lambda: find(account.pk, filters, today=DAY))
        looks = [look for each in asked for look in _looks(each, planned)]

    assert looks
    assert not [kind for kind, _ in looks if kind == "Seq Scan"]
    assert sum(rows for _, rows in looks) <= OURS


@pytest.mark.parametrize("planned", PLANNED)
def test_the_numbers_in_the_tabs_are_counted_along_an_index(plenty: Ground, planned: str) -> None:
    account = plenty.account(EVENTS)
    with narrowed_to([account.pk]), reading():
        with listening() as asked:
            counted = counts(account.pk, today=DAY)
        looks = [look for each in asked for look in _looks(each, planned)]

    open_ones = sum(n % 3 > 0 for n in range(OURS))
    assert counted.open == {"USD": open_ones}
    ((kind, rows),) = looks
    assert kind != "Seq Scan"
    assert rows <= OURS


def _looks(asked: Asked, planned: str) -> list[tuple[str, int]]:
    """How PostgreSQL gets at the invoices for this statement, and how many it looks at."""
    if "receivables_invoice" not in asked.sql:
        return []
    return list(_of_invoices(plan_of(asked, planned)))


def _of_invoices(plan: dict[str, Any]) -> Iterator[tuple[str, int]]:
    if plan.get("Relation Name") == "receivables_invoice":
        rows = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        yield plan["Node Type"], int(rows * plan["Actual Loops"])
    for each in plan.get("Plans", []):
        yield from _of_invoices(each)
