"""Step 1 adds up in the browser as the server does, and step 2 shows what each way comes to."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from quittance.core.clock import today
from quittance.receivables.models import Credit, CustomerAccount, Invoice
from tests.browser.conftest import Site
from tests.browser.looks import LOOKS, complaints, look_at
from tests.ground import EVENTS
from tests.payments.checkouts import credit_of, discounted, fee


def begun(site: Site, page: Page, *invoices: Invoice) -> None:
    """Tick these invoices and press Pay."""
    site.sign_in(page)
    for invoice in invoices:
        page.check(f"input[value='{invoice.pk}']")
    page.wait_for_selector(f"#paybar:has-text('{len(invoices)} invoices selected')")
    page.click("#paybar button[name=pay] >> nth=0")
    page.wait_for_url("**/amounts")  # until its script adds up


def use(page: Page, credit: Credit, amount: str) -> None:
    page.check(f"input[name=credit][value='{credit.pk}']")
    page.fill(f"#credit-{credit.pk}", amount)
    page.keyboard.press("Tab")


def summary(page: Page) -> dict[str, str]:
    """The lines of the summary that can be seen."""
    rows = page.locator("dl.sum > div:visible").all()
    return {
        row.locator("dt").inner_text().split("\n")[0]: row.locator("dd").inner_text()
        for row in rows
    }


@pytest.mark.parametrize(
    ("amount", "credit"),
    [("1,000.00", ""), ("980.00", ""), ("979.99", ""), ("1,000.00", "40.00"), ("500", "12.34"),
     ("1,000.00", "119.99"), ("1,000.00", "120.01")],
)  # fmt: skip
def test_the_browser_adds_up_as_the_server_does(amount: str, credit: str, site: Site) -> None:
    ground = site.door.ground
    note = credit_of(ground, "150.00")
    early, plain = discounted(ground, "1000.00"), ground.bill("100.00")
    context = site.context()
    page = context.new_page()
    begun(site, page, early, plain)

    page.fill(f"#amount-{early.pk}", amount)
    page.keyboard.press("Tab")
    if credit:
        use(page, note, credit)
    shown = summary(page)
    page.click("button:has-text('Continue')")
    page.wait_for_url("**/method")
    page.check("input[value=card]")
    found = summary(page)
    context.close()

    assert shown["To pay"] == found["You pay"]
    for line in ("2 invoices", "Early-payment discount", "Credits"):
        assert shown.get(line) == found.get(line)


def test_the_chosen_way_to_pay_changes_the_summary(site: Site) -> None:
    ground = site.door.ground
    fee(ground, valid_from=today("America/Los_Angeles"))
    context = site.context()
    page = context.new_page()
    begun(site, page, discounted(ground, "1000.00", days_ago=9), ground.bill("100.00"))
    page.click("button:has-text('Continue')")
    page.wait_for_url("**/method")

    page.check("input[value=bank_debit]")
    debit = summary(page)
    page.check("input[value=card]")
    card = summary(page)
    context.close()

    assert debit == {"2 invoices": "$1,080.00", "Fee": "No fee", "You pay": "$1,080.00"}
    assert card == {
        "2 invoices": "$1,100.00", "Early-payment discount": "\u2212$20.00", "Fee": "$27.00",
        "You pay": "$1,107.00",
    }  # fmt: skip


@pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))
def test_a_checkout_with_everything_in_it_can_be_used_by_everybody(
    look: dict[str, object], site: Site
) -> None:
    """Two accounts, two currencies, a discount, a credit and a fee."""
    from quittance.tenancy.rows import writing

    ground = site.door.ground
    site.door.person("C-10482", EVENTS, email="dana.two@example.test")
    fee(ground, valid_from=today("America/Los_Angeles"))
    note = credit_of(ground, "150.00")
    early, plain = discounted(ground, "1000.00"), ground.bill("300.00")
    other, euros = ground.bill("80.00", customer=EVENTS), ground.bill("70.00", customer=EVENTS)
    with writing():
        Invoice.objects.filter(pk=euros.pk).update(currency="EUR")
        CustomerAccount.objects.update(pays_only="")  # the ERP books any currency
    found: list[str] = []
    context = site.context(**look)
    page = context.new_page()

    with complaints(page, found):
        site.sign_in(page, "dana.two@example.test")
        for account, invoices in ((EVENTS, (other, euros)), ("C-10482", (early, plain))):
            page.goto(f"{site.address}/invoices")
            page.click("summary:has-text('Switch account')")
            page.click(f"button.menu-item:has-text('{account}')")
            for invoice in invoices:
                page.check(f"input[value='{invoice.pk}']")
            page.wait_for_selector("#paybar.kept")
        page.wait_for_selector("#paybar:has-text('4 invoices selected in 2 accounts')")
        look_at(page, found)
        page.click("#paybar button[value=USD]")
        page.wait_for_selector("[data-pay]")
        use(page, note, "150")
        look_at(page, found)
        page.click("button.btn-primary")
        page.wait_for_url("**/method")
        page.check("input[value=card]")
        look_at(page, found)
        page.click("button.btn-primary")
        page.wait_for_url("**/review")
        look_at(page, found)
        page.click("button.btn-primary")
        page.wait_for_selector("[name=number]")
        page.goto(f"{site.address}/payments")
        page.click("tbody a.id")
        page.wait_for_selector("#h-state")
        look_at(page, found)
    context.close()

    assert found == []
