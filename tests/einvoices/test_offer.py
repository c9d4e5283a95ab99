"""An invoice out of Business Central: offered when it is whole, else the seller is told why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction

from quittance.connections.open import erp_for
from quittance.core import clock
from quittance.core.errors import Unavailable
from quittance.einvoices.missing import missing_of
from quittance.einvoices.models import EInvoiceBooks, EInvoiceCheck
from quittance.einvoices.offer import (
    NotOffered,
    is_offered,
    look_at,
    look_at_newest,
    ubl_file,
    with_offer,
)
from quittance.einvoices.rules import broken_rules
from quittance.einvoices.write import cii_of, ubl_of
from quittance.erp.documents import DocumentKind
from quittance.erp.structured import ShowsStructured
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from tests.einvoices.books import german_books, taxed_invoice
from tests.einvoices.made import CII, UBL, schematron
from tests.ground import Ground
from tests.receivables.by_api import call


@pytest.fixture
def german(ground: Ground) -> Iterator[Ground]:
    with german_books(ground):
        yield ground


def offered(invoice: Invoice) -> bool:
    with reading():
        return is_offered(with_offer(Invoice.objects.all()).get(pk=invoice.pk))


def lacks(ground: Ground) -> list[str]:
    with reading():
        return [rule for rule, _, _ in missing_of(ground.legal_entity_id).missing]


@pytest.mark.slow
def test_what_business_central_tells_keeps_all_rules(german: Ground) -> None:
    invoice = taxed_invoice(german, comment="Thank you for your order")

    found = look_at(invoice)

    assert found.is_whole
    assert found.document is not None
    with schematron() as rules:
        assert rules.broken(ubl_of(found.document), UBL) == []
        assert rules.broken(cii_of(found.document), CII) == []
    told = ubl_file(invoice).decode()
    assert f">{invoice.number}<" in told
    assert 'unitCode="XPK"' in told
    assert ">Thank you for your order<" in told
    assert ">Harborline Hotels<" in told


def test_a_line_that_is_no_money_is_a_note_and_no_line(german: Ground) -> None:
    found = look_at(taxed_invoice(german, comment="Thank you"))

    assert found.document is not None
    assert list(found.document.notes) == ["Thank you"]
    assert len(found.document.lines) == 2


def test_a_credit_memo_is_told_as_an_invoice_is(german: Ground) -> None:
    invoice = taxed_invoice(german)
    german.world.clerk("cancel-invoice", invoice=invoice.number)
    (memo,) = [
        each
        for each in call(german, "GET", "salesCreditMemos")["value"]
        if each["invoiceNumber"] == invoice.number
    ]
    erp = erp_for(german.legal_entity_id)
    assert isinstance(erp, ShowsStructured)

    told = erp.structured(DocumentKind.CREDIT_NOTE, memo["id"])

    assert broken_rules(told) == []
    assert told.total == invoice.total
    assert f">{invoice.number}<" in ubl_of(told).decode()


def test_without_a_vat_number_nothing_is_offered_and_the_seller_is_told(ground: Ground) -> None:
    with german_books(ground, taxRegistrationNumber=""):
        invoice = taxed_invoice(ground)

        with pytest.raises(NotOffered):
            ubl_file(invoice)

    assert lacks(ground) == ["BR-S-02"]
    assert not offered(invoice)


def test_a_tax_of_another_kind_is_no_vat(ground: Ground) -> None:
    """The demo company is American: its sales tax is not written as VAT."""
    invoice = taxed_invoice(ground)

    assert not look_at(invoice).is_whole
    assert "BR-CO-09" in lacks(ground)


def test_a_line_without_tax_is_not_guessed_about(german: Ground) -> None:
    invoice = german.bill("250.00")  # its freight bears no tax

    look_at(invoice)

    assert lacks(german) == ["BR-CO-04"]


def test_a_unit_without_its_code_is_told_by_its_name(german: Ground) -> None:
    (unit,) = [
        each for each in call(german, "GET", "unitsOfMeasure")["value"] if each["code"] == "PACK"
    ]
    path = f"unitsOfMeasure({unit['id']})"
    call(german, "PATCH", path, {"internationalStandardCode": ""})
    try:
        found = look_at(taxed_invoice(german))
    finally:
        call(german, "PATCH", path, {"internationalStandardCode": "XPK"})

    assert [each.rule for each in found.broken] == ["BR-CL-23"]
    assert "PACK" in found.broken[0].sentence


def test_an_invoice_that_changed_a_moment_ago_is_looked_at_later(german: Ground) -> None:
    invoice = taxed_invoice(german)
    with writing():
        Invoice.objects.filter(pk=invoice.pk).update(total_minor=1, open_minor=1)
    with reading():
        invoice.refresh_from_db()

    with pytest.raises(Unavailable):
        look_at(invoice)

    with reading():
        assert not EInvoiceCheck.objects.filter(invoice=invoice).exists()


def test_others_of_books_that_had_a_whole_one_are_offered_untried(german: Ground) -> None:
    first, second = taxed_invoice(german), taxed_invoice(german)
    assert not offered(second)

    look_at(first)

    assert offered(first)
    assert offered(second)


def test_one_that_was_found_wanting_is_offered_no_more(german: Ground) -> None:
    look_at(taxed_invoice(german))
    invoice = german.bill("250.00")
    assert offered(invoice)

    look_at(invoice)

    assert not offered(invoice)


def test_a_verdict_counts_for_the_version_that_was_looked_at(german: Ground) -> None:
    look_at(taxed_invoice(german))
    invoice = german.bill("250.00")
    look_at(invoice)
    with writing():
        Invoice.objects.filter(pk=invoice.pk).update(erp_etag="newer")

    assert offered(invoice)


def test_a_buyer_may_look_at_their_own_invoice(german: Ground) -> None:
    invoice = taxed_invoice(german)

    with narrowed_to([invoice.customer_account_id]):
        assert look_at(invoice).is_whole
        assert offered(invoice)


def test_the_night_looks_at_the_newest_of_each_set_of_books(german: Ground) -> None:
    from quittance.einvoices.jobs import look

    taxed_invoice(german)
    look(0)
    look(0)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo'",
            [f"einvoices:{german.legal_entity_id}"],
        )
        waiting = cursor.fetchone()
    look_at_newest(german.legal_entity_id)

    assert waiting == (1,)
    with reading():
        found = missing_of(german.legal_entity_id)
    assert (found.looked_at, found.whole) == (1, 1)


def test_one_bad_newest_invoice_ends_no_nights_look(german: Ground) -> None:
    good, bad = taxed_invoice(german), taxed_invoice(german)
    with writing():
        Invoice.objects.filter(pk=bad.pk).update(total_minor=1, open_minor=1)

    look_at_newest(german.legal_entity_id)

    with reading():
        looked = set(EInvoiceCheck.objects.values_list("invoice_id", flat=True))
    assert good.pk in looked
    assert bad.pk not in looked


def test_a_whole_one_speaks_for_others_thirty_days_only(german: Ground) -> None:
    first, second = taxed_invoice(german), taxed_invoice(german)
    look_at(first)
    with writing():
        EInvoiceBooks.objects.update(whole_at=clock.now() - timedelta(days=30, minutes=1))

    assert offered(first)
    assert not offered(second)
