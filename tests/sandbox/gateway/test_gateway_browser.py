"""The hosted page in a real browser: without JavaScript, on a phone, and for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from demo import browser as chromium
from tests.chromium import a_chromium
from tests.sandbox.gateway.gateway_caller import Caller
from tests.sandbox.gateway.shop import Shop

pytestmark = pytest.mark.browser
MODULE = Path(__file__).resolve().parents[3] / "quittance/gateways/sandbox/fields.js"
_MOUNT = """async ([text, facts]) => {
  const ours = await import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  window.fields = await ours.mount(document.body, facts);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if not path:
        pytest.skip("no Chromium found")
    with a_chromium(path) as browser:
        yield browser


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    made = Shop()
    yield made
    made.close()


def order(caller: Caller, shop: Shop, **changes: Any) -> dict[str, Any]:
    return caller.new_payment(return_url=shop.url, cancel_url=f"{shop.url}?cancelled", **changes)


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"#{name}", value)
    page.get_by_role("button", name="Pay USD 10.50").click()


def test_a_payer_without_javascript_is_declined_asked_and_sent_back_to_the_shop(
    browser: Browser, caller: Caller, shop: Shop
) -> None:
    payment = order(caller, shop)
    page = browser.new_page(java_script_enabled=False)
    page.goto(payment["url"])
    card = {"expiry": "12/30", "cvc": "123", "name": "Ann Example"}

    fill(page, number="4000 0000 0000 0002", **card)
    assert "The bank declined the card." in page.get_by_role("alert").inner_text()
    fill(page, number="4000 0025 0000 3155", **card)
    page.get_by_role("button", name="Approve", exact=True).click()

    # The redirect leaves the gateway's origin, which form-action must allow.
    assert page.url == f"{shop.url}?payment={payment['id']}"
    assert caller.read(payment["id"])["state"] == "succeeded"
    page.close()


def test_a_payer_can_go_back_without_paying(browser: Browser, caller: Caller, shop: Shop) -> None:
    payment = order(caller, shop, method="bank_debit")
    page = browser.new_page()
    page.goto(payment["url"])

    page.get_by_role("link", name="Cancel and return").click()

    assert page.url == f"{shop.url}?cancelled&payment={payment['id']}"
    assert caller.read(payment["id"])["state"] == "open"
    page.close()


def test_axe_finds_nothing_and_nothing_is_cut_off_on_a_small_phone(
    browser: Browser, caller: Caller, shop: Shop
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, bypass_csp=True)
    page = context.new_page()
    for method in ("card", "bank_debit"):
        page.goto(order(caller, shop, method=method)["url"])
        fill(page)  # with all its errors
        _holds(page)
    page.goto(f"{caller.running.url}/pay/pay_none")
    _holds(page)
    context.close()


def test_fields_on_the_shops_page_pay_and_ask_without_telling_the_shop_the_number(
    browser: Browser, caller: Caller, shop: Shop
) -> None:
    payment = order(caller, shop, embedded=True)
    facts = {
        "script": f"{caller.running.fields_url}/fields.js",
        "client_token": payment["client_token"],
    }
    page = browser.new_page()
    page.goto(shop.url)
    page.evaluate(_MOUNT, [MODULE.read_text("utf-8"), facts])
    frame = page.frame_locator("iframe")
    frame.locator("#number").fill("4000 0000 0000 0002")
    for name, value in {"expiry": "12/30", "cvc": "123", "name": "Ann Example"}.items():
        frame.locator(f"#{name}").fill(value)

    declined = page.evaluate("window.fields.confirm()")
    frame.locator("#number").fill("4000 0025 0000 3155")
    page.evaluate("() => { window.end = window.fields.confirm() }")
    frame.get_by_role("button", name="Approve", exact=True).click()
    approved = page.evaluate("window.end")

    assert declined == {"error": "The bank declined the card."}
    assert approved == {}
    assert caller.read(payment["id"])["state"] == "succeeded"
    assert "4000" not in page.content()
    assert page.url == shop.url
    page.close()


def _holds(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
