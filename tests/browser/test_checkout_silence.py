"""Stripe and PayPal go silent, or the payer closes the tab: at each point it resolves by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.paypal.launch import Running as PayPal
from sandbox.stripe.launch import Running as Stripe
from tests.browser.conftest import Site
from tests.browser.gateways import (
    BACK,
    agree_at_paypal,
    at_paypal,
    at_stripe,
    goes_silent,
    type_at_stripe,
)
from tests.browser.shoppers import (
    latest,
    new_page,
    press_pay,
    settled,
    settled_later,
    to_review,
    type_in,
)
from tests.ground import CARD

if TYPE_CHECKING:
    from playwright.sync_api import Page

ASKED = "4000002760003184"  # its bank asks the payer
PAY = "button:has-text('Pay $250.00')"
failure = pytest.mark.failure


def go_on(page: Page) -> None:
    """Reload our page until it leads on to the gateway, and go there."""
    page.reload()
    page.click("a:has-text('Go on to the payment page')")


def silent(page: Page, gateway: Stripe | PayPal, match: str, kind: str) -> None:
    """Press Pay while the gateway's answer is lost; our page says that it is under way."""
    goes_silent(gateway, match, kind)
    page.click(PAY)
    page.wait_for_url("**/payments/*")
    assert latest().status == "in_flight"


@failure("F15")
@pytest.mark.parametrize("embeds", [True, False], ids=["fields", "page"])
@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_when_stripe_goes_silent_the_payer_pays_once_it_is_known_what_became_of_it(
    kind: str, embeds: bool, site: Site, stripe: Stripe
) -> None:
    page = new_page(at_stripe(site, stripe, embeds=embeds))
    to_review(site, page)
    silent(page, stripe, "POST /v1/payment_intents" if embeds else "POST /v1/checkout/*", kind)

    if kind == "drop_before":
        assert settled_later(site) == "failed"
    else:
        settled(site)
        go_on(page)
        (type_in if embeds else type_at_stripe)(page, CARD)
        page.wait_for_url(BACK)
        assert settled(site) == "succeeded"
    page.context.close()


@failure("F15")
@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_when_paypal_goes_silent_the_payer_pays_once_it_is_known_what_became_of_it(
    kind: str, site: Site, paypal: PayPal
) -> None:
    page = new_page(at_paypal(site, paypal))
    to_review(site, page, "wallet")
    silent(page, paypal, "POST /v2/checkout/orders", kind)

    if kind == "drop_before":
        assert settled_later(site) == "failed"
    else:
        settled(site)
        go_on(page)
        agree_at_paypal(page)
        page.wait_for_url(BACK)
        assert settled(site) == "succeeded"
    page.context.close()


@failure("F15")
@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_when_paypals_answer_to_our_word_is_lost_the_money_is_taken_once(
    kind: str, site: Site, paypal: PayPal
) -> None:
    page = new_page(at_paypal(site, paypal))
    to_review(site, page, "wallet")
    press_pay(page)
    goes_silent(paypal, "POST /v2/checkout/orders/*/capture", kind)
    agree_at_paypal(page)
    page.wait_for_url(BACK)

    found = [settled(site) for _ in range(3)]

    assert found[-1] == "succeeded"
    page.context.close()


@failure("F15")
@pytest.mark.parametrize("with_effect", [False, True])
def test_what_is_typed_into_stripes_fields_is_known_also_when_the_answer_never_comes(
    with_effect: bool, site: Site, stripe: Stripe
) -> None:
    page = new_page(at_stripe(site, stripe, embeds=True))
    to_review(site, page)
    press_pay(page)

    def lose(route) -> None:  # type: ignore[no-untyped-def]
        if with_effect:
            route.fetch()
        route.abort()

    page.route("**/confirm", lose)
    type_in(page, CARD)
    page.wait_for_selector("[data-unknown]:not([hidden])")
    page.close()

    assert (settled(site) if with_effect else settled_later(site)) == (
        "succeeded" if with_effect else "cancelled"
    )
    page.context.close()


@failure("F11")
def test_a_tab_closed_at_each_point_of_stripes_page_resolves_by_itself(
    site: Site, stripe: Stripe
) -> None:
    page = new_page(at_stripe(site, stripe, embeds=False))
    found = []
    for stop in ("before", "on it", "during", "after"):
        to_review(site, page)
        if stop == "before":
            page.route(f"{stripe.url}/**", lambda route: route.abort())
            with page.expect_event("requestfailed"):
                page.click(PAY)
        else:
            press_pay(page)
        if stop == "during":
            type_at_stripe(page, ASKED)
            page.get_by_role("button", name="Approve", exact=True).wait_for()
        if stop == "after":
            page.route(BACK, lambda route: route.abort())
            with page.expect_event("requestfailed"):
                type_at_stripe(page, CARD)
        page.close()
        found.append(settled(site) if stop == "after" else settled_later(site))
        page = page.context.new_page()

    assert found == ["cancelled", "cancelled", "cancelled", "succeeded"]
    page.context.close()


@failure("F11")
def test_a_tab_closed_at_each_point_of_stripes_fields_resolves_by_itself(
    site: Site, stripe: Stripe
) -> None:
    page = new_page(at_stripe(site, stripe, embeds=True))
    found = []
    for number in ("", ASKED, CARD):
        to_review(site, page)
        press_pay(page)
        page.route(BACK, lambda route: route.abort())
        if number == ASKED:
            type_in(page, number)
            page.frame_locator("dialog iframe").get_by_role(
                "button", name="Approve", exact=True
            ).wait_for()
        elif number:
            with page.expect_event("requestfailed"):
                type_in(page, number)
        page.close()
        found.append(settled(site) if number == CARD else settled_later(site))
        page = page.context.new_page()

    assert found == ["cancelled", "cancelled", "succeeded"]
    page.context.close()


@failure("F11")
def test_a_tab_closed_before_or_on_paypals_page_resolves_by_itself(
    site: Site, paypal: PayPal
) -> None:
    page = new_page(at_paypal(site, paypal))
    found = []
    for stop in ("before", "on it"):
        to_review(site, page, "wallet")
        if stop == "before":
            page.route(f"{paypal.url}/**", lambda route: route.abort())
            with page.expect_event("requestfailed"):
                page.click(PAY)
        else:
            press_pay(page)
        page.close()
        found.append(settled_later(site))
        page = page.context.new_page()

    assert found == ["cancelled", "cancelled"]
    page.context.close()
