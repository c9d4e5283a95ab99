"""A newcomer comes in by invitation and does, without help, all that a clerk needs in a week."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from playwright.sync_api import expect

from quittance.disputes.models import InvoiceDispute
from quittance.invitations.inviting import Letter, Place, invite
from quittance.payments.models import Payment
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading
from tests.browser.conftest import Site
from tests.browser.hands import Hands, Keyboard, Pointer
from tests.browser.looks import complaints
from tests.browser.shoppers import SLOW, settled
from tests.disputes.quarrels import person
from tests.ground import CARD
from tests.payments.checkouts import credit_of
from tests.portal.guests import NEW, WORDS, link

PHONE = {
    "viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True,
    "device_scale_factor": 2,
}  # fmt: skip
DESK = {"viewport": {"width": 1280, "height": 900}}


@pytest.mark.parametrize(
    ("look", "hands"),
    [(DESK, Pointer), (PHONE, Pointer), (DESK, Keyboard)],
    ids=["desk", "phone", "keyboard alone"],
)
def test_a_newcomer_does_all_of_it(
    look: dict[str, Any], hands: type[Pointer] | type[Keyboard], site: Site
) -> None:
    found: list[str] = []
    late, *others = _owed(site)
    credit = credit_of(site.door.ground, "40.00")
    context = site.context(accept_downloads=True, **look)
    context.set_default_timeout(SLOW)
    page = context.new_page()
    by = hands(page)

    with complaints(page, found):
        _comes_in(site, by)
        _finds_by_its_purchase_order(by, late)
        _pays(site, by, late, others[:2], credit.pk)
        _disputes(site, by, others[2])
        _takes_a_statement(site, by)
        _uploads_a_list(site, by, others[3])
    context.close()

    assert found == []
    with reading():
        payment = Payment.objects.get(status=Payment.Status.SUCCEEDED)
        assert InvoiceDispute.objects.get().invoice_id == others[2].pk
    assert payment.amount_minor == 10_000 + 8_000 + 12_050 - 4_000
    assert payment.user_id is not None


def _owed(site: Site) -> list[Invoice]:
    """One that is late, with the buyer's own order, and four others."""
    ground = site.door.ground
    word = uuid.uuid4().hex[:8].upper()
    made = ground.world.clerk(
        "invoice", customer="C-10482", amount="250.00", date="2026-03-02", due="2026-04-01",
        purchase_order=f"PO-{word}",
    )  # fmt: skip
    rows = [ground.bill(each) for each in ("80.00", "120.50", "90.00", "75.00")]
    return [ground.read(made["id"]), *rows]


def _comes_in(site: Site, by: Hands) -> None:
    page, account = by.page, site.door.ground.account()
    letter = Letter(email=NEW, address_of=lambda token: f"{site.address}/invited/{token}")
    invite(letter, by=person(role="clerk"), key=uuid.uuid4(), places=[Place(account.pk, "pay")])

    page.goto(site.address + link())
    by.press(".box button.btn-primary")
    page.wait_for_url(f"{site.address}/invitation")
    by.write("#name", "Nina Berg")
    by.write("#password", WORDS)
    by.press(".box button.btn-primary")
    page.wait_for_url(f"{site.address}/")


def _finds_by_its_purchase_order(by: Hands, late: Invoice) -> None:
    page = by.page
    page.goto(page.url + "invoices")
    by.write("input[name=q]", late.purchase_order)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=PO-*")
    page.wait_for_selector("tbody tr:has-text('Overdue')")
    expect(page.locator("td.c-id a")).to_have_count(1)
    by.press("td.c-id a")
    page.wait_for_url(f"**/invoices/{late.pk}")
    page.wait_for_selector("text=Lines")
    with page.expect_download() as waiting:
        by.press("a[href$='/pdf']")
    assert waiting.value.suggested_filename.endswith(".pdf")


def _pays(site: Site, by: Hands, late: Invoice, others: list[Invoice], credit: uuid.UUID) -> None:
    """One in part, two in full, with a credit note; the rest by card."""
    page = by.page
    page.goto(f"{site.address}/invoices")
    for each in (late, *others):
        by.tick(f"input[name=invoice][value='{each.pk}']")
    page.wait_for_selector("#paybar:has-text('3 invoices selected')")
    by.press("#paybar button[name=pay]")
    page.wait_for_url("**/amounts")
    by.write(f"#amount-{late.pk}", "100.00")
    by.tick(f"input[name=credit][value='{credit}']")
    by.write(f"#credit-{credit}", "40.00")
    by.press(".flow-actions .btn-primary")
    page.wait_for_url("**/method")
    by.tick("input[value=card]")
    by.press(".flow-actions .btn-primary")
    page.wait_for_url("**/review")
    assert "Pay $260.50" in page.inner_text(".flow-actions .btn-primary")
    by.press(".flow-actions .btn-primary")
    page.wait_for_selector("[name=number]")
    for name, value in {
        "number": CARD,
        "expiry": "12/39",
        "cvc": "123",
        "name": "Nina Berg",
    }.items():
        by.write(f"[name={name}]", value)
    by.press("form button[type=submit]")
    page.wait_for_url("**/payments/**")
    assert settled(site) == Payment.Status.SUCCEEDED
    page.wait_for_selector("#state a[href$='receipt.pdf']")
    with page.expect_download() as waiting:
        by.press("#state a[href$='receipt.pdf']")
    assert waiting.value.suggested_filename.endswith(".pdf")


def _disputes(site: Site, by: Hands, invoice: Invoice) -> None:
    page = by.page
    page.goto(f"{site.address}/invoices/{invoice.pk}")
    by.press("a[href$='/dispute']")
    page.wait_for_selector("#reason")
    by.page.focus("#reason")
    page.select_option("#reason", "damaged")
    by.tick("input[type=checkbox][name^='line-']")
    by.write("#text", "Two of them were broken.")
    by.press("main form button.btn-primary")
    page.wait_for_url("**/disputes/*")


def _takes_a_statement(site: Site, by: Hands) -> None:
    page = by.page
    page.goto(f"{site.address}/statement")
    with page.expect_download() as waiting:
        by.press(".page-head a.btn-primary")
    assert waiting.value.suggested_filename.endswith(".pdf")


def _uploads_a_list(site: Site, by: Hands, invoice: Invoice) -> None:
    page = by.page
    page.goto(f"{site.address}/remittance")
    lines = f"Invoice,Amount\n{invoice.number},75.00\nNONE-1,5.00\n".encode()
    page.set_input_files("#file", {"name": "list.csv", "mimeType": "text/csv", "buffer": lines})
    by.press("main form .btn-primary")
    page.wait_for_selector(".paybar")
    assert "does not" in page.inner_text(".page-head")
    by.press(".paybar button[name=pay]")
    page.wait_for_url("**/amounts")
    assert page.input_value("[data-pay]") == "75.00"
