"""Orders: shown live while the ERP keeps them, known by their invoices for ever."""

from __future__ import annotations

import re
from typing import Any

import pytest

from quittance.receivables import orders
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading
from tests.ground import EVENTS, HARBORLINE
from tests.portal.doors import Door
from tests.portal.mirrored import put_invoice
from tests.portal.test_access import MISSING
from tests.portal.test_credits import numbers
from tests.portal.test_overview import questions


def test_an_order_goes_from_open_to_shipped_to_invoiced(door: Door) -> None:
    clerk, client = door.ground.world.clerk, door.buyer()
    made = clerk("order", customer=HARBORLINE, purchase_order="PO-ORDERS-1")
    number, steps = made["number"], []

    def look() -> str:
        pages = {tab: client.get(f"/orders?tab={tab}") for tab in ("open", "shipped")}
        steps.append([tab for tab, page in pages.items() if number in numbers(page.content)])
        return client.get(f"/orders/{number}").content.decode()

    ordered = look()
    clerk("ship", order=number, quantity="4")
    in_part = look()
    clerk("ship", order=number)
    shipped = look()
    invoice = door.ground.read(clerk("invoice-order", order=number)["id"])
    gone = look()

    assert steps == [["open"], ["open"], ["shipped"], []]
    assert "PO-ORDERS-1" in ordered
    assert "Nothing of it is shipped yet" in ordered
    assert "NW-1042" in ordered
    assert "Partly shipped" in in_part
    assert shipped.count(">Shipped<") >= 1
    assert "wholly invoiced" in gone
    assert f'href="/invoices/{invoice.pk}"' in gone
    address = f'href="/orders/{number}?account={invoice.customer_account_id}"'
    assert address in client.get(f"/invoices/{invoice.pk}").content.decode()
    assert number in numbers(client.get("/orders?tab=invoiced").content)


def test_an_order_that_the_seller_has_not_confirmed_is_not_shown(door: Door) -> None:
    made = door.ground.world.clerk("order", customer=HARBORLINE)
    door.ground.world.clerk("release", document=made["number"], reopen=True)
    client = door.buyer()

    assert made["number"] not in numbers(client.get("/orders").content)
    assert client.get(f"/orders/{made['number']}").status_code == 404


def test_a_list_says_which_orders_are_shipped_in_part(door: Door) -> None:
    clerk, client = door.ground.world.clerk, door.buyer()
    number = clerk("order", customer=HARBORLINE)["number"]
    clerk("order", customer=HARBORLINE)

    before = client.get("/orders").content.decode()
    clerk("ship", order=number, quantity="4")
    after = client.get("/orders").content.decode()

    assert before.count("Partly shipped") == after.count("Partly shipped") - 1


def test_an_order_that_the_seller_changes_is_not_called_invoiced(door: Door) -> None:
    clerk = door.ground.world.clerk
    number = clerk("order", customer=HARBORLINE)["number"]
    invoice = put_invoice(door.ground.account(HARBORLINE), 100, order_number=number)
    clerk("release", document=number, reopen=True)

    page = main_of(door.buyer().get(f"/orders/{number}"))

    assert invoice.number in page
    assert "opened this order again to change it" in page
    assert "invoiced" not in page.lower()
    assert "NW-1042" not in page  # what is not confirmed is not shown
    assert "has no shipment of it" in page


