"""Both forms fit their schema and keep every rule of the standard's own schematron."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from facturx import get_xml_from_pdf
from lxml import etree
from pypdf import PdfReader, PdfWriter

from quittance.core.money import Money
from quittance.einvoices.rules import broken_rules
from quittance.einvoices.write import NotWritten, cii_of, factur_x_of, ubl_of
from quittance.erp.documents import DocumentKind
from quittance.erp.structured import StructuredDocument
from tests.einvoices.made import CII, UBL, Schematron, document, line, schematron

pytestmark = pytest.mark.slow

DOCUMENTS = {
    "plain": document(),
    "two rates, a discount, a line taken back": document(
        line("2", "50.00", discount_minor=1_000),
        line("3", "9.99", sequence=20_000, tax_percent=Decimal(7)),
        line("-1", "9.99", sequence=30_000, tax_percent=Decimal(7), unit="", unit_code=""),
    ),
    "prices with tax": document(
        line("7", "1.19", net=Money(701, "EUR")), prices_include_tax=True
    ),
    "credit note": document(kind=DocumentKind.CREDIT_NOTE, invoice_number="INV-0"),
    "bare": document(
        purchase_order="", order_number="", ship_to=None, notes=["Thank you"],
    ),
    "rounded line by line": document(
        *[line("1", "0.50", tax_percent=Decimal(7), sequence=each) for each in (1, 2, 3)],
        tax=Money(12, "EUR"), total=Money(162, "EUR"),
    ),
    "no cents": document(
        line("2", "5000", currency="JPY", net=Money(10_000, "JPY"), tax_percent=Decimal(10))
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def rules() -> Iterator[Schematron]:
    with schematron() as found:
        yield found


@pytest.mark.parametrize("made", DOCUMENTS.values(), ids=DOCUMENTS)
def test_both_forms_fit_the_schema_and_keep_all_rules(
    rules: Schematron, made: StructuredDocument
) -> None:
    assert broken_rules(made) == []

    assert rules.broken(ubl_of(made), UBL) == []
    assert rules.broken(cii_of(made), CII) == []


def test_the_schematron_would_say_what_is_wrong(rules: Schematron) -> None:
    """Else the test above could not fail: a sum that is wrong is found in both forms."""
    wrong = replace(document(), net=Money(9_999, "EUR"), total=Money(11_899, "EUR"))

    assert "BR-CO-10" in rules.broken(ubl_of(wrong), UBL)
    assert "BR-CO-10" in rules.broken(cii_of(wrong), CII)


def test_the_terms_stand_where_a_reader_looks() -> None:
    root = etree.fromstring(ubl_of(DOCUMENTS["two rates, a discount, a line taken back"]))

    def said(path: str) -> list[str]:
        names = {each: root.nsmap[each] for each in ("cac", "cbc")}
        return [str(each) for each in root.xpath(f"{path}/text()", namespaces=names)]

    assert said("cbc:ID") == ["INV-1"]
    assert said("cac:OrderReference/cbc:ID") == ["PO-7"]
    assert said("cbc:DueDate") == ["2026-03-31"]
    assert said("//cac:AccountingSupplierParty//cac:PartyTaxScheme/cbc:CompanyID") == [
        "DE123456789"
    ]
    assert said("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount") == ["17.10", "1.40"]
    assert said("cac:LegalMonetaryTotal/cbc:PayableAmount") == ["128.48"]
    assert said("cac:InvoiceLine/cbc:InvoicedQuantity") == ["2", "3", "-1"]
    assert said("cac:InvoiceLine/cac:AllowanceCharge/cbc:Amount") == ["10.00"]


def test_a_credit_note_names_the_invoice_that_it_corrects() -> None:
    content = ubl_of(DOCUMENTS["credit note"]).decode()

    assert "<CreditNote" in content
    assert ">381<" in content
    assert ">INV-0<" in content


def test_the_print_takes_the_data_in_and_stays_readable() -> None:
    made = factur_x_of(document(), _print())

    name, inside = get_xml_from_pdf(made, check_xsd=True)

    assert name == "factur-x.xml"
    assert inside == cii_of(document())
    assert len(PdfReader(io.BytesIO(made)).pages) == 1


def test_what_is_no_pdf_takes_nothing_in() -> None:
    with pytest.raises(NotWritten):
        factur_x_of(document(), b"%PDF-1.7 broken")


def _print() -> bytes:
    writer, file = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=595, height=842)
    writer.write(file)
    return file.getvalue()
