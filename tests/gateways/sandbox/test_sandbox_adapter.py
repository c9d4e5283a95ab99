"""What only the sandbox's adapter knows: its words, and answers that make no sense."""

from __future__ import annotations

from typing import Any

import pytest

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways.base import REASONS, PaymentState
from quittance.gateways.contract import caught, make_request
from quittance.gateways.sandbox import translate
from sandbox.gateway.numbers import FAILURES
from tests.gateways.sandbox.gateway_stage import SECRET, SandboxStage, signed


def test_every_reason_of_the_sandbox_has_a_word_of_ours() -> None:
    assert set(translate.REASONS) == set(FAILURES)
    assert set(translate.REASONS.values()) - {""} <= REASONS


def test_the_amount_is_what_the_gateway_said_and_not_what_we_asked(stage: SandboxStage) -> None:
    made = stage.gateway.create_payment(make_request(amount=Money(1050, "USD")))
    stage.control(
        "/faults",
        match="GET /v1/payments/*",
        kind="alter",
        changes={"amount_minor": 1049, "currency": "EUR"},
    )

    assert stage.gateway.read_payment(made.gateway_object).amount == Money(1049, "EUR")


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_minor": "1050"},
        {"amount_minor": 10.5},
        {"amount_minor": 0},
        {"amount_minor": None},
        {"currency": "usd"},
        {"state": "paid"},
        {"succeeded_at": "yesterday"},
        {"instrument": {"brand": "visa", "last4": "4242424242424242"}},
        {"reference": "another"},
        {"id": ""},
    ],
)
def test_an_answer_that_makes_no_sense_says_nothing_of_what_was_done(
    stage: SandboxStage, changes: dict[str, Any]
) -> None:
    request = make_request()
    stage.control("/faults", match="POST /v1/payments", kind="alter", changes=changes)
    caught(OutcomeUnknown, stage.gateway.create_payment, request)

    stage.control("/faults", match="GET /v1/payments", kind="alter", changes=changes)
    caught(Unavailable, stage.gateway.find_payment, request.reference)


def test_an_answer_about_another_payment_is_not_taken(stage: SandboxStage) -> None:
    made = stage.gateway.create_payment(make_request())
    stage.control("/faults", match="GET /v1/payments/*", kind="alter", changes={"id": "pay_x"})

    caught(Unavailable, stage.gateway.read_payment, made.gateway_object)


def test_an_id_cannot_lead_to_another_address(stage: SandboxStage) -> None:
    caught(Refused, stage.gateway.read_payment, "../account")
    caught(Refused, stage.gateway.cancel_payment, "x/../../refunds?a=")
    caught(Refused, stage.gateway.read_payment, "")


def test_a_forgotten_key_makes_a_second_payment_and_the_paid_one_is_found(
    stage: SandboxStage,
) -> None:
    request = make_request()
    first = stage.gateway.create_payment(request)
    stage.control("/keys/expire")
    second = stage.gateway.create_payment(request)
    assert first.gateway_object != second.gateway_object

    stage.pay(second)

    found = stage.gateway.find_payment(request.reference)
    assert found is not None
    assert (found.gateway_object, found.state) == (second.gateway_object, PaymentState.SUCCEEDED)


@pytest.mark.parametrize(
    ("method", "number", "state", "reason"),
    [
        ("card", "4000000000003709", PaymentState.FAILED, "declined"),
        ("bank_debit", "000111111113", PaymentState.FAILED, "account_closed"),
        ("bank_debit", "000222222227", PaymentState.FAILED, "insufficient_funds"),
        ("bank_debit", "000123456789", PaymentState.SUCCEEDED, ""),
    ],
)
def test_the_bank_has_its_move_and_then_a_result(
    stage: SandboxStage, method: str, number: str, state: PaymentState, reason: str
) -> None:
    made = stage.gateway.create_payment(make_request(method=method))
    stage.control(f"/payments/{made.gateway_object}/pay", number=number)
    assert stage.gateway.read_payment(made.gateway_object).redirect_url == ""

    done = stage.wait_for(made, state)

    assert done.reason == reason
    assert done.detail if reason else not done.detail


def test_what_nobody_paid_in_time_is_abandoned(stage: SandboxStage) -> None:
    made = stage.gateway.create_payment(make_request())
    stage.control(f"/payments/{made.gateway_object}/expire")

    told = stage.gateway.read_payment(made.gateway_object)

    assert (told.state, told.reason) == (PaymentState.CANCELLED, "abandoned")


def test_cancelling_what_the_bank_works_on_says_so(stage: SandboxStage) -> None:
    made = stage.gateway.create_payment(make_request(method="bank_debit"))
    stage.control(f"/payments/{made.gateway_object}/pay", number="000555555559")

    assert stage.gateway.cancel_payment(made.gateway_object).state is PaymentState.PROCESSING


def test_a_webhook_about_no_payment_brings_no_event(stage: SandboxStage) -> None:
    headers, body = signed(SECRET, {"id": "evt_2", "type": "payout.paid", "data": {"payout": "p"}})

    assert list(stage.gateway.read_webhook(headers, body)) == []


@pytest.mark.parametrize("said", [{}, {"id": "evt_2", "type": "x"}, [], "text", {"id": 1}])
def test_a_signed_webhook_that_makes_no_sense_is_refused(stage: SandboxStage, said: object) -> None:
    caught(Refused, stage.gateway.read_webhook, *signed(SECRET, said))