def test_of_an_order_behind_the_newest_nothing_is_claimed(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [door.ground.world.clerk("order", customer=HARBORLINE)["number"] for _ in range(2)]
    for number in made:
        put_invoice(door.ground.account(HARBORLINE), 100, order_number=number)
    client = door.buyer()
    monkeypatch.setattr(orders, "MOST", 1)
    hidden = next(each for each in made if each not in numbers(client.get("/orders").content))

    page = main_of(client.get(f"/orders/{hidden}"))

    assert "does not show us this order" in page
    assert "Nothing of it is shipped yet" not in page
    assert "wholly" not in page
    assert ">Invoiced<" not in page


def test_a_list_that_is_cut_says_so_though_some_of_it_is_not_shown(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, client = door.ground.world.clerk, door.buyer()
    for _ in range(2):
        clerk("order", customer=HARBORLINE)
    last = clerk("order", customer=HARBORLINE)["number"]
    clerk("release", document=last, reopen=True)
    whole = main_of(client.get("/orders"))
    monkeypatch.setattr(orders, "MOST", 2)

    cut = main_of(client.get("/orders"))

    assert last not in numbers(cut.encode())
    assert "Of the newest" not in whole
    assert "Of the newest" in cut


def test_a_list_of_which_nothing_is_left_to_show_says_that_it_was_cut(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, client = door.ground.world.clerk, door.buyer()
    clerk("order", customer=HARBORLINE)
    last = clerk("order", customer=HARBORLINE)["number"]
    clerk("release", document=last, reopen=True)
    monkeypatch.setattr(orders, "MOST", 1)

    cut = main_of(client.get("/orders"))

    assert "Of the newest" in cut
    assert ": 0 orders" in cut


def test_an_invoice_leads_to_the_order_of_its_own_account(door: Door) -> None:
    own, other = door.ground.account(HARBORLINE), door.ground.account(EVENTS)
    invoice = put_invoice(other, 100, order_number="SO-SAME")
    put_invoice(own, 100, order_number="SO-SAME", number="M-NOT-THIS")
    client = door.signed_in(HARBORLINE, EVENTS)

    link = re.search(r'href="(/orders/[^"]*)"', main_of(client.get(f"/invoices/{invoice.pk}")))
    assert link
    page = main_of(client.get(link[1]))

    assert invoice.number in page
    assert other.number in page  # it is not the account that was chosen
    assert "M-NOT-THIS" not in page
    assert "M-NOT-THIS" in main_of(client.get("/orders/SO-SAME"))


def test_an_account_of_others_in_the_address_is_not_found(door: Door) -> None:
    put_invoice(door.ground.account(HARBORLINE), 100, order_number="SO-MINE")
    client = door.stranger()

    missing = client.get("/orders/SO-NONE")

    for account in (door.ground.account(HARBORLINE).pk, "x", MISSING):
        answer = client.get(f"/orders/SO-MINE?account={account}")
        assert (answer.status_code, answer.content) == (404, missing.content)


def main_of(answer: Any) -> str:
    """The middle of a page, without its frame."""
    assert answer.status_code == 200
    found = re.search(r"<main.*</main>", answer.content.decode(), re.DOTALL)
    assert found
    return found[0]


def test_a_strangers_order_and_a_missing_one_get_the_same_answer(door: Door) -> None:
    number = door.ground.world.clerk("order", customer=HARBORLINE)["number"]
    put_invoice(door.ground.account(HARBORLINE), 100, order_number="SO-MINE")
    client = door.stranger()

    missing = client.get("/orders/SO-NONE")

    for foreign in (number, "SO-MINE"):
        answer = client.get(f"/orders/{foreign}")
        assert (answer.status_code, answer.content) == (404, missing.content)
    assert number not in numbers(client.get("/orders").content)


def test_what_the_mirror_knows_is_there_while_the_erp_does_not_answer(door: Door) -> None:
    invoice = put_invoice(door.ground.account(HARBORLINE), 100, order_number="SO/7 7")
    door.ground.world.erp_fault("salesOrders", "status", times=0)
    client = door.buyer()

    page = client.get("/orders/SO/7%207").content.decode()

    assert invoice.number in page
    assert "cannot be shown just now" in page
    assert "cannot be shown just now" in client.get("/orders").content.decode()
    assert numbers(client.get("/orders?tab=invoiced").content) == ["SO/7 7"]
    assert client.get("/orders/SO-NONE").status_code == 503


def test_invoiced_orders_go_on_below_the_last_number(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    for n in range(52):
        put_invoice(own, 100, order_number=f"SO-{n:03d}")
    put_invoice(own, 100, order_number="SO-051")
    client = door.buyer()

    first, second = (client.get(f"/orders?tab=invoiced{more}") for more in ("", "&below=SO-002"))

    assert numbers(first.content) == [f"SO-{n:03d}" for n in range(51, 1, -1)]
    assert "below=SO-002" in first.content.decode()
    assert "2 invoices" in first.content.decode()
    assert numbers(second.content) == ["SO-001", "SO-000"]
    with reading():
        assert Invoice.objects.count() == 53


def test_the_pages_ask_the_database_few_questions(door: Door) -> None:
    number = door.ground.world.clerk("order", customer=HARBORLINE)["number"]
    client = door.buyer()

    asked = {
        each: questions(client, each)
        for each in ("/orders", "/orders?tab=invoiced", f"/orders/{number}")
    }

    assert {each: n for each, n in asked.items() if not 4 < n <= 8} == {}
