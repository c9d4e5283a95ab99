"""Files of an invoice: only where the seller says so, only one's own, and never as a page."""

from __future__ import annotations

import re

import pytest

from quittance.connections.keep import keep_erp_connection
from quittance.tenancy.rows import writing
from tests.ground import _erp_settings
from tests.portal.doors import Door


@pytest.fixture
def open_door(door: Door) -> Door:
    """A portal whose seller lets customers see files."""
    settings = _erp_settings(door.ground.world) | {"customer_files": "yes"}
    with writing():
        keep_erp_connection(
            legal_entity_id=door.ground.legal_entity_id, kind="business_central", settings=settings
        )
    return door


def addresses(content: bytes) -> list[str]:
    return re.findall(r'class="id" href="([^"]*/attachments/[^"]*)"', content.decode())


def test_a_file_is_listed_and_downloaded_where_the_seller_says_so(open_door: Door) -> None:
    invoice = open_door.ground.bill("250.00")
    open_door.ground.world.clerk(
        "attach", document=invoice.number, name="Packing <list>.html", text="<b>six boxes</b>"
    )
    client = open_door.buyer()

    linked = client.get(f"/invoices/{invoice.pk}").content.decode()
    page = client.get(f"/invoices/{invoice.pk}/attachments")
    (address,) = addresses(page.content)
    file = client.get(address)

    assert f'href="/invoices/{invoice.pk}/attachments"' in linked
    assert "Packing &lt;list&gt;.html" in page.content.decode()
    assert file.content == b"<b>six boxes</b>"
    assert file["Content-Disposition"] == 'attachment; filename="Packing-list.html"'
    assert file["Content-Type"] == "application/octet-stream"
    assert "sandbox" in file["Content-Security-Policy"]


def test_without_the_sellers_word_nobody_sees_a_file(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    made = door.ground.world.clerk("attach", document=invoice.number, name="Margin.txt", text="9 %")
    client = door.buyer()

    page = client.get(f"/invoices/{invoice.pk}/attachments").content.decode()
    file = client.get(f"/invoices/{invoice.pk}/attachments/documentAttachments/{made['id']}")

    assert "Margin.txt" not in page
    assert "No attachments" in page
    assert file.status_code == 404


def test_a_file_of_another_invoice_and_a_missing_one_get_the_same_answer(open_door: Door) -> None:
    own, other = open_door.ground.bill("250.00"), open_door.ground.bill("80.00")
    open_door.ground.world.clerk("attach", document=other.number, name="Other.txt", text="x")
    client = open_door.buyer()
    (address,) = addresses(client.get(f"/invoices/{other.pk}/attachments").content)
    file_id = address.split("/attachments/")[1]

    foreign = client.get(f"/invoices/{own.pk}/attachments/{file_id}")
    missing = client.get(f"/invoices/{own.pk}/attachments/nothing")
    stranger = open_door.stranger().get(address)

    assert (foreign.status_code, foreign.content) == (404, missing.content)
    assert stranger.status_code == 404


def test_while_the_erp_does_not_answer_it_says_so(open_door: Door) -> None:
    invoice = open_door.ground.bill("250.00")
    open_door.ground.world.erp_fault("documentAttachments", "status", times=0)

    answer = open_door.buyer().get(f"/invoices/{invoice.pk}/attachments")

    assert answer.status_code == 503
    assert "cannot be shown just now" in answer.content.decode()


def test_the_page_asks_the_database_few_questions(open_door: Door) -> None:
    from tests.portal.test_overview import questions

    invoice = open_door.ground.bill("250.00")

    assert questions(open_door.buyer(), f"/invoices/{invoice.pk}/attachments") <= 10
