"""Paying with what is kept: how many actions it takes."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Site
from tests.browser.shoppers import latest, new_page
from tests.payments.kept import kept


def test_a_kept_card_pays_an_invoice_with_four_actions_from_the_list_to_the_receipt(
    site: Site,
) -> None:
    invoice, method = site.door.ground.bill("250.00"), kept(site.door.ground)
    page = new_page(site)
    page.goto(f"{site.address}/invoices")
    actions = [
        f"input[value='{invoice.pk}']",
        "#paybar button[name=pay] >> nth=0",
        f"button:has-text('Use {method.label}')",
        "button:has-text('Pay $250.00')",
    ]

    for action in actions:  # as fast as the browser can: no button comes where another one was
        page.click(action)

    page.wait_for_selector("h1:has-text('Paid')")
    expect(page.locator("a:has-text('PDF')")).to_have_count(1)
    assert len(actions) <= 4
    assert (latest().status, latest().method_label) == ("succeeded", method.label)
    page.context.close()


def test_kept_methods_come_first_and_a_new_one_can_be_taken_instead(site: Site) -> None:
    invoice, method = site.door.ground.bill("250.00"), kept(site.door.ground)
    page = new_page(site)
    page.goto(f"{site.address}/invoices/{invoice.pk}")
    page.click("button[name=pay]:visible")
    page.click("button:has-text('Other ways')")

    first = page.locator("#methods .option").first
    assert method.label in first.inner_text()
    assert first.locator("input").is_checked()
    page.check("input[value=card]")
    page.click("button:has-text('Continue')")
    page.click("button:has-text('Pay $250.00')")
    page.wait_for_selector("[name=number]")
    page.context.close()
