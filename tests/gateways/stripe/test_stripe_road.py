"""The whole road with Stripe at its side: from an invoice to a posted payment, and back again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quittance.connections.keep import keep_gateway_account
from quittance.connections.models import GatewayAccount
from quittance.payments.inbox import keep_messages
from quittance.payments.models import GatewayAttempt, Payment, Reversal
from quittance.tenancy.rows import reading, writing
from tests.gateways.stripe.stripe_stage import KEY, PUBLIC_KEY, SECRET, StripeStage
from tests.ground import Ground

failure = pytest.mark.failure


@pytest.fixture
def road(ground: Ground, stage: StripeStage) -> Ground:
    settings = {
        "api_key": KEY, "publishable_key": PUBLIC_KEY, "webhook_secret": SECRET,
        "address": stage.running.url,
        "script_address": f"{stage.running.script_url}/endive/stripe.js",
    }  # fmt: skip
    with writing():
        account = keep_gateway_account(kind="stripe", name="Stripe", settings=settings)
    return replace(ground, gateway_account_id=account.pk, webhook_path=account.webhook_path)


def object_of(payment: Payment) -> str:
    with reading():
        attempt = GatewayAttempt.objects.get(payment_id=payment.pk)
        assert GatewayAccount.objects.get(pk=attempt.gateway_account_id).kind == "stripe"
    return attempt.gateway_object or ""


def test_what_is_paid_at_stripe_is_posted_once_and_its_message_wakes_it(
    road: Ground, stage: StripeStage
) -> None:
    invoice = road.bill("250.00")
    payment = road.pay((invoice, "250.00"))
    stage.control(f"/pay/{object_of(payment)}", number="4242424242424242")
    message = stage.signed(object_of(payment))

    new = [keep_messages(road.webhook_path, *message) for _ in range(2)]

    assert new == [1, 0]
    assert road.advance(payment).status == "succeeded"
    assert road.read(invoice.erp_id).erp_status == "paid"


@failure("F15")
def test_a_lost_answer_of_stripe_is_looked_up_and_paid_once(
    road: Ground, stage: StripeStage
) -> None:
    invoice = road.bill("80.00")
    stage.control("/faults", match="POST /v1/checkout/sessions", kind="drop_after")
    payment = road.pay((invoice, "80.00"))
    unknown = payment.status

    found = road.advance(payment)

    assert (unknown, found.status) == ("in_flight", "in_flight")
    stage.control(f"/pay/{object_of(payment)}", number="4242424242424242")
    assert road.advance(payment).status == "succeeded"


@failure("F34")
def test_a_debit_that_comes_back_is_written_down_with_its_code(
    road: Ground, stage: StripeStage
) -> None:
    invoice = road.bill("120.00")
    payment = road.pay((invoice, "120.00"), method="bank_debit")
    stage.control(f"/pay/{object_of(payment)}", number="000000000009")
    assert road.advance(payment).status == "in_flight"
    stage.control(f"/settle/{object_of(payment)}")
    assert road.advance(payment).status == "succeeded"

    back = stage.control(f"/return/{object_of(payment)}", code="R01")
    message = stage.signed(back["id"], type="charge.dispute.created")
    keep_messages(road.webhook_path, *message)
    road.advance(payment)

    with reading():
        (made,) = Reversal.objects.filter(attempt__payment_id=payment.pk)
    assert (made.kind, made.status, made.code, made.amount_minor) == (
        "return", "succeeded", "R01", 12000,
    )  # fmt: skip
    assert made.reopens
