"""Where the money moves at PayPal: at capture, once, and never of an order that we shut."""

from __future__ import annotations

from typing import Any, cast

import pytest

from quittance.core.errors import Misconfigured, OutcomeUnknown, Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways.base import GatewayPayment, PaymentState
from quittance.gateways.charges import StartedBy
from quittance.gateways.contract import caught, request_for
from quittance.gateways.contract_kept import KeepingStage, charge_of, save_request, saved
from quittance.gateways.paypal.gateway import PayPalGateway
from tests.gateways.paypal.paypal_stage import PayPalStage

USUAL = Money(1050, "USD")


def made(stage: PayPalStage, *, amount: Money = USUAL) -> GatewayPayment:
    return stage.gateway.create_payment(request_for(stage.gateway, amount=amount))


def another(stage: PayPalStage) -> PayPalGateway:
    """An adapter that remembers nothing, as a worker's after a restart."""
    return cast("PayPalGateway", stage.open())


@pytest.mark.failure("F14")
def test_an_approved_order_that_nobody_captured_is_found_and_captured_once(
    stage: PayPalStage,
) -> None:
    payment = made(stage)
    stage.agree(payment)

    found = another(stage).find_payment(payment.reference)
    assert found is not None
    assert found.waits_for_us
    for _ in range(3):
        done = another(stage).complete_payment(found.gateway_object)

    assert done.state is PaymentState.SUCCEEDED
    assert stage.taken(payment.reference) == [1050]


def test_an_order_of_another_shop_is_never_captured_by_us(stage: PayPalStage) -> None:
    unit = {"amount": {"currency_code": "USD", "value": "7.00"}, "custom_id": "shop-1"}
    order = stage.ask("POST", "/v2/checkout/orders", intent="CAPTURE", purchase_units=[unit])
    stage.control(f"/orders/{order['id']}/approve")

    told = stage.whole.complete_payment(order["id"])

    assert (told.state, told.waits_for_us) == (PaymentState.OPEN, False)
    assert stage.taken("shop-1") == []


@pytest.mark.failure("F11")
def test_what_we_shut_is_not_captured_whatever_the_payer_does_later(stage: PayPalStage) -> None:
    payment = made(stage)
    assert stage.gateway.cancel_payment(payment.gateway_object).state is PaymentState.CANCELLED
    stage.agree(payment)

    told = another(stage).complete_payment(payment.gateway_object)

    assert told.state is PaymentState.CANCELLED
    assert stage.taken(payment.reference) == []


@pytest.mark.parametrize("declined", [True, False])
def test_an_order_that_paypal_does_not_let_us_shut_is_over_for_us(
    stage: PayPalStage, declined: bool
) -> None:
    payment = made(stage)
    stage.control("/faults", match="PATCH *", kind="issue", issue="NOT_PATCHABLE")

    if declined:
        stage.decline(payment)
        stage.control("/faults", match="PATCH *", kind="issue", issue="NOT_PATCHABLE")
        told = stage.whole.complete_payment(payment.gateway_object)
        assert (told.state, told.reason) == (PaymentState.FAILED, "declined")
    else:
        told = stage.gateway.cancel_payment(payment.gateway_object)
        assert told.state is PaymentState.CANCELLED

    assert (told.redirect_url, told.waits_for_us) == ("", False)
    assert stage.taken(payment.reference) == []


def test_a_lost_answer_to_shutting_is_asked_for_again(stage: PayPalStage) -> None:
    payment = made(stage)
    stage.control("/faults", match="PATCH *", kind="drop_after")

    caught(Unavailable, stage.gateway.cancel_payment, payment.gateway_object)

    assert stage.gateway.cancel_payment(payment.gateway_object).state is PaymentState.CANCELLED


def test_what_the_payer_agreed_to_is_shut_as_well(stage: PayPalStage) -> None:
    payment = made(stage)
    stage.agree(payment)

    assert stage.gateway.cancel_payment(payment.gateway_object).state is PaymentState.CANCELLED
    assert stage.taken(payment.reference) == []


