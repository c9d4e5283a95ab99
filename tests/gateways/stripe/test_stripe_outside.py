"""Stripe itself in test mode, by hand: what can be done without a payer's browser.

Runs when the environment names a key of test mode; how is in docs/reference/stripe.md.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast
from uuid import uuid4

import httpx
import pytest

from quittance.core.errors import Refused
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.gateways import registry
from quittance.gateways.base import Agreement, MovementKind, PaymentState, RefundRequest
from quittance.gateways.charges import ChargeRequest, StartedBy
from quittance.gateways.contract import caught, make_request
from quittance.gateways.stripe.gateway import StripeGateway
from quittance.httpclient.client import new_client
from tests.gateways.stripe.shapes import problems_of_answer

PREFIX = "QUITTANCE_TEST_STRIPE_"


def settings() -> dict[str, str]:
    """What the environment says, such as ``QUITTANCE_TEST_STRIPE_API_KEY``."""
    named = {
        each.name: os.environ.get(PREFIX + each.name.upper(), "")
        for each in registry.fields("stripe")
    }
    found = {name: value for name, value in named.items() if value}
    return {"webhook_secret": "whsec_none", **found} if "api_key" in found else {}


pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(not settings(), reason=f"{PREFIX}API_KEY is not set"),
]


@dataclass
class Outside:
    """The adapter, the bare API for what payers do, and what the answers said wrongly."""

    client: httpx.Client
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        assert "_test_" in settings()["api_key"], "Never with a live key."
        self.client.event_hooks = {"response": [self._look]}
        self.gateway = cast(
            "StripeGateway", registry.open_gateway("stripe", settings(), self.client)
        )

    def _look(self, response: httpx.Response) -> None:
        response.read()
        if response.is_success and response.request.url.path.startswith("/v1/"):
            self.problems += problems_of_answer(json.loads(response.content))

    def post(self, path: str, **asked: str) -> str:
        """Do what a payer does, and return the object's id."""
        address = settings().get("address", "https://api.stripe.com")
        headers = {"Authorization": f"Bearer {settings()['api_key']}"}
        answer = self.client.post(f"{address}/v1{path}", data=asked, headers=headers)
        assert answer.is_success or answer.status_code == 402, answer.text
        return str(answer.json().get("id", ""))

    def saved(self, test_method: str) -> tuple[str, str]:
        """Return a customer and a method of his that is kept for charges of ours."""
        customer = self.post("/customers", name="Ann Example")
        method = self.post(f"/payment_methods/{test_method}/attach", customer=customer)
        done = {"payment_method": method, "customer": customer, "usage": "off_session"}
        done |= {"automatic_payment_methods[enabled]": "true"}
        done |= {"automatic_payment_methods[allow_redirects]": "never"}
        self.post("/setup_intents", confirm="true", **done)
        return customer, method


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    client = new_client()
    yield Outside(client)
    client.close()


def charge_of(customer: str, method: str) -> ChargeRequest:
    return ChargeRequest(
        reference=f"{new_id()}:1",
        gateway_method=method,
        gateway_payer=customer,
        amount=Money(2500, "USD"),
        description="Invoice 103021",
        started_by=StartedBy.SELLER,
        agreement=Agreement.UNSCHEDULED,
    )


def test_the_account_says_its_id(outside: Outside) -> None:
    assert outside.gateway.check().id.startswith("acct_")


def test_open_is_whether_a_session_is_in_the_list_at_once(outside: Outside) -> None:
    """``find_payment`` rests on it."""
    for _ in range(5):
        request = make_request(reference=f"{new_id()}:1")

        made = outside.gateway.create_payment(request)

        assert outside.gateway.find_payment(request.reference) == made
        assert outside.gateway.create_payment(request).gateway_object == made.gateway_object
        assert outside.gateway.cancel_payment(made.gateway_object).state is PaymentState.CANCELLED


def test_the_same_reference_for_another_amount_is_refused(outside: Outside) -> None:
    request = make_request()
    outside.gateway.create_payment(request)

    other = make_request(reference=request.reference, amount=Money(1051, "USD"))

    caught(Refused, outside.gateway.create_payment, other)


def test_a_paid_intent_is_in_the_books_and_refunded_once(outside: Outside) -> None:
    customer, method = outside.saved("pm_card_visa")
    request = charge_of(customer, method)
    made = outside.gateway.prepare_charge(request)

    paid = outside.gateway.charge(made.gateway_object, request)

    assert (paid.state, paid.method_label) == (PaymentState.SUCCEEDED, "Visa ••4242")
    refund = RefundRequest(
        reference=f"test-{uuid4()}", gateway_object=made.gateway_object, amount=Money(400, "USD")
    )
    first, second = (outside.gateway.create_refund(refund) for _ in range(2))
    assert first.gateway_refund == second.gateway_refund
    moved = outside.gateway.movements_of(made.gateway_object)
    assert [one.kind for one in moved] == [MovementKind.CHARGE, MovementKind.REFUND]
    found = outside.gateway.find_refund(refund.reference, gateway_object=made.gateway_object)
    assert found == outside.gateway.read_refund(first.gateway_refund)


def test_open_is_whether_a_charge_without_the_payer_is_over_when_his_bank_asks(
    outside: Outside,
) -> None:
    request = charge_of(*outside.saved("pm_card_authenticationRequired"))
    made = outside.gateway.prepare_charge(request)

    told = outside.gateway.charge(made.gateway_object, request)

    assert (told.state, told.reason) == (PaymentState.FAILED, "authentication_required")
    assert outside.gateway.read_payment(made.gateway_object) == told


def test_open_is_whether_the_fields_intent_takes_the_parameters(outside: Outside) -> None:
    if not settings().get("publishable_key"):
        pytest.skip(f"{PREFIX}PUBLISHABLE_KEY is not set")
    for method in ("card", "bank_debit"):
        made = outside.gateway.create_payment(make_request(method=method, embedded=True))

        assert outside.gateway.fields_of_payment(made.gateway_object).client_token
        outside.gateway.cancel_payment(made.gateway_object)


def test_open_is_how_isk_and_its_kind_are_counted(outside: Outside) -> None:
    for amount in (Money(500, "JPY"), Money(500, "ISK"), Money(12340, "KWD")):
        made = outside.gateway.create_payment(make_request(amount=amount))

        assert made.amount == amount
        outside.gateway.cancel_payment(made.gateway_object)


def test_the_books_are_read_to_their_end(outside: Outside) -> None:
    cursor, more = "", True
    while more:
        page = outside.gateway.movements(cursor)
        cursor, more = page.cursor, page.more

    assert outside.gateway.movements(cursor).movements == []
    assert outside.gateway.balances() is not None
    assert outside.gateway.payouts() is not None


def test_open_is_whether_every_answer_was_as_the_types_say(outside: Outside) -> None:
    """The last one: it judges what the others were answered."""
    assert sorted(set(outside.problems)) == []
