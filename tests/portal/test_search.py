"""A buyer finds an invoice by what is on it: number, purchase order, or amount, along an index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client

from quittance.connections.open import close_adapters
from quittance.core import clock
from quittance.portal.invoices.filters import DUE, Filters
from quittance.portal.invoices.listing import find
from quittance.portal.invoices.search import amounts_meant
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import writing
from tests.ground import ALPINE, HARBORLINE, Ground, World, make_ground
from tests.portal.doors import Door
from tests.portal.mirrored import an_invoice, put_invoice, this_day
from tests.portal.plans import looked_at, put_in_order
from tests.portal.test_invoices import numbers

MANY = 6_000  # invoices of the buyer
OPEN = 1_500


@pytest.fixture(scope="module")
def plenty(world: World) -> Iterator[Ground]:
    """A buyer with so many invoices; the tests only read."""
    with make_ground(world) as ground:
        own, day = ground.account(HARBORLINE), this_day()
        rows = [
            an_invoice(
                own, 100 + n if n < OPEN else 0, late=n - OPEN, number=f"L-{n:05d}",
                erp_id=f"L-{n}", purchase_order=f"BO-{n:05d}", total_minor=100 + n + n % 2,
                erp_status="open" if n < OPEN else "paid", issued_date=day - timedelta(days=n),
                currency="EUR" if n % 50 == 0 else "USD",
            )
            for n in range(MANY)
        ]  # fmt: skip
        with writing():
            Invoice.objects.bulk_create(rows)
        put_in_order()
        yield ground
    close_adapters()


@pytest.mark.parametrize("typed", ["L-00700", "bo-00700", "8.00", "USD 8.01", "8,00 €"])
@pytest.mark.parametrize("tab", ["open", "all"])
def test_a_search_looks_at_few_rows_of_many(typed: str, tab: str, plenty: Ground) -> None:
    own = plenty.account(HARBORLINE).pk
    filters = Filters(tab=tab, q=typed, sort="due")

    rows = looked_at(lambda: find(own, filters, today=this_day()))

    assert rows < 200, rows


@pytest.mark.parametrize("due", list(DUE))
def test_a_page_of_what_is_owed_looks_at_nothing_that_is_paid(due: str, plenty: Ground) -> None:
    own = plenty.account(HARBORLINE).pk
    for tab in ("open", "overdue", "soon"):
        filters = Filters(tab=tab, due=due, currency="USD" if due else "")

        rows = looked_at(partial(find, own, filters, today=this_day()))

        assert rows <= 2 * OPEN, (tab, rows)  # each once, and what is under way of it


def found(client: Client, query: str) -> set[str]:
    return set(numbers(client.get("/invoices", {"q": query, "tab": "all"}).content))


def test_an_invoice_is_found_by_its_total_or_by_what_is_left(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    whole = put_invoice(own, 123_450)
    part = put_invoice(own, 123_450, total_minor=500_000)
    paid = put_invoice(own, 0, total_minor=123_450, erp_status="paid")
    put_invoice(own, 123_451)
    put_invoice(door.ground.account(ALPINE), 123_450)

    client = door.buyer()

    for typed in ("1234.50", "1,234.50", "$1,234.50", "1.234,50", "1 234,50", "1234,50 USD"):
        assert found(client, typed) == {whole.number, part.number, paid.number}, typed


def test_an_amount_is_read_as_the_reader_writes_it(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    whole, parts = put_invoice(own, 123_400), put_invoice(own, 123)
    client = door.buyer()

    assert found(client, "1,234") == {whole.number}
    assert found(client, "1.23") == {parts.number}


def test_an_amount_means_as_many_decimals_as_its_currency_has(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    facts: list[tuple[str, int]] = [("USD", 123_400), ("JPY", 1_234), ("KWD", 1_234_000)]
    made = {code: put_invoice(own, minor, currency=code).number for code, minor in facts}
    put_invoice(own, 1_234, currency="USD")
    client = door.buyer()

    assert found(client, "1234") == set(made.values())
    assert found(client, "JPY 1234") == {made["JPY"]}
    assert found(client, "€1,234.00") == set()


@pytest.mark.parametrize(
    ("typed", "locale", "minor"),
    [
        ("1.234,50", "de", 123_450), ("1\u202f234,50", "fr", 123_450), ("1.234", "de", 123_400),
        ("1.234", "en_US", 123_400), ("1,234", "en_US", 123_400), ("12,3", "en_US", 1_230),
        ("١٬٢٣٤٫٥٠", "ar", 123_450),
    ],
)  # fmt: skip
def test_a_typed_amount_is_exact_in_any_language(typed: str, locale: str, minor: int) -> None:
    assert amounts_meant(typed, "USD", locale) == [minor]


def test_what_is_no_amount_finds_nothing_and_breaks_nothing(door: Door) -> None:
    put_invoice(door.ground.account(HARBORLINE), 500)
    client = door.buyer()

    for typed in ("9" * 30, "-5", "1e5", "0", "1.2.3", "$", "5" * 80, "5.00.", "99999999999999999"):
        assert found(client, typed) == set(), typed


def test_the_search_of_an_amount_is_kept_on_the_next_page_and_in_files(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    now = clock.now()
    with writing():
        Invoice.objects.bulk_create(
            an_invoice(own, 123_450, late=-n, changed_at=now) for n in range(60)
        )
    put_invoice(own, 99)
    client = door.buyer()

    file = b"".join(client.get("/invoices.csv", {"q": "1.234,50"}))

    assert len(found(client, "1.234,50")) == 50
    assert file.count(b"1234.50") >= 60
    assert b"0.99" not in file
