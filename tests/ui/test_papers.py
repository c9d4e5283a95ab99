"""Papers can be read by everybody: tagged, in every language, the same bytes for the same data."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PdfReader

from quittance.core.languages import LANGUAGES
from quittance.ui.language import speaking
from quittance.ui.print.draw import draw_pdf
from tests.painting.pictures import png

WORDS = {
    "en": "Receipt",
    "de": "Quittung für Größe",
    "fr": "Reçu",
    "es": "Recibo",
    "ar": "إيصال الدفع",
}


def data(title: str = "Receipt", **changes: Any) -> dict[str, Any]:
    return {
        "seller": "Northwind Traders", "address": "400 Westlake Ave N", "contact": "ar@n.example",
        "accent": "#0b5563", "footer": "UBI 123", "logo": [], "title": title,
        "amount": "$250.00", "currency": "USD", "facts": [[title, "P-1"]],
        "heads": ["A", "B", "C", "D"], "lines": [["IN-1", "PO-7", "$0.00", "$250.00"]],
        "total": ["Total", "$250.00"], "note": "", "aging": [], "proof": "SHA-256",
        "fingerprint": "00", "proof_note": "",
    } | changes  # fmt: skip


def fonts_of(reader: PdfReader) -> list[Any]:
    """The descriptors of every font on the pages."""
    found = []
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object().get("/DescendantFonts", [font])
            found += [each.get_object()["/FontDescriptor"].get_object() for each in inner]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_paper_is_tagged_and_brings_every_letter_along(language: str) -> None:
    with speaking(language):
        reader = PdfReader(io.BytesIO(draw_pdf("receipt", data(WORDS[language]))))

    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value
    assert str(root["/Lang"]) == language
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()
    fonts = fonts_of(reader)
    assert fonts
    for font in fonts:
        assert any(key in font for key in ("/FontFile", "/FontFile2", "/FontFile3"))
    names = {str(font["/FontName"]) for font in fonts}
    assert any("Inter" in name for name in names)
    assert any("Arabic" in name for name in names) == (language == "ar")
    assert not any("Libertinus" in name or "DejaVu" in name for name in names)  # typst's own


@pytest.mark.parametrize("document", ["receipt", "statement"])
def test_the_same_data_make_the_same_bytes(document: str) -> None:
    lines = (
        {"lines": [["IN-1", "PO-7", "X", "$0.00", "$250.00"]]} if document == "statement" else {}
    )
    words = data(logo=list(png(240, 60)), **lines)

    assert draw_pdf(document, words) == draw_pdf(document, words)


def test_nothing_of_the_data_is_run() -> None:
    reader = PdfReader(io.BytesIO(draw_pdf("receipt", data("#sys.inputs *bold* <x>"))))

    assert "#sys.inputs *bold* <x>" in reader.pages[0].extract_text()


def test_the_sellers_logo_stands_on_top_with_its_name_for_who_cannot_see_it() -> None:
    plain = PdfReader(io.BytesIO(draw_pdf("receipt", data()))).pages[0]
    branded = PdfReader(io.BytesIO(draw_pdf("receipt", data(logo=list(png(240, 60)))))).pages[0]

    assert "/XObject" not in plain["/Resources"]
    assert len(branded["/Resources"]["/XObject"]) == 1
    assert "UBI 123" in branded.extract_text()


def test_a_paper_says_who_wrote_it_and_when_is_not_in_it() -> None:
    metadata = PdfReader(io.BytesIO(draw_pdf("receipt", data()))).metadata

    assert metadata is not None
    assert metadata.author == "Northwind Traders"
    assert metadata.title == "Receipt P-1"
    assert metadata.creation_date is None


def test_letters_that_no_font_has_do_not_keep_a_payer_from_the_receipt() -> None:
    reader = PdfReader(io.BytesIO(draw_pdf("receipt", data(facts=[["Paid by", "客户有限公司"]]))))

    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"].value
    assert "Paid by" in reader.pages[0].extract_text()