@pytest.mark.parametrize(
    ("issue", "reason"),
    [
        ("INSTRUMENT_DECLINED", "declined"),
        ("PAYER_ACCOUNT_LOCKED_OR_CLOSED", "account_closed"),
        ("COMPLIANCE_VIOLATION", "fraud"),
        ("PAYER_ACTION_REQUIRED", "authentication_required"),
    ],
)
def test_a_decline_is_kept_at_paypal_and_ends_the_order(
    stage: PayPalStage, issue: str, reason: str
) -> None:
    payment = made(stage)
    stage.agree(payment)
    stage.control("/faults", match="POST *capture", kind="issue", issue=issue)

    told = stage.whole.complete_payment(payment.gateway_object)

    assert (told.state, told.reason, told.detail) == (PaymentState.FAILED, reason, issue)
    assert another(stage).read_payment(payment.gateway_object) == told
    assert another(stage).complete_payment(payment.gateway_object) == told
    assert stage.taken(payment.reference) == []


def test_money_that_another_order_took_under_our_id_is_in_doubt_and_no_decline(
    stage: PayPalStage,
) -> None:
    payment = made(stage)
    stage.agree(payment)
    stage.control("/faults", match="POST *capture", kind="issue", issue="DUPLICATE_INVOICE_ID")

    caught(OutcomeUnknown, stage.whole.complete_payment, payment.gateway_object)


def test_paypal_takes_one_payment_for_one_id_whatever_keys_it_forgot(stage: PayPalStage) -> None:
    request = request_for(stage.gateway)
    first = stage.gateway.create_payment(request)
    stage.control("/keys/expire")
    second = stage.gateway.create_payment(request)
    assert first.gateway_object != second.gateway_object
    stage.pay(first)
    stage.agree(second)

    caught(OutcomeUnknown, stage.whole.complete_payment, second.gateway_object)

    assert stage.taken(request.reference) == [1050]


def test_a_bank_account_takes_days_and_may_bring_nothing(stage: PayPalStage) -> None:
    for funding, move, state in (
        ("echeck", "settle", PaymentState.SUCCEEDED),
        ("echeck_denied", "deny", PaymentState.FAILED),
    ):
        payment = made(stage)
        stage.control(f"/orders/{payment.gateway_object}/approve", funding=funding)

        waiting = stage.whole.complete_payment(payment.gateway_object)
        assert (waiting.state, waiting.succeeded_at) == (PaymentState.PROCESSING, None)
        assert stage.gateway.movements_of(payment.gateway_object) == []
        stage.control(f"/captures/{stage.capture_of(payment)}/{move}")

        assert stage.gateway.read_payment(payment.gateway_object).state is state


@pytest.mark.failure("F15")
def test_none_is_sealed_so_that_a_first_request_comes_too_late(stage: PayPalStage) -> None:
    request = request_for(stage.gateway)

    assert stage.gateway.find_payment(request.reference) is None

    caught(Refused, stage.gateway.create_payment, request)
    assert another(stage).find_payment(request.reference) is None
    assert stage.taken(request.reference) == []


@pytest.mark.failure("F18")
def test_a_charge_is_found_in_the_report_when_its_key_was_forgotten(stage: PayPalStage) -> None:
    keeping = cast("KeepingStage", stage)
    request = charge_of(keeping, saved(keeping), by=StartedBy.SELLER)
    prepared = stage.whole.prepare_charge(request)
    stage.whole.charge(prepared.gateway_object, request)
    stage.control("/keys/expire")

    found = another(stage).find_payment(request.reference)

    assert found is not None
    assert (found.gateway_object, found.state) == (prepared.gateway_object, PaymentState.SUCCEEDED)
    assert stage.taken(request.reference) == [2500]


def test_an_account_whose_keeping_was_not_answered_is_kept_once(stage: PayPalStage) -> None:
    keeping = cast("KeepingStage", stage)
    saving = stage.whole.start_saving(save_request(keeping))
    stage.save(saving)
    stage.control("/faults", match="POST *payment-tokens", kind="drop_after")
    caught(OutcomeUnknown, stage.whole.complete_saving, saving.gateway_saving)

    told = another(stage).read_saving(saving.gateway_saving)

    assert told.saved is not None
    assert another(stage).complete_saving(saving.gateway_saving) == told
    customer = told.saved.gateway_payer
    kept = stage.ask("GET", f"/v3/vault/payment-tokens?customer_id={customer}")
    assert [one["id"] for one in kept["payment_tokens"]] == [told.saved.gateway_method]


def test_an_order_that_paypal_forgot_is_gone_for_good(stage: PayPalStage) -> None:
    payment = made(stage)
    stage.control(f"/orders/{payment.gateway_object}/expire")

    caught(Refused, stage.gateway.read_payment, payment.gateway_object)
    assert stage.gateway.find_payment(payment.reference) is None


