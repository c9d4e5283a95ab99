"""Checkouts with the sandboxes of Stripe and PayPal, as a buyer walks them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.paypal.launch import Running as PayPal
from sandbox.paypal.launch import start_paypal
from sandbox.stripe.launch import Running as Stripe
from sandbox.stripe.launch import start_stripe
from tests.browser.conftest import Site
from tests.browser.shoppers import new_page, press_pay, settled, settled_later, to_review, type_in
from tests.ground import CARD

BACK = "**/payments/*?from=gateway*"
DECLINED, ASKED = "4000000000009995", "4000002760003184"


@pytest.fixture(scope="module")
def stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stripe]:
    with start_stripe(tmp_path_factory.mktemp("stripe"), settle_delay=86400) as started:
        yield started


@pytest.fixture(scope="module")
def paypal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PayPal]:
    with start_paypal(tmp_path_factory.mktemp("paypal"), settle_delay=600) as started:
        yield started


def only(site: Site, kind: str, *, embeds: bool = False, **settings: str) -> Site:
    """Have this gateway alone."""
    from quittance.connections.keep import keep_gateway_account
    from quittance.connections.models import GatewayAccount
    from quittance.connections.offer_rules import set_embedding
    from quittance.tenancy.rows import writing

    with writing():
        GatewayAccount.objects.update(is_active=False)
        account = keep_gateway_account(kind=kind, name=kind, settings=settings)
    set_embedding(account.pk, embeds=embeds)
    return site


def at_stripe(site: Site, stripe: Stripe, *, embeds: bool) -> Site:
    return only(
        site, "stripe", embeds=embeds, api_key="sk_test_northwind",
        publishable_key="pk_test_northwind", webhook_secret="whsec_secretofthetests",
        address=stripe.url, script_address=f"{stripe.script_url}/endive/stripe.js",
    )  # fmt: skip


def test_in_stripes_fields_a_card_is_declined_then_asked_for_and_taken(
    site: Site, stripe: Stripe
) -> None:
    page = new_page(at_stripe(site, stripe, embeds=True))
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    to_review(site, page)
    press_pay(page)

    type_in(page, DECLINED)
    page.wait_for_selector("[data-problem]:has-text('insufficient funds')")
    type_in(page, ASKED)
    bank = page.frame_locator("dialog iframe")
    bank.get_by_role("button", name="Approve", exact=True).click()
    page.wait_for_url(BACK)

    assert settled(site) == "succeeded"
    assert [text for text in said if "Content Security Policy" in text] == []
    page.context.close()


@pytest.mark.failure("F15")
def test_in_stripes_fields_a_connection_that_breaks_is_told_as_unknown(
    site: Site, stripe: Stripe
) -> None:
    page = new_page(at_stripe(site, stripe, embeds=True))
    to_review(site, page)
    press_pay(page)
    page.route("**/confirm", lambda route: route.abort())
    type_in(page, CARD)
    page.wait_for_selector("[data-unknown]:not([hidden])")

    assert page.is_hidden("[data-problem]")
    assert page.get_attribute("[data-pay]", "aria-disabled") == "true"
    page.context.close()


def test_on_stripes_page_a_payer_is_declined_and_gives_up_or_pays_and_is_sent_back(
    site: Site, stripe: Stripe
) -> None:
    page = new_page(at_stripe(site, stripe, embeds=False))
    found = []
    for number in (DECLINED, ASKED):
        to_review(site, page)
        press_pay(page)
        for name, value in {
            "number": number,
            "expiry": "12/40",
            "cvc": "123",
            "name": "Ann",
        }.items():
            page.fill(f"#{name}", value)
        page.get_by_role("button", name="Pay 250.00 USD").click()
        if number == DECLINED:
            page.get_by_role("alert").wait_for()
            found.append(settled_later(site))
            continue
        page.get_by_role("button", name="Approve", exact=True).click()
        page.wait_for_url(BACK)
        found.append(settled(site))

    assert found == ["failed", "succeeded"]
    page.context.close()


def test_at_paypal_a_payer_agrees_and_our_word_takes_the_money_also_when_the_tab_is_closed(
    site: Site, paypal: PayPal
) -> None:
    shop = only(
        site, "paypal", address=paypal.url, client_id="northwind-client", report_lag="0",
        client_secret="northwind-secret", webhook_id="8PT597110X687430LKGECATA",
    )  # fmt: skip
    page = new_page(shop)
    found = []
    for closes in (False, True):
        to_review(shop, page, "wallet")
        press_pay(page)
        if closes:
            page.route(BACK, lambda route: route.abort())
        page.get_by_role("button", name="Agree and continue").click()
        if closes:
            page.wait_for_event("requestfailed")
            page.close()
        else:
            page.wait_for_url(BACK)
        found.append(settled(shop))

    assert found == ["succeeded", "succeeded"]
    page.context.close()
