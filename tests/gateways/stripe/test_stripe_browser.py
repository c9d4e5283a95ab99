"""The payer in a real browser: on Checkout's page, and in the fields on our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page

from demo import browser as chromium
from quittance.gateways.base import GatewayPayment, PaymentState
from quittance.gateways.contract import make_request
from quittance.gateways.contract_kept import save_request
from quittance.gateways.fields import Fields
from quittance.gateways.saved import SavingState
from tests.chromium import a_chromium
from tests.gateways.stripe.shop_pages import Shop
from tests.gateways.stripe.stripe_stage import StripeStage

pytestmark = pytest.mark.browser
CARD = {"expiry": "12/40", "cvc": "123", "name": "Ann Example"}
_BODY = '<div id="place"></div><script type="module" src="/page.js"></script>'
_PAGE = """import {{ mount }} from "./fields.js";
const facts = {facts};
window.fields = await mount(document.getElementById("place"), facts);
document.body.dataset.ready = "yes";
"""


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


@contextmanager
def our_page(browser: Browser, shop: Shop, stage: StripeStage, facts: Fields) -> Iterator[Page]:
    """A page of a shop with the fields, under the policy that the adapter's facts ask for."""
    origins = stage.gateway.capabilities.origins
    shop.policy = (
        f"default-src 'none'; script-src 'self' {' '.join(origins.script)};"
        f" frame-src {' '.join(origins.frame)}; connect-src {' '.join(origins.connect)}"
    )
    told = {
        "script": facts.script, "public_key": facts.public_key, "options": dict(facts.options),
        "client_token": facts.client_token, "return_url": f"{shop.url}/return", "locale": "en",
    }  # fmt: skip
    shop.pages = {
        "/pay": ("text/html", _BODY),
        "/page.js": ("text/javascript", _PAGE.format(facts=json.dumps(told))),
        "/fields.js": ("text/javascript", stage.gateway.fields_module()),
    }
    page = browser.new_page()
    page.goto(f"{shop.url}/pay")
    page.locator("body[data-ready]").wait_for()  # no waiting for a text: the policy forbids eval
    yield page
    page.close()


def type_in(page: Page, **fields: str) -> None:
    frame = page.frame_locator("#place iframe")
    for name, value in fields.items():
        frame.locator(f"#{name}").fill(value)


def confirm(page: Page) -> None:
    page.evaluate("() => { window.done = window.fields.confirm(); }")


def embedded(stage: StripeStage, **changes: object) -> GatewayPayment:
    return stage.gateway.create_payment(make_request(embedded=True, **changes))


def state_of(stage: StripeStage, payment: GatewayPayment) -> PaymentState:
    return stage.gateway.read_payment(payment.gateway_object).state


def test_in_our_fields_a_card_is_declined_then_asked_for_and_then_taken(
    browser: Browser, shop: Shop, stage: StripeStage
) -> None:
    payment = embedded(stage)
    facts = stage.gateway.fields_of_payment(payment.gateway_object)
    with our_page(browser, shop, stage, facts) as page:
        type_in(page, number="4000 0000 0000 9995", **CARD)
        confirm(page)
        assert page.evaluate("window.done") == {"error": "Your card has insufficient funds."}
        assert state_of(stage, payment) is PaymentState.OPEN

        type_in(page, number="4000 0027 6000 3184", **CARD)
        confirm(page)
        bank = page.frame_locator("dialog iframe")
        bank.get_by_role("button", name="Approve", exact=True).click()

        assert page.evaluate("window.done") == {}
        assert "4000" not in page.content()
    assert state_of(stage, payment) is PaymentState.SUCCEEDED


def test_in_our_fields_a_bank_account_is_kept_with_its_mandate(
    browser: Browser, shop: Shop, stage: StripeStage
) -> None:
    saving = stage.gateway.start_saving(save_request(stage, "bank_debit", embedded=True))
    facts = stage.gateway.fields_of_saving(saving.gateway_saving)
    with our_page(browser, shop, stage, facts) as page:
        type_in(page, name="Ann", email="ann@shop.example", account="000123456789")
        type_in(page, routing="110000000")
        confirm(page)

        assert page.evaluate("window.done") == {}
    kept = stage.gateway.read_saving(saving.gateway_saving)
    assert kept.state is SavingState.SAVED
    assert kept.saved is not None
    assert kept.saved.label == "STRIPE TEST BANK ••6789"
    assert kept.saved.mandate is not None


def test_on_checkouts_page_a_payer_without_javascript_pays_and_comes_back(
    browser: Browser, shop: Shop, stage: StripeStage
) -> None:
    payment = stage.gateway.create_payment(make_request(return_url=f"{shop.url}/return"))
    page = browser.new_page(java_script_enabled=False)
    page.goto(payment.redirect_url)

    for number in ("4000 0000 0000 0069", "4000 0025 0000 3155"):
        for name, value in {"number": number, **CARD}.items():
            page.fill(f"#{name}", value)
        page.get_by_role("button", name="Pay 10.50 USD").click()
        if number.endswith("69"):
            assert "Your card has expired." in page.get_by_role("alert").inner_text()
    page.get_by_role("button", name="Approve", exact=True).click()

    page.wait_for_url(f"{shop.url}/return")
    page.close()
    assert state_of(stage, payment) is PaymentState.SUCCEEDED
