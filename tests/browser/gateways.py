"""A portal with the sandbox of Stripe or PayPal alone, and what payers do on their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from sandbox.paypal.launch import Running as PayPal
from sandbox.stripe.launch import Running as Stripe
from tests.browser.conftest import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

BACK = "**/payments/*?from=gateway*"


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
    """Have Stripe alone, with its fields on our page or with its own page."""
    return only(
        site, "stripe", embeds=embeds, api_key="sk_test_northwind",
        publishable_key="pk_test_northwind", webhook_secret="whsec_secretofthetests",
        address=stripe.url, script_address=f"{stripe.script_url}/endive/stripe.js",
    )  # fmt: skip


def at_paypal(site: Site, paypal: PayPal) -> Site:
    """Have PayPal alone."""
    return only(
        site, "paypal", address=paypal.url, client_id="northwind-client", report_lag="0",
        client_secret="northwind-secret", webhook_id="8PT597110X687430LKGECATA",
    )  # fmt: skip


def goes_silent(gateway: Stripe | PayPal, match: str, kind: str) -> None:
    """Have the answer to the next such call be lost: before it is done, or after."""
    plan = {"match": match, "kind": kind, "times": 1}
    httpx.post(f"{gateway.control_url}/faults", json=plan).raise_for_status()


def type_at_stripe(page: Page, number: str) -> None:
    """Type a card on Stripe's page and press its button."""
    for name, value in {"number": number, "expiry": "12/40", "cvc": "123", "name": "Ann"}.items():
        page.fill(f"#{name}", value)
    page.get_by_role("button", name="Pay 250.00 USD").click()


def agree_at_paypal(page: Page) -> None:
    """Agree on PayPal's page."""
    page.get_by_role("button", name="Agree and continue").click()
