"""Pages that people print: the seller's head, the figures, nothing to click, and no dark paper."""

from __future__ import annotations

import io

from pypdf import PdfReader

from tests.browser.conftest import Site


def test_invoice_statement_and_receipt_print_on_white_without_their_frame(site: Site) -> None:
    ground = site.door.ground
    invoice = ground.bill("250.00")
    payment = ground.paid((invoice, "100.00"))
    context = site.context(color_scheme="dark")
    page = context.new_page()
    site.sign_in(page)
    texts = {}

    for address in (f"/invoices/{invoice.pk}", "/statement", f"/payments/{payment.pk}"):
        page.goto(site.address + address)
        page.emulate_media(media="print", color_scheme="dark")
        scheme = page.evaluate("getComputedStyle(document.documentElement).colorScheme")
        visible = page.eval_on_selector_all(
            ".btn, .topbar, nav, .foot, .skip",
            "all => all.filter((each) => each.offsetParent).map((each) => each.className)",
        )
        assert (scheme, visible) == ("light", []), address
        sheets = PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
        texts[address] = " ".join(sheet.extract_text() for sheet in sheets)
        page.emulate_media(media="screen")
    context.close()

    for address, text in texts.items():
        assert "Northwind Traders" in text.replace("\n", " "), address
        assert "Skip to content" not in text
    invoiced, stated, received = texts.values()
    assert invoice.number in invoiced
    assert "Balance" in stated
    assert "$100.00" in received
