"""A credit note as an e-invoice: beside its PDF where it is whole, and only one's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from facturx import get_xml_from_pdf

from quittance.einvoices.offer import look_at
from tests.einvoices.books import german_books, taxed_invoice
from tests.einvoices.made import CII, UBL, schematron
from tests.ground import HARBORLINE
from tests.portal.doors import Door
from tests.portal.mirrored import put_credit
from tests.receivables.by_api import call


@pytest.fixture
def german(door: Door) -> Iterator[Door]:
    with german_books(door.ground):
        yield door


def credited(door: Door) -> tuple[Any, Any]:
    """An invoice whose lines are all taxed, and the credit note that undoes it."""
    ground = door.ground
    invoice = taxed_invoice(ground)
    ground.world.clerk("cancel-invoice", invoice=invoice.number)
    found = [
        each["number"]
        for each in call(ground, "GET", "salesCreditMemos")["value"]
        if each["invoiceNumber"] == invoice.number
    ]
    return invoice, put_credit(ground.account(HARBORLINE), invoice.total_minor, number=found[0])


def test_both_forms_of_a_credit_note_keep_the_standards_rules_and_say_what_they_correct(
    german: Door,
) -> None:
    invoice, credit = credited(german)
    client, path = german.buyer(), f"/credits/{credit.pk}/e-invoice"

    page = client.get(path).content.decode()
    xml = client.get(f"{path}.xml")
    pdf = client.get(f"{path}.pdf")
    _, inside = get_xml_from_pdf(pdf.content, check_xsd=True)

    assert f'href="{path}.xml"' in page
    assert f'href="{path}.pdf"' in page
    assert "<CreditNote" in xml.content.decode()
    assert f">{invoice.number}<" in xml.content.decode()
    assert b"TypeCode>381<" in inside
    with schematron() as rules:
        assert rules.broken(xml.content, UBL) == []
        assert rules.broken(inside, CII) == []


def test_the_credits_page_offers_it_where_the_books_had_a_whole_invoice(german: Door) -> None:
    invoice, credit = credited(german)
    client, link = german.buyer(), f'href="/credits/{credit.pk}/e-invoice"'
    before = client.get(f"/credits/{credit.pk}").content.decode()

    look_at(invoice)

    assert link not in before
    assert link in client.get(f"/credits/{credit.pk}").content.decode()


def test_one_that_is_not_whole_is_told_in_a_sentence_and_not_given(door: Door) -> None:
    _invoice, credit = credited(door)  # the demo company is American: its tax is no VAT
    client, path = door.buyer(), f"/credits/{credit.pk}/e-invoice"

    assert "There is no e-invoice of this credit note" in client.get(path).content.decode()
    assert [client.get(path + form).status_code for form in (".xml", ".pdf")] == [409, 409]


def test_money_that_is_no_credit_note_and_a_strangers_one_are_not_found(door: Door) -> None:
    account = door.ground.account(HARBORLINE)
    money, note = put_credit(account, 100, kind="payment"), put_credit(account, 100)
    buyer, stranger = door.buyer(), door.stranger()

    for form in ("", ".xml", ".pdf"):
        assert buyer.get(f"/credits/{money.pk}/e-invoice{form}").status_code == 404
        assert stranger.get(f"/credits/{note.pk}/e-invoice{form}").status_code == 404
