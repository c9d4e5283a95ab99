"""A buyer disputes a line, a clerk answers; a guest pays by a link: at a desk and by phone."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from quittance.disputes.models import InvoiceDispute
from quittance.paylinks.making import make_link
from quittance.payments.models import Payment
from quittance.tenancy.rows import reading
from tests.browser.conftest import Site
from tests.browser.looks import LOOKS, complaints, look_at
from tests.disputes.quarrels import PDF, person

_LOOKS = [LOOKS["wide and dark"], LOOKS["phone of 320 px"]]
_IDS = ["desk", "phone"]


@pytest.mark.parametrize("look", _LOOKS, ids=_IDS)
def test_a_dispute_goes_from_the_invoice_to_a_yes(look: dict[str, Any], site: Site) -> None:
    invoice, found = site.door.ground.bill("250.00"), []  # type: ignore[var-annotated]
    buyer, office = site.context(**look), site.context(**look)
    page, desk = buyer.new_page(), office.new_page()

    with complaints(page, found):
        site.sign_in(page)
        page.goto(f"{site.address}/invoices/{invoice.pk}")
        page.locator("a[href$='/dispute']").click()
        page.wait_for_selector("#reason")
        look_at(page, found)
        page.select_option("#reason", "damaged")
        page.locator("input[name^='line-']").first.check()
        page.locator("input[name^='amount-']").first.fill("12.50")
        page.fill("#text", "Two were broken.")
        page.set_input_files(
            "#files", {"name": "slip.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        page.click("button:has-text('Send dispute')")
        page.wait_for_url("**/disputes/*")
        look_at(page, found)
        page.goto(f"{site.address}/invoices?tab=disputed")
        look_at(page, found)
    with complaints(desk, found):
        site.sign_in(desk, "priya@example.test")
        desk.goto(f"{site.address}/office/disputes")
        look_at(desk, found)
        desk.locator("td.c-id a").first.click()
        desk.wait_for_url("**/office/disputes/*")
        look_at(desk, found)
        desk.click("summary:has-text('Accept')")
        desk.click("form[action$='/accept'] button")
        desk.wait_for_url("**?done=accepted")
    page.goto(f"{site.address}/invoices/{invoice.pk}")

    assert found == []
    assert "a credit note comes" in page.inner_text("main")
    with reading():
        assert InvoiceDispute.objects.get(invoice=invoice).status == "accepted"
    buyer.close()
    office.close()


@pytest.mark.parametrize("look", _LOOKS, ids=_IDS)
def test_a_guest_pays_by_a_link(look: dict[str, Any], site: Site) -> None:
    invoice, found = site.door.ground.bill("250.00"), []  # type: ignore[var-annotated]
    token = make_link(
        [invoice.pk], by=person(role="clerk"), key=uuid.uuid4(), days=14, parts=True, send_to="",
        address_of=str,
    ).token  # fmt: skip
    context = site.context(**look)
    page = context.new_page()

    with complaints(page, found):
        page.goto(f"{site.address}/pay/{token}")
        look_at(page, found)
        page.click("button[type=submit]")
        page.wait_for_url(f"{site.address}/pay")
        look_at(page, found)
        page.fill("#name", "Ada Paye")
        page.fill("#mail", "ada@payer.example")
        page.click("main button[type=submit]")
        for field in ("[data-pay]", "[name=method]", "[name=total]"):
            page.wait_for_selector(field, state="attached")
            look_at(page, found)
            page.locator("button.btn-primary").click()
        page.wait_for_url("**/pay/pay_*")  # the gateway's own page
    page.goto(f"{site.address}/payments/{_payment().pk}")

    assert found == []
    assert _payment().payer_name == "Ada Paye"
    assert "Harborline" not in page.inner_text("main")
    context.close()


def _payment() -> Payment:
    with reading():
        return Payment.objects.get()
