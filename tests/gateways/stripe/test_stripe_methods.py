"""What is Stripe's own about saved methods: customers, mandates, and charges in two steps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quittance.core.errors import Unavailable
from quittance.gateways.base import Holder, MovementKind, PaymentState
from quittance.gateways.charges import StartedBy
from quittance.gateways.contract import caught, make_request, request_for
from quittance.gateways.contract_deeds import told
from quittance.gateways.contract_kept import Later, charge_of, consent, save_request, saved
from quittance.gateways.saved import MandateState
from tests.gateways.stripe.stripe_stage import StripeStage

failure = pytest.mark.failure


@failure("F18")
def test_a_charge_is_not_confirmed_again_when_its_key_is_forgotten(stage: StripeStage) -> None:
    request = charge_of(stage, saved(stage), by=StartedBy.SELLER)
    made = stage.gateway.prepare_charge(request)
    stage.gateway.charge(made.gateway_object, request)
    stage.control("/keys/expire")

    again = stage.gateway.charge(made.gateway_object, request)

    assert again.state is PaymentState.SUCCEEDED
    books = list(stage.gateway.movements_of(made.gateway_object))
    assert told(books, MovementKind.CHARGE) == [("", request.amount.minor)]


def test_a_charge_that_failed_is_over_at_stripe_too(stage: StripeStage) -> None:
    for later, reason in (
        (Later.DECLINED, "declined"), (Later.NEEDS_PAYER, "authentication_required")
    ):  # fmt: skip
        request = charge_of(stage, saved(stage, later=later), by=StartedBy.SELLER)
        made = stage.gateway.prepare_charge(request)

        stage.gateway.charge(made.gateway_object, request)

        over = stage.shown(made.gateway_object)
        assert (over["status"], over["last_payment_error"]) == ("canceled", None)
        assert stage.gateway.read_payment(made.gateway_object).reason == reason


def test_a_charge_is_of_its_own_payment_only(stage: StripeStage) -> None:
    first, second = (charge_of(stage, saved(stage), by=StartedBy.SELLER) for _ in range(2))
    made = stage.gateway.prepare_charge(first)

    with pytest.raises(Exception, match="another payment"):
        stage.gateway.charge(made.gateway_object, second)

    assert stage.gateway.read_payment(made.gateway_object).waits_for_us


def test_a_bank_account_that_was_kept_with_a_payment_is_debited_again(stage: StripeStage) -> None:
    request = save_request(stage, "bank_debit")
    asked = make_request(method="bank_debit", payer=request.payer, consent=consent(Holder.BUSINESS))
    payment = stage.gateway.create_payment(asked)
    stage.pay(payment)

    kept = stage.gateway.method_of_payment(payment.gateway_object)

    assert kept is not None
    assert kept.mandate is not None
    assert (kept.mandate.scheme, kept.mandate.state) == ("ach_ccd", MandateState.ACTIVE)
    charge = charge_of(stage, kept, by=StartedBy.SELLER)
    made = stage.gateway.prepare_charge(charge)
    assert stage.gateway.charge(made.gateway_object, charge).state is PaymentState.PROCESSING


def test_a_payer_is_made_once(stage: StripeStage) -> None:
    request = save_request(stage)
    seen = stage.mark()

    made = [stage.gateway.start_saving(save_request(stage, payer=request.payer)) for _ in range(2)]

    customers = {stage.shown(each.gateway_saving)["customer"] for each in made}
    assert len(customers) == 1
    posts = [call for call in stage.requests(seen) if call["path"] == "/v1/customers"]
    (key,) = {call["key"] for call in posts}
    assert key.startswith(f"payer:{request.payer.reference}:")
    assert request.payer.email not in key


def test_two_people_of_one_customer_save_and_pay_the_same_day(stage: StripeStage) -> None:
    first = save_request(stage).payer
    second = replace(first, email=f"second.{first.email}")

    made = [stage.gateway.start_saving(save_request(stage, payer=each)) for each in (first, second)]

    assert len({each.gateway_saving for each in made}) == 2
    asked = replace(request_for(stage.gateway), payer=second, consent=save_request(stage).consent)
    assert stage.gateway.create_payment(asked).reference == asked.reference


def test_while_it_is_not_known_whether_a_payer_was_made_nothing_is_begun(
    stage: StripeStage,
) -> None:
    request = save_request(stage)
    stage.control("/faults", match="POST /v1/customers", kind="drop_after")
    seen = stage.mark()

    caught(Unavailable, stage.gateway.start_saving, request)

    assert [call["path"] for call in stage.requests(seen)] == ["/v1/customers"]
    assert stage.gateway.start_saving(request).reference == request.reference
