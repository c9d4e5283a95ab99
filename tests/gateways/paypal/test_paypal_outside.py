"""PayPal's own sandbox, by hand: what its descriptions leave open, and what needs no payer.

Runs when the environment names a REST app of PayPal's sandbox; how is in docs/reference/paypal.md.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import cast
from uuid import uuid4

import pytest

from quittance.core.errors import Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways import registry
from quittance.gateways.base import PaymentState
from quittance.gateways.contract import caught, request_for
from quittance.gateways.paypal.gateway import PayPalGateway
from quittance.httpclient.client import new_client

PREFIX = "QUITTANCE_TEST_PAYPAL_"
_SANDBOX = "https://api-m.sandbox.paypal.com"


def settings() -> dict[str, str]:
    """What the environment says, such as ``QUITTANCE_TEST_PAYPAL_CLIENT_ID``."""
    named = {
        field.name: os.environ.get(PREFIX + field.name.upper(), "")
        for field in registry.fields("paypal")
    }
    found = {name: value for name, value in named.items() if value}
    return {"address": _SANDBOX, "webhook_id": "NONE", **found} if found else {}


pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(not settings(), reason=f"{PREFIX}CLIENT_ID and _CLIENT_SECRET are not set"),
]


@pytest.fixture(scope="module")
def gateway() -> Iterator[PayPalGateway]:
    client = new_client()
    yield cast("PayPalGateway", registry.open_gateway("paypal", settings(), client))
    client.close()


def test_the_account_says_its_id(gateway: PayPalGateway) -> None:
    assert gateway.check().id


def test_an_order_waits_for_its_payer_and_is_read_back(gateway: PayPalGateway) -> None:
    request = request_for(gateway)

    made = gateway.create_payment(request)

    assert (made.state, made.amount) == (PaymentState.OPEN, request.amount)
    assert made.redirect_url.startswith(("https://", "http://127.0.0.1:"))
    assert gateway.read_payment(made.gateway_object) == made
    assert gateway.create_payment(request).gateway_object == made.gateway_object


def test_open_is_whether_a_known_id_shows_the_first_order_to_other_content(
    gateway: PayPalGateway,
) -> None:
    """``find_payment`` rests on it. ``Unavailable`` here: PayPal refuses, and we stay in doubt."""
    made = gateway.create_payment(request_for(gateway))

    found = gateway.find_payment(made.reference)

    assert found is not None
    assert found.gateway_object == made.gateway_object


def test_open_is_whether_an_order_that_waits_for_its_payer_can_be_shut(
    gateway: PayPalGateway,
) -> None:
    """The description names ``CREATED`` and ``APPROVED``; ours is ``PAYER_ACTION_REQUIRED``."""
    made = gateway.create_payment(request_for(gateway))

    assert gateway.cancel_payment(made.gateway_object).state is PaymentState.CANCELLED
    assert gateway.read_payment(made.gateway_object).state is PaymentState.CANCELLED


def test_what_was_never_made_is_not_found(gateway: PayPalGateway) -> None:
    reference = f"test-{uuid4()}"

    assert gateway.find_payment(reference) is None
    caught(Refused, gateway.create_payment, request_for(gateway, reference=reference))


def test_open_is_whether_the_three_currencies_are_taken(gateway: PayPalGateway) -> None:
    for amount in (Money(1000, "JPY"), Money(100_000, "HUF"), Money(100_000, "TWD")):
        assert gateway.create_payment(request_for(gateway, amount=amount)).amount == amount


def test_the_report_is_read_to_its_end(gateway: PayPalGateway) -> None:
    cursor, more = "", True
    while more:
        page = gateway.movements(cursor)
        cursor, more = page.cursor, page.more

    assert gateway.movements(cursor).movements == []
    assert gateway.payouts() is not None
    assert gateway.balances() is not None


def test_a_forged_webhook_is_refused(gateway: PayPalGateway) -> None:
    headers = {
        "PAYPAL-AUTH-ALGO": "SHA256withRSA",
        "PAYPAL-CERT-URL": "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-0",
        "PAYPAL-TRANSMISSION-TIME": "2026-01-01T00:00:00Z",
    }

    with pytest.raises((Refused, Unavailable)):
        gateway.read_webhook(headers, b"{}")
