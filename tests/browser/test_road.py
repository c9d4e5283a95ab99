"""The first road by hand: with a script, without one, and by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site
from tests.ground import CARD


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without a script"])
def test_a_buyer_pays_three_invoices(script: bool, site: Site) -> None:
    ground = site.door.ground
    invoices = [ground.bill(amount) for amount in ("250.00", "80.00", "120.50")]
    context = site.context(java_script_enabled=script)
    page = context.new_page()

    site.sign_in_by_form(page)
    for invoice in invoices:
        page.check(f"input[value='{invoice.pk}']")
    if script:
        page.wait_for_selector("#paybar:has-text('3 invoices selected')")
        assert "$450.50" in page.inner_text("#paybar")
    page.click("#paybar button[name=pay] >> nth=0")
    page.fill(f"#amount-{invoices[0].pk}", "100")
    page.click("button:has-text('Continue')")
    page.check("input[value=card]")
    page.click("button:has-text('Continue')")
    page.click("button:has-text('Pay $300.50')")
    type_card(page)
    page.wait_for_url("**/payments/**")
    payment = settle(site, page)
    if not script:
        page.reload()
    page.wait_for_selector("h1:has-text('Paid')")
    page.wait_for_selector(f"dd:has-text('{payment}')")
    page.wait_for_selector("#state:not([hx-trigger])")
    context.close()


def test_the_whole_road_can_be_walked_by_keyboard(site: Site) -> None:
    invoice = site.door.ground.bill("250.00")
    context = site.context()
    page = context.new_page()
    site.sign_in_by_form(page)

    press_until(page, f"[value='{invoice.pk}']", "Tab")
    page.keyboard.press("Space")
    page.wait_for_selector("#paybar:has-text('1 invoice selected')")
    press_until(page, "#paybar button[name=pay]", "Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/amounts")
    press_until(page, "button.btn-primary", "Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/method")
    press_until(page, "[name=method]", "Tab")
    page.keyboard.press("ArrowDown")
    press_until(page, "button.btn-primary", "Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")
    press_until(page, "button.btn-primary", "Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=number]")
    context.close()


def test_a_wrong_amount_moves_the_focus_to_what_is_wrong(site: Site) -> None:
    invoice = site.door.ground.bill("250.00")
    context = site.context()
    page = context.new_page()
    site.sign_in_by_form(page)
    page.goto(f"{site.address}/invoices/{invoice.pk}")
    page.click("button[name=pay]:visible")

    page.fill(f"#amount-{invoice.pk}", "999")
    page.click("button:has-text('Continue')")
    page.wait_for_selector("[role=alert]:focus")

    assert page.input_value(f"#amount-{invoice.pk}") == "999.00"
    context.close()


def test_the_theme_changes_at_once_and_stays(site: Site) -> None:
    context = site.context(color_scheme="light")
    page = context.new_page()
    site.sign_in_by_form(page)

    with page.expect_response("**/theme"):
        page.click("[data-theme-toggle]:visible")
    changed = page.evaluate("document.documentElement.dataset.theme")
    page.reload()

    assert changed == page.evaluate("document.documentElement.dataset.theme") == "dark"
    context.close()


def type_card(page: Page) -> None:
    page.wait_for_selector("[name=number]")
    page.fill("[name=number]", CARD)
    page.fill("[name=expiry]", "12/39")
    page.fill("[name=cvc]", "123")
    page.fill("[name=name]", "Dana Okafor")
    page.locator("form button[type=submit]").first.click()


def settle(site: Site, page: Page) -> str:
    """Do the worker's part: ask the gateway and post; return the payment's number."""
    from quittance.payments.models import Payment
    from quittance.tenancy.rows import reading

    with reading():
        payment = Payment.objects.get()
    page.wait_for_timeout(300)
    site.door.ground.advance(payment)
    return payment.number


def press_until(page: Page, selector: str, key: str) -> None:
    """Press a key until the focus is where a person wants it, and can be seen there."""
    for _ in range(60):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by keyboard")
