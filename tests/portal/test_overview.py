"""Where a buyer stands: each figure is the sum of entries that a page can list."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quittance.connections.open import close_adapters
from quittance.core import clock
from quittance.portal.access import Account
from quittance.portal.overview.records import positions
from quittance.receivables import aging
from quittance.receivables.models import Credit, Invoice
from quittance.receivables.orders import invoiced_orders, invoices_of_order
from quittance.tenancy.rows import reading, writing
from tests.ground import ALPINE, EVENTS, HARBORLINE, Ground, World, make_ground
from tests.portal.doors import Door
from tests.portal.mirrored import a_credit, an_invoice, put_credit, put_invoice, this_day
from tests.portal.plans import looked_at, put_in_order

# By the rule, not by the code: an invoice that is due today is not late.
BUCKETS = {
    "current": range(-10_000, 1), "late_30": range(1, 31), "late_60": range(31, 61),
    "late_90": range(61, 91), "older": range(91, 10_000), "overdue": range(1, 10_000),
    "soon": range(-7, 1), "later": range(-10_000, -7), "open": range(-10_000, 10_000),
}  # fmt: skip


def questions(client: Client, address: str) -> int:
    """How often a page asks the database, when it is opened again.

    The brake counts in a transaction of its own, before the page: that is left out.
    """
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    of_the_brake = ("'brake'", "pg_advisory_xact_lock", "identity_signintry")
    return len(
        [
            each["sql"]
            for each in asked
            if each["sql"].startswith("SELECT")
            and not any(word in each["sql"] for word in of_the_brake)
        ]
    )


def entries_of(account_id: UUID, currency: str, key: str) -> list[aging.Entry]:
    """Every entry of a figure, a small page at a time."""
    found: list[aging.Entry] = []
    while True:
        after = (found[-1].day, found[-1].id) if found else None
        part = aging.explain(account_id, currency, key, today=this_day(), after=after, most=7)
        assert part.before == (len(found), sum(each.minor for each in found))
        found += part.entries
        if part.after.number == 0:
            assert (part.whole.number, part.after.minor) == (len(found), 0)
            return found


def test_every_figure_is_the_sum_of_its_entries_to_the_smallest_unit(ground: Ground) -> None:
    draw, own, other = random.Random(6), ground.account(HARBORLINE), ground.account(EVENTS)
    edges = [-400, -8, -7, -1, 0, 1, 30, 31, 60, 61, 90, 91, 400]
    rows = [
        (account, currency, late, draw.choice([0, 1, draw.randrange(10**12)]))
        for account in (own, other)
        for currency in ("USD", "JPY", "KWD")
        for late in [*edges, *(draw.randrange(-100, 200) for _ in range(3))]
    ]
    kinds = Credit.Kind.values
    invoices = [an_invoice(of, minor, late=late, currency=unit) for of, unit, late, minor in rows]
    invoices += [
        an_invoice(of, 0, late=late, currency=unit, erp_status="paid", total_minor=5)
        for of, unit, late, _ in rows
    ]
    credits_ = [
        a_credit(of, minor, kind=draw.choice(kinds), currency=unit)
        for of, unit, _, minor in rows
        if minor
    ]
    with writing():
        Invoice.objects.bulk_create(invoices)
        Credit.objects.bulk_create(credits_)

    with reading():
        found = aging.read_positions(aging.parts_of({own.pk: this_day(), other.pk: this_day()}))
        explained = {
            (each.account_id, each.currency, key): entries_of(each.account_id, each.currency, key)
            for each in found
            for key in aging.FIGURES
        }

    assert len(found) == 6
    for position in found:
        mine = [
            (late, minor)
            for account, currency, late, minor in rows
            if (account.pk, currency) == (position.account_id, position.currency)
        ]
        for key, days in BUCKETS.items():
            due = [minor for late, minor in mine if late in days]
            assert position.figure(key) == (len(due), sum(due)), key
        for key in aging.FIGURES:
            parts = explained[position.account_id, position.currency, key]
            assert position.figure(key) == (len(parts), sum(each.minor for each in parts)), key
        assert sum(position.figure(each).minor for each in aging.BUCKETS) == (
            position.figure("open").minor
        )
        assert position.balance.minor == 0  # as much credit as debt was made


def test_the_day_is_that_of_the_accounts_own_books(ground: Ground) -> None:
    own, other = ground.account(HARBORLINE), ground.account(EVENTS)
    for account in (own, other):
        put_invoice(account, 100)

    with reading():
        days = {own.pk: this_day(), other.pk: this_day() + timedelta(days=1)}
        found = {each.account_id: each for each in aging.read_positions(aging.parts_of(days))}

    assert found[own.pk].figure("overdue") == (0, 0)
    assert found[other.pk].figure("overdue") == (1, 100)


def test_the_page_says_what_is_owed_and_asks_for_what_is_late(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    late = put_invoice(own, 12_345, late=12)
    put_invoice(own, 1_00, late=40, hindrance="disputed")
    put_invoice(own, 5_000, late=-3)
    put_invoice(own, 70_000, late=-30)
    put_credit(own, 2_000)
    put_credit(own, 500, kind="payment")
    client = door.buyer()

    page = client.get("/").content.decode()
    form = re.search(r'<form method="post" action="/invoices/pick">.*?</form>', page, re.DOTALL)
    assert form
    ids = re.findall(r'name="only" value="([^"]*)"', form[0])
    answer = client.post("/invoices/pick", {"only": ids, "pay": "USD"})

    assert '$874<span class="cents">.45</span>' in page
    assert "4 open invoices" in page
    assert "\u2212$20.00" in page
    assert "$849.45" in page  # after credits
    assert ids == [str(late.pk)]
    assert "Pay overdue, $123.45" in form[0]
    assert "$123.45" in client.get(answer["Location"]).content.decode()


def test_the_button_stands_where_there_is_something_to_pay(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    put_credit(own, 500, currency="EUR")
    put_invoice(own, 100, late=-40, currency="JPY")
    client = door.buyer()

    calm = client.get("/").content.decode()
    put_invoice(own, 9_000, late=5)
    urgent = client.get("/").content.decode()

    assert "Choose invoices</a>" in position_of(calm, "JPY")
    assert "Choose invoices</a>" not in position_of(calm, "EUR")
    assert "Pay overdue, " in position_of(urgent, "USD")
    assert "Choose invoices</a>" not in position_of(urgent, "JPY")


def position_of(page: str, currency: str) -> str:
    """The card of one currency."""
    found = re.search(
        rf'<section class="card" aria-labelledby="h-open-{currency}">.*?</section>', page, re.DOTALL
    )
    assert found
    return found[0]


def test_a_figure_leads_to_its_reasons_and_to_a_list_only_of_the_same_invoices(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    for late in (5, 5, -3, -30):
        put_invoice(own, 100, late=late)
        put_invoice(own, 100, late=late, currency="EUR")
    client = door.buyer()

    card = position_of(client.get("/").content.decode(), "EUR")
    lists = re.findall(r'href="(/invoices[^"]*)">(\d+) invoice', card)

    for key in ("overdue", "soon", "later"):
        assert f'href="/why?what={key}&amp;currency=EUR"' in card
    assert [each[1] for each in lists] == ["2", "1"]
    for address, number in lists:
        listed = client.get(address.replace("&amp;", "&")).content.decode()
        assert f"Showing {number} of {number}" in listed


def test_what_is_being_paid_is_explained(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    door.ground.pay((invoice, "100.00"))

    card = position_of(door.buyer().get("/").content.decode(), "USD")

    assert "$100.00 of it is being paid: it stays open until" in card
    assert 'href="/payments"' in card


def test_more_that_is_late_than_a_page_holds_is_chosen_from_the_list(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    with writing():
        Invoice.objects.bulk_create(an_invoice(own, 100, late=late) for late in range(1, 53))

    page = door.buyer().get("/").content.decode()

    assert 'href="/invoices?tab=overdue">Choose from 52 overdue invoices' in page
    assert 'name="only"' not in page


def test_a_figures_page_lists_what_it_sums_and_goes_on(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    made = [an_invoice(own, 1_01, late=late) for late in range(1, 106)]
    with writing():
        Invoice.objects.bulk_create(made)
    client = door.buyer()

    first = client.get("/why?what=overdue&currency=USD").content.decode()
    onward = re.search(r'href="(/why[^"]*after=[^"]*)">Next', first)
    assert onward
    second = client.get(onward[1].replace("&amp;", "&")).content.decode()

    numbers = [
        re.findall(r'class="id" href="[^"]*"><bdi>([^<]*)<', each) for each in (first, second)
    ]
    assert numbers[0] + numbers[1] == [each.number for each in reversed(made)]
    assert "$106.05" in first
    assert "5 entries on the next pages" in first
    assert "100 entries before" in second


@pytest.mark.parametrize(
    "query", ["", "?what=open", "?what=x&currency=USD", "?what=open&currency=1"]
)
def test_a_figure_that_there_is_not_is_not_found(query: str, door: Door) -> None:
    assert door.buyer().get(f"/why{query}").status_code == 404


def test_another_customers_figures_are_nobodys_business(door: Door) -> None:
    put_invoice(door.ground.account(HARBORLINE), 77_777, late=3)
    client = door.stranger()

    page, why = client.get("/"), client.get("/why?what=open&currency=USD")

    assert (page.status_code, why.status_code) == (200, 200)
    assert "777.77" not in page.content.decode() + why.content.decode()


def test_who_has_several_accounts_sees_each_and_goes_there(door: Door) -> None:
    put_invoice(door.ground.account(HARBORLINE), 1_000)
    put_invoice(door.ground.account(EVENTS), 4_321, late=2)
    client = door.signed_in(HARBORLINE, EVENTS)

    page = client.get("/").content.decode()
    other = re.search(r'name="account" value="([^"]*)">Go there', page)
    assert other
    client.post("/account", {"account": other[1]})

    assert "$43.21 overdue" in page
    assert '$43<span class="cents">.21</span>' in client.get("/").content.decode()


def test_the_pages_ask_the_database_few_questions(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    put_invoice(own, 1_000, late=2)
    put_credit(own, 500)
    door.ground.pay((door.ground.bill("250.00"), "100.00"))
    client = door.signed_in(HARBORLINE, EVENTS)

    asked = {
        each: questions(client, each)
        for each in ("/", "/why?what=open&currency=USD", "/why?what=balance&currency=USD")
    }

    assert {each: n for each, n in asked.items() if not 4 < n <= 8} == {}


@pytest.fixture(scope="module")
def plenty(world: World) -> Iterator[Ground]:
    """A buyer with few open invoices and many paid ones, beside another with many open ones."""
    with make_ground(world) as ground:
        own, other, now = ground.account(HARBORLINE), ground.account(ALPINE), clock.now()
        facts: dict[str, Any] = {
            "legal_entity_id": own.legal_entity_id, "currency": "USD", "total_minor": 100,
            "tax_minor": 0, "changed_at": now, "synced_at": now, "issued_date": this_day(),
            "due_date": this_day(),
        }  # fmt: skip
        some = [(own, "open", 40), (own, "paid", 2_000), (other, "open", 2_000)]
        rows = [
            Invoice(
                customer_account=account, erp_status=status, erp_id=f"{account.pk}{status}{n}",
                number=f"P-{n}", order_number=f"SO-{n:05d}",
                open_minor=100 if status == "open" else 0, **facts,
            )
            for account, status, many in some
            for n in range(many)
        ]  # fmt: skip
        for start in range(0, len(rows), 500):  # a slow machine must not idle in a transaction
            with writing():
                Invoice.objects.bulk_create(rows[start : start + 500])
        put_in_order()
        yield ground
    close_adapters()


def test_figures_and_their_entries_look_at_the_accounts_open_rows_only(plenty: Ground) -> None:
    account = plenty.account(HARBORLINE)
    own = Account(
        id=account.pk, name="", number="", legal_entity_id=account.legal_entity_id,
        zone="America/Los_Angeles", as_of=None, stale=False,
    )  # fmt: skip

    counts = {
        "orders": looked_at(lambda: invoiced_orders(account.pk, below="SO-01500", most=51)),
        "figures": looked_at(lambda: positions([own])),
        "entries": looked_at(
            lambda: aging.explain(account.pk, "USD", "soon", today=this_day(), most=100)
        ),
    }  # fmt: skip

    of_order = looked_at(lambda: invoices_of_order(account.pk, "SO-00001"))

    assert {name: n for name, n in counts.items() if not 40 <= n <= 600} == {}
    assert 2 <= of_order <= 20
