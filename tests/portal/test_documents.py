"""All documents in one list: none twice, none left out, each with its PDF."""

from __future__ import annotations

import random
import re
from datetime import timedelta

import pytest
from django.test import Client

from quittance.connections.open import erp_for
from quittance.erp.documents import ShowsDocuments
from tests.ground import ALPINE, HARBORLINE
from tests.portal.doors import Door
from tests.portal.mirrored import put_credit, put_invoice, this_day
from tests.portal.test_credits import numbers
from tests.portal.test_overview import questions


def all_pages(client: Client, query: str = "") -> list[str]:
    found: list[str] = []
    address = f"/documents?{query}"
    for _ in range(20):
        content = client.get(address).content
        found += numbers(content)
        onward = re.findall(r'class="btn btn-sm" href="([^"]*after=[^"]*)"', content.decode())
        if not onward:
            return found
        address = onward[-1].replace("&amp;", "&")
    raise AssertionError("the pages have no end")


def test_every_document_is_there_once_the_newest_first(door: Door) -> None:
    draw, own = random.Random(6), door.ground.account(HARBORLINE)
    day = this_day()
    rows = {
        put_invoice(own, 100, issued_date=day - timedelta(days=draw.randrange(90))).number
        for _ in range(90)
    } | {
        put_credit(own, 100, issued_date=day - timedelta(days=draw.randrange(90))).number
        for _ in range(40)
    }
    put_credit(own, 100, kind="payment")  # money is no document
    put_invoice(door.ground.account(ALPINE), 100)
    client = door.buyer()

    found = all_pages(client)
    months = all_pages(client, "kind=statement")

    assert len(found) == len(set(found))
    assert set(found) == rows | set(months)
    assert 2 <= len(months) <= 3
    assert months == sorted(months, reverse=True)


def test_kinds_and_numbers_narrow_the_list(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    invoice = put_invoice(own, 100, number="AB-1")
    credit = put_credit(own, 100, number="AB-2")
    client = door.buyer()

    assert numbers(client.get("/documents?kind=invoice").content) == [invoice.number]
    assert numbers(client.get("/documents?kind=credit_note").content) == [credit.number]
    assert numbers(client.get("/documents?q=ab-2").content) == [credit.number]
    assert "Nothing fits" in client.get("/documents?q=nothing").content.decode()


def test_a_receipt_is_a_document_once_there_is_money(door: Door) -> None:
    paid, waiting = door.ground.bill("250.00"), door.ground.bill("80.00")
    payment, other = door.ground.paid((paid, "100.00")), door.ground.pay((waiting, "80.00"))

    page = door.buyer().get("/documents?kind=receipt").content.decode()

    assert payment.number in page
    assert other.number not in page
    assert f'href="/payments/{payment.pk}/receipt.pdf"' in page


def test_the_print_of_a_credit_note_is_the_erps_own(door: Door) -> None:
    ground = door.ground
    account = ground.account(HARBORLINE)
    erp = erp_for(account.legal_entity_id)
    assert isinstance(erp, ShowsDocuments)
    (note, *_) = erp.credit_notes(account.erp_id, most=1)
    known = put_credit(account, 100, number=note.number)
    unknown = put_credit(account, 100, number="NONE")
    client = door.buyer()

    document = client.get(f"/documents/credit-notes/{known.pk}.pdf")

    assert document.content.startswith(b"%PDF-")
    assert client.get(f"/documents/credit-notes/{unknown.pk}.pdf").status_code == 404
    assert door.stranger().get(f"/documents/credit-notes/{known.pk}.pdf").status_code == 404
    ground.world.erp_fault("salesCreditMemos", "status", times=0)
    assert client.get(f"/documents/credit-notes/{known.pk}.pdf").status_code == 503


@pytest.mark.parametrize("query", ["after=x", "kind=no&q=%00", "after=W10", "q=" + "9" * 500])
def test_an_address_that_makes_no_sense_shows_a_list_all_the_same(query: str, door: Door) -> None:
    put_invoice(door.ground.account(HARBORLINE), 100)

    assert door.buyer().get(f"/documents?{query}").status_code == 200


def test_the_page_asks_the_database_few_questions(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    for _ in range(60):
        put_invoice(own, 100)

    assert questions(door.buyer(), "/documents") <= 9