def test_where_a_known_id_takes_no_other_content_an_order_of_which_nobody_knows_is_none(
    own_stage: PayPalStage,
) -> None:
    own_stage.control("/pace", strict_keys=1)
    request = request_for(own_stage.gateway)
    own_stage.control("/faults", match="POST /v2/*", kind="drop_after")
    caught(OutcomeUnknown, own_stage.gateway.create_payment, request)

    assert own_stage.gateway.find_payment(request.reference) is None

    keeping = cast("KeepingStage", own_stage)
    charge = charge_of(keeping, saved(keeping), by=StartedBy.SELLER)
    prepared = own_stage.whole.prepare_charge(charge)
    done = own_stage.whole.charge(prepared.gateway_object, charge)
    assert own_stage.gateway.find_payment(charge.reference) == done


def test_a_refusal_of_the_second_request_is_no_none(stage: PayPalStage) -> None:
    payment = made(stage)
    stage.control("/faults", match="POST /v2/checkout/orders", kind="status", status=422)

    caught(Unavailable, stage.gateway.find_payment, payment.reference)


@pytest.mark.failure("F09")
@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Money(1050, "JPY"), "1050"),
        (Money(105000, "HUF"), "1050"),
        (Money(105000, "TWD"), "1050"),
        (Money(1050, "EUR"), "10.50"),
        (Money(7, "USD"), "0.07"),
    ],
)
def test_three_currencies_have_no_decimals_at_paypal(
    stage: PayPalStage, amount: Money, written: str
) -> None:
    payment = made(stage, amount=amount)

    assert payment.amount == amount
    assert stage.asked(payment.reference)["purchase_units"][0]["amount"] == {
        "currency_code": amount.currency,
        "value": written,
    }


@pytest.mark.failure("F09")
@pytest.mark.parametrize("amount", [Money(1050, "HUF"), Money(1050, "TWD"), Money(1, "KWD")])
def test_what_paypal_can_not_take_exactly_is_refused_before_it_is_asked(
    stage: PayPalStage, amount: Money
) -> None:
    before = len(stage.calls())

    with pytest.raises(Refused):
        made(stage, amount=amount)

    assert len(stage.calls()) == before


def test_a_token_that_ended_is_replaced_and_nothing_is_done_twice(stage: PayPalStage) -> None:
    payment = made(stage)
    stage.agree(payment)
    stage.control("/tokens/end")

    assert stage.whole.complete_payment(payment.gateway_object).state is PaymentState.SUCCEEDED
    assert stage.taken(payment.reference) == [1050]


def test_a_feature_that_is_off_is_a_matter_for_the_ar_team(stage: PayPalStage) -> None:
    stage.control("/faults", match="GET /v1/reporting/*", kind="status", status=403)

    error = caught(Misconfigured, stage.gateway.check)

    assert "REST app" in str(error)


@pytest.mark.failure("F20")
@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"status": "PAID"},
        {"intent": None},
        {"purchase_units": []},
        {"purchase_units": [{"amount": {"currency_code": "usd", "value": "10.50"}}]},
        {"purchase_units": [{"amount": {"currency_code": "USD", "value": "ten"}}]},
        {"purchase_units": [{"amount": {"currency_code": "USD", "value": "10.505"}}]},
        {"purchase_units": [{"amount": {"currency_code": "USD", "value": 10.5}}]},
    ],
)
def test_an_answer_that_makes_no_sense_says_nothing_of_what_was_done(
    stage: PayPalStage, changes: dict[str, Any]
) -> None:
    payment = made(stage)
    stage.agree(payment)
    stage.control("/faults", match="POST *capture", kind="alter", changes=changes)
    caught(OutcomeUnknown, stage.whole.complete_payment, payment.gateway_object)

    stage.control("/faults", match="GET /v2/checkout/*", kind="alter", changes=changes)
    caught(Unavailable, stage.gateway.read_payment, payment.gateway_object)

    assert stage.gateway.read_payment(payment.gateway_object).state is PaymentState.SUCCEEDED


def test_an_id_can_not_lead_to_another_address(stage: PayPalStage) -> None:
    caught(Refused, stage.gateway.read_payment, "../orders")
    caught(Refused, stage.gateway.cancel_payment, "x/../../refunds?a=")
    caught(Refused, stage.gateway.read_payment, "")
