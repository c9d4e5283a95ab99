"""Paying in a gateway's fields on our page and on its own page, and closing the tab meanwhile."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Site
from tests.browser.shoppers import (
    latest,
    new_page,
    on_page,
    press_pay,
    settled,
    settled_later,
    to_review,
    type_in,
)
from tests.ground import CARD, DECLINED, _gateway_settings

ASKED = "4000002500003155"  # its bank asks the payer
BACK = "**/payments/*?from=gateway"
failure = pytest.mark.failure


@pytest.fixture
def shop(site: Site) -> Site:
    """A portal whose gateway has its fields on our page."""
    from quittance.connections.keep import keep_gateway_account
    from quittance.connections.offer_rules import set_embedding
    from quittance.tenancy.rows import writing

    world = site.door.ground.world
    settings = _gateway_settings(world) | {"fields_address": world.gateway.fields_url}
    with writing():
        account = keep_gateway_account(kind="sandbox", name="Gateway", settings=settings)
    set_embedding(account.pk, embeds=True)
    return site


def test_in_fields_a_card_is_declined_then_asked_for_and_taken_within_the_policy(
    shop: Site,
) -> None:
    page = new_page(shop)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    to_review(shop, page)
    press_pay(page)

    type_in(page, DECLINED)
    page.wait_for_selector("[data-problem]:not([hidden]):focus")
    type_in(page, ASKED).locator("[value=approve]").click()
    page.wait_for_url(BACK)

    assert settled(shop) == "succeeded"
    assert [text for text in said if "Content Security Policy" in text] == []
    page.context.close()


@failure("F11")
def test_a_tab_closed_at_the_fields_during_the_question_or_after_paying_resolves_by_itself(
    shop: Site,
) -> None:
    page = new_page(shop)
    found = []
    for number in ("", ASKED, CARD):
        to_review(shop, page)
        press_pay(page)
        page.route(BACK, lambda route: route.abort())
        if number == ASKED:
            type_in(page, number).locator("[value=approve]").wait_for()
        elif number:
            with page.expect_event("requestfailed"):
                type_in(page, number)
        page.close()
        found.append(settled(shop) if number == CARD else settled_later(shop))
        page = page.context.new_page()

    assert found == ["cancelled", "cancelled", "succeeded"]
    page.context.close()


@failure("F11")
def test_a_tab_closed_before_on_or_after_the_gateways_page_resolves_by_itself(site: Site) -> None:
    page = new_page(site)
    found = []
    for stop in ("before", "on it", "during", "after"):
        to_review(site, page)
        if stop == "before":
            page.route("**/pay/**", lambda route: route.abort())
            with page.expect_event("requestfailed"):
                page.click("button:has-text('Pay $250.00')")
            page.unroute("**/pay/**")
        else:
            press_pay(page)
        if stop == "during":
            on_page(page, ASKED)
            page.locator("[value=approve]").wait_for()
        if stop == "after":
            page.route(BACK, lambda route: route.abort())
            with page.expect_event("requestfailed"):
                on_page(page, CARD)
        page.close()
        found.append(settled(site) if stop == "after" else settled_later(site))
        page = page.context.new_page()

    assert found == ["cancelled", "cancelled", "cancelled", "succeeded"]
    page.context.close()


@failure("F15")
@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_when_the_gateway_goes_silent_the_buyer_is_told_and_goes_on_once_it_is_known(
    kind: str, shop: Site
) -> None:
    page = new_page(shop)
    to_review(shop, page)
    shop.door.ground.world.gateway_fault("POST /v1/payments", kind)
    page.click("button:has-text('Pay $250.00')")
    page.wait_for_url("**/payments/*")
    assert latest().status == "in_flight"

    if kind == "drop_after":
        settled(shop)
        page.reload()
        page.click("a:has-text('Go on to the payment page')")
        type_in(page, CARD)
        page.wait_for_url(BACK)
        assert settled(shop) == "succeeded"
    else:
        assert settled_later(shop) == "failed"
    page.context.close()


@failure("F15")
def test_an_answer_that_is_lost_in_the_fields_is_told_as_unknown_and_nobody_pays_twice(
    shop: Site,
) -> None:
    page = new_page(shop)
    to_review(shop, page)
    press_pay(page)
    page.route("**/confirm", lambda route: route.abort())
    type_in(page, CARD)
    page.wait_for_selector("[data-unknown]:not([hidden])")

    assert "We do not know yet" in page.inner_text("[data-unknown]")
    assert page.is_hidden("[data-problem]")
    assert page.get_attribute("[data-pay]", "aria-disabled") == "true"

    page.click("[data-unknown] a")
    page.wait_for_url(BACK)
    page.context.close()


def test_without_javascript_the_gateways_own_page_is_offered(shop: Site) -> None:
    page = new_page(shop, java_script_enabled=False)
    to_review(shop, page)
    page.click("button:has-text('Pay $250.00')")
    page.wait_for_selector("[name=number]")
    assert shop.door.ground.world.gateway.url in page.url
    page.context.close()
