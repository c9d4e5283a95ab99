"""The list, its filters, and ticks that outlive a page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from quittance.core.clock import today
from quittance.portal.invoices.filters import place_of
from quittance.receivables.models import CustomerAccount, Invoice
from quittance.tenancy.rows import writing
from tests.ground import HARBORLINE
from tests.portal.doors import Door, begin_checkout, confirm
from tests.portal.mirrored import put_credit


def numbers(content: bytes) -> list[str]:
    return re.findall(r'class="id" href="[^"]*"><bdi>([^<]*)<', content.decode())


def invoices(door: Door, *, many: int, **facts: Any) -> list[Any]:
    """Put invoices into the mirror, one due on each day from today on."""
    from quittance.core import clock
    from quittance.tenancy.rows import writing

    account = door.ground.account(HARBORLINE)
    day, now = today("America/Los_Angeles"), clock.now()
    fields = {
        "legal_entity_id": door.ground.legal_entity_id, "customer_account": account,
        "erp_status": "open", "currency": "USD", "total_minor": 10_000, "tax_minor": 0,
        "open_minor": 10_000, "changed_at": now, "synced_at": now, "issued_date": day, **facts,
    }  # fmt: skip
    with writing():
        return Invoice.objects.bulk_create(
            Invoice(
                erp_id=f"{facts.get('currency', 'USD')}-{place}", number=f"T-{place:04d}",
                purchase_order=f"PO-{place:04d}", due_date=day + timedelta(days=place), **fields,
            )
            for place in range(many)
        )  # fmt: skip


def test_pages_go_on_by_keys_and_come_back(door: Door) -> None:
    invoices(door, many=120)
    client = door.buyer()

    first = client.get("/invoices?q=T-")
    second = client.get(places(first.content)[-1])
    third = client.get(places(second.content)[-1])
    back = client.get(places(third.content)[0])

    assert len(numbers(first.content)) == 50
    assert numbers(first.content)[0] == "T-0000"
    assert numbers(third.content) == [f"T-{place:04d}" for place in range(100, 120)]
    assert numbers(back.content) == numbers(second.content)


def test_a_list_of_one_page_leads_to_no_other(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    door.ground.pay((door.ground.bill("250.00"), "100.00"))
    put_credit(own, 500)
    client = door.buyer()

    lists = ("/invoices", "/payments", "/credits", "/documents")
    pages = {each: client.get(each).content.decode() for each in lists}

    assert {each for each, page in pages.items() if 'class="card-foot"' not in page} == set()
    assert {each for each, page in pages.items() if 'aria-label="Pages"' in page} == set()
    invoices(door, many=60)
    assert 'aria-label="Pages"' in client.get("/invoices").content.decode()


def places(content: bytes) -> list[str]:
    """The addresses behind Previous and Next."""
    found = re.findall(
        r'class="btn btn-sm" type="submit" name="then" value="([^"]*)"', content.decode()
    )
    return [each.replace("&amp;", "&") for each in found]


@pytest.mark.parametrize("place", ["x", "W10", "WyJhIiwiYiJd", "%00", "WyJhIl0"])
def test_a_place_that_we_did_not_make_is_the_first_page(place: str, door: Door) -> None:
    invoices(door, many=1)

    answer = door.buyer().get(f"/invoices?after={place}&sort=nonsense&tab=nonsense&due=9")

    assert numbers(answer.content) == ["T-0000"]


@pytest.mark.parametrize("value", ["\0", "\ud800"])
def test_a_place_that_no_database_can_hold_is_the_first_page(value: str, door: Door) -> None:
    invoices(door, many=1)
    place = place_of(value, "x")

    answer = door.buyer().get(f"/invoices?after={place}&sort=number")

    assert numbers(answer.content) == ["T-0000"]


def test_search_finds_the_beginning_of_a_number_or_an_order_in_any_case(door: Door) -> None:
    invoices(door, many=12)
    client = door.buyer()

    assert numbers(client.get("/invoices?q=t-0003").content) == ["T-0003"]
    assert numbers(client.get("/invoices?q=po-001").content) == ["T-0010", "T-0011"]
    assert "Nothing fits" in client.get("/invoices?q=nothing").content.decode()


def test_tabs_count_what_is_open_and_show_what_they_say(door: Door) -> None:
    invoices(door, many=20)
    client = door.buyer()

    page = client.get("/invoices").content.decode()
    soon = client.get("/invoices?tab=soon")

    assert re.search(r'Open<span class="count[^"]*">20<', page)
    assert re.search(r'Due soon<span class="count[^"]*">8<', page)
    assert len(numbers(soon.content)) == 8


def test_ticks_outlive_the_page_without_any_script(door: Door) -> None:
    made = invoices(door, many=60)
    client = door.buyer()
    first = client.get("/invoices")
    onward = places(first.content)[-1]

    moved = client.post("/invoices/pick", {**sent(first.content, made[0]), "then": onward})
    second = client.get(moved["Location"])
    client.post("/invoices/pick", {**sent(second.content, made[55]), "then": "/invoices"})
    bar = client.get("/invoices").content.decode()

    assert moved["Location"] == onward
    assert "2 invoices selected" in bar
    assert "$200.00" in bar


def sent(content: bytes, *ticked: Any) -> dict[str, Any]:
    shown = re.findall(r'name="shown" value="([^"]*)"', content.decode())
    return {"shown": shown, "invoice": [str(each.pk) for each in ticked]}


def test_a_tick_taken_away_is_forgotten(door: Door) -> None:
    one, two = invoices(door, many=2)
    client = door.buyer()
    both = {"shown": [str(one.pk), str(two.pk)]}
    client.post("/invoices/pick", {**both, "invoice": [str(one.pk), str(two.pk)]})

    client.post("/invoices/pick", {**both, "invoice": [str(two.pk)]})

    assert "1 invoice selected" in client.get("/invoices").content.decode()


def test_everything_that_the_filter_lets_through_can_be_ticked_at_once(door: Door) -> None:
    invoices(door, many=60)
    client = door.buyer()

    client.post("/invoices/pick", {"all": "1", "query": "tab=open", "shown": [], "invoice": []})

    assert "60 invoices selected" in client.get("/invoices").content.decode()


def test_htmx_gets_the_pay_bar_and_nothing_else(door: Door) -> None:
    (one,) = invoices(door, many=1)

    answer = door.buyer().post(
        "/invoices/pick",
        {"shown": [str(one.pk)], "invoice": [str(one.pk)]},
        headers={"HX-Request": "true"},
    )

    assert answer.status_code == 200
    assert b"<html" not in answer.content
    assert b'id="paybar"' in answer.content
    assert b"$100.00" in answer.content


@pytest.mark.parametrize("id_", ["nonsense", "00000000-0000-7000-8000-000000000000"])
def test_an_id_that_is_not_the_buyers_cannot_be_ticked(id_: str, door: Door) -> None:
    assert door.buyer().post("/invoices/pick", {"invoice": [id_]}).status_code == 404


def test_a_strangers_invoice_cannot_be_ticked_or_paid(door: Door) -> None:
    (one,) = invoices(door, many=1)
    client = door.stranger()

    assert client.post("/invoices/pick", {"invoice": [str(one.pk)]}).status_code == 404
    assert client.post("/invoices/pick", {"only": str(one.pk), "pay": "USD"}).status_code == 409


def test_two_currencies_are_two_payments(door: Door) -> None:
    dollars = invoices(door, many=1)
    euros = invoices(door, many=2, currency="EUR")
    with writing():
        CustomerAccount.objects.update(pays_only="")  # the ERP books any currency
    client: Client = door.buyer()
    ids = [str(each.pk) for each in [*dollars, *euros]]
    client.post("/invoices/pick", {"shown": ids, "invoice": ids})

    page = client.get("/invoices").content.decode()
    answer = client.post("/invoices/pick", {"shown": ids, "invoice": ids, "pay": "EUR"})

    assert "Pay EUR\u00a0200.00" in page
    assert "Pay USD\u00a0100.00" in page
    assert "€200.00" in client.get(answer["Location"]).content.decode()


def test_an_invoice_shows_its_lines_its_history_and_its_document(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    payment = door.ground.paid((invoice, "100.00"))
    client = door.buyer()

    page = client.get(f"/invoices/{invoice.pk}").content.decode()
    document = client.get(f"/invoices/{invoice.pk}/pdf")

    assert payment.number in page
    assert "Pay $150.00" in page
    assert document.content.startswith(b"%PDF")
    assert f'filename="{invoice.number}.pdf"' in document["Content-Disposition"]


def test_an_invoice_can_be_seen_while_the_erp_does_not_answer(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    client = door.buyer()
    door.ground.world.erp_fault("salesInvoiceLines", "status", times=0)
    door.ground.world.erp_fault("pdfDocument", "status", times=0)

    page = client.get(f"/invoices/{invoice.pk}")
    document = client.get(f"/invoices/{invoice.pk}/pdf")

    assert page.status_code == 200
    assert "Pay $250.00" in page.content.decode()
    assert document.status_code == 503
    assert "cannot be fetched just now" in document.content.decode()


def test_an_invoice_that_is_being_paid_says_so_and_cannot_be_ticked(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    door.ground.pay((invoice, "250.00"))
    client = door.buyer()

    assert "is being paid" in client.get(f"/invoices/{invoice.pk}").content.decode()
    answer = client.post("/invoices/pick", {"only": str(invoice.pk), "pay": "USD"})
    assert answer.status_code == 409


def test_the_list_leads_back_to_a_checkout_that_was_left(door: Door) -> None:
    client = door.buyer()
    basket = begin_checkout(client, door.ground.bill("250.00"))
    client.post("/invoices/pick", {"clear": "1"})

    assert f'href="{basket}/amounts"' in client.get("/invoices").content.decode()


def test_a_checkout_that_was_paid_is_not_unfinished(door: Door) -> None:
    client = door.buyer()
    confirm(client, begin_checkout(client, door.ground.bill("250.00")))

    assert "left a payment unfinished" not in client.get("/invoices").content.decode()


def test_a_page_asks_the_database_few_questions(door: Door) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    invoices(door, many=60)
    client = door.buyer()
    client.get("/invoices")

    with CaptureQueriesContext(connection) as asked:
        client.get("/invoices")

    questions = [each["sql"] for each in asked if each["sql"].startswith("SELECT")]
    assert 4 < len(questions) <= 8, questions  # two of them say for whom the transaction works
