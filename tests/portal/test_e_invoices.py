"""An invoice as an e-invoice: beside its PDF where it is whole, and only one's own."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from facturx import get_xml_from_pdf, xml_check_xsd
from pypdf import PdfReader

from quittance.core.ids import new_id
from quittance.einvoices.offer import look_at
from tests.einvoices.books import german_books, taxed_invoice
from tests.portal.doors import Door


@pytest.fixture
def german(door: Door) -> Iterator[Door]:
    with german_books(door.ground):
        yield door


def test_both_forms_can_be_had_and_say_the_same(german: Door) -> None:
    invoice = taxed_invoice(german.ground)
    client = german.buyer()

    page = client.get(f"/invoices/{invoice.pk}/e-invoice").content.decode()
    xml = client.get(f"/invoices/{invoice.pk}/e-invoice.xml")
    pdf = client.get(f"/invoices/{invoice.pk}/e-invoice.pdf")

    assert f'href="/invoices/{invoice.pk}/e-invoice.xml"' in page
    assert f'href="/invoices/{invoice.pk}/e-invoice.pdf"' in page
    assert xml_check_xsd(xml.content)
    assert xml["Content-Type"] == "application/xml"
    assert xml["Content-Disposition"] == f'attachment; filename="{invoice.number}-e-invoice.xml"'
    assert pdf["Content-Type"] == "application/pdf"
    _, inside = get_xml_from_pdf(pdf.content, check_xsd=True)
    assert f">{invoice.number}<" in inside.decode()
    assert invoice.number in PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()


def test_the_invoices_page_offers_it_where_the_books_had_a_whole_one(german: Door) -> None:
    invoice, client = taxed_invoice(german.ground), german.buyer()
    link = f'href="/invoices/{invoice.pk}/e-invoice"'
    assert link not in client.get(f"/invoices/{invoice.pk}").content.decode()

    look_at(invoice)

    assert link in client.get(f"/invoices/{invoice.pk}").content.decode()


def test_one_that_is_not_whole_is_told_in_a_sentence_and_not_given(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    client = door.buyer()

    page = client.get(f"/invoices/{invoice.pk}/e-invoice")
    xml = client.get(f"/invoices/{invoice.pk}/e-invoice.xml")
    pdf = client.get(f"/invoices/{invoice.pk}/e-invoice.pdf")

    assert "There is no e-invoice of this invoice" in page.content.decode()
    assert (xml.status_code, pdf.status_code) == (409, 409)
    assert b"%PDF" not in pdf.content


@pytest.mark.parametrize("form", ["", ".xml", ".pdf"])
def test_another_customers_invoice_and_a_missing_one_are_not_found(german: Door, form: str) -> None:
    invoice = taxed_invoice(german.ground)
    stranger = german.stranger()

    assert stranger.get(f"/invoices/{invoice.pk}/e-invoice{form}").status_code == 404
    assert stranger.get(f"/invoices/{new_id()}/e-invoice{form}").status_code == 404


def test_while_the_erp_does_not_answer_the_page_says_so(german: Door) -> None:
    invoice = taxed_invoice(german.ground)
    client = german.buyer()
    german.ground.world.erp_fault("companyInformation", "status", status=503)

    answer = client.get(f"/invoices/{invoice.pk}/e-invoice.xml")

    assert answer.status_code == 503
    assert "Try again in a minute" in answer.content.decode()


@pytest.mark.parametrize("status", [400, 403])
def test_what_the_erp_refuses_is_not_called_passing(german: Door, status: int) -> None:
    invoice = taxed_invoice(german.ground)
    client = german.buyer()
    german.ground.world.erp_fault("companyInformation", "status", status=status)

    answer = client.get(f"/invoices/{invoice.pk}/e-invoice.xml")

    assert answer.status_code == 409
    assert "trying again does not help" in answer.content.decode()


def test_the_seller_reads_what_is_missing_and_by_which_rule(door: Door) -> None:
    look_at(door.ground.bill("250.00"))
    client = door.clerk()

    page = client.get("/office/connections/e-invoices").content.decode()

    assert "Of 1 invoice that was looked at, 0 can be had" in page
    assert "BR-CO-09" in page
    assert "VAT registration number does not begin with the code of its country" in page
    assert 'href="/office/connections/e-invoices"' in (
        client.get("/office/connections").content.decode()
    )


def test_only_who_may_change_connections_has_them_looked_at(door: Door) -> None:
    path = f"/office/connections/erp/{door.ground.legal_entity_id}/e-invoices"
    manager = door.signed_in(email="sam@example.test", role="manager")

    assert door.clerk().post(path).status_code == 404
    assert manager.post(path)["Location"] == "/office/connections/e-invoices?done=asked"
    assert manager.post(f"/office/connections/erp/{new_id()}/e-invoices").status_code == 404
    assert "looked at" in manager.get("/office/connections/e-invoices?done=asked").content.decode()
