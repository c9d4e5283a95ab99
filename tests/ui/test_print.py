"""Papers are drawn in every language, with letters that are embedded."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PdfReader

from quittance.core.languages import LANGUAGES
from quittance.core.money import Money
from quittance.ui.amounts import format_money
from quittance.ui.language import speaking
from quittance.ui.print.draw import draw_pdf


def receipt(language: str) -> dict[str, Any]:
    from django.utils.translation import gettext as _

    amount = format_money(Money(1304760, "USD"), LANGUAGES[language].locale)
    return {
        "seller": "Northwind", "address": "12 Harbour Road", "contact": "ar@northwind.example",
        "accent": "#0b5563", "title": _("Receipt"), "amount": amount, "currency": "USD",
        "facts": [(_("Type"), _("Payment of invoices")), (_("Method"), "Visa ••4242")],
        "heads": [_("Invoice"), _("Your PO"), _("Left to pay"), _("Paid")],
        "lines": [["INV-204391", "PO-77191", "", amount]], "total": [_("Total"), amount],
        "note": _("No fee or surcharge was charged."), "footer": "", "logo": [],
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_has_its_language_and_every_letter_of_it(language: str) -> None:
    with speaking(language):
        drawn = draw_pdf("receipt", receipt(language))
        again = draw_pdf("receipt", receipt(language))

    reader = PdfReader(io.BytesIO(drawn))
    text = reader.pages[0].extract_text()
    fonts = {str(font) for font in fonts_of(reader)}
    assert reader.trailer["/Root"]["/Lang"] == language
    assert "\ufffd" not in text
    assert any("PlexSansArabic" in font for font in fonts) == (language == "ar")
    assert drawn == again


def fonts_of(reader: PdfReader) -> set[str]:
    fonts = reader.pages[0]["/Resources"]["/Font"]
    return {str(font.get_object()["/BaseFont"]) for font in fonts.values()}
