"""A card is saved, put first and removed by keyboard alone, on pages that everybody can use."""

from __future__ import annotations

from playwright.sync_api import Page

from quittance.tenancy.rows import reading
from quittance.wallet.models import KeptMethod
from tests.browser.conftest import Site
from tests.browser.looks import complaints, look_at
from tests.browser.test_road import press_until
from tests.ground import CARD


def press(page: Page, found: list[str], target: str, waits_for: str) -> None:
    """Look at the page, then reach a button or a link by Tab and press it."""
    look_at(page, found)
    press_until(page, target, "Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(waits_for)


def save_at_the_gateway(page: Page) -> None:
    """Do as the payer does on the gateway's own page."""
    page.wait_for_selector("[name=number]")
    page.fill("[name=number]", CARD)
    page.fill("[name=expiry]", "12/39")
    page.fill("[name=cvc]", "123")
    page.fill("[name=name]", "Dana Okafor")
    page.click("button[type=submit]")


def test_a_card_is_saved_put_first_and_removed_by_keyboard(site: Site) -> None:
    found: list[str] = []
    context = site.context(viewport={"width": 1360, "height": 900})
    page = context.new_page()
    site.sign_in(page)

    with complaints(page, found):
        page.goto(f"{site.address}/wallet")
        press(page, found, ".empty a.btn-primary", "[name=kind]")
        press_until(page, "[name=kind]:checked", "Tab")
        for _ in range(2):
            page.keyboard.press("ArrowDown")
        press(page, found, "button.btn-primary", "#agreed")
        press_until(page, "#agreed", "Tab")
        page.keyboard.press("Space")
        press_until(page, "form.paper button.btn-primary", "Tab")
        page.keyboard.press("Enter")
        save_at_the_gateway(page)
        page.wait_for_selector("text=Visa ••4242 is kept")
        look_at(page, found)
        page.goto(f"{site.address}/wallet")
        assert "Default" in page.inner_text(".rows")
        press_until(page, ".rows summary", "Tab")
        page.keyboard.press("Enter")
        press(page, found, ".rows .pop a[href$=remove]", "h1:has-text('Remove Visa')")
        press(page, found, "button.btn-danger", "text=No way to pay is kept yet")

    context.close()
    assert found == []
    with reading():
        assert KeptMethod.objects.get().ended_reason == "removed"
