"""Refunds at the sandbox: answers about something else, keys that were forgotten, webhooks."""

from __future__ import annotations

from typing import Any

import pytest

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways.base import GatewayPayment, GatewayRefund, RefundRequest, RefundState
from quittance.gateways.contract import caught
from quittance.gateways.contract_deeds import paid, refund_of
from tests.gateways.sandbox.gateway_stage import SECRET, SandboxStage, signed

A_DAY_AND_AN_HOUR = 90000


def found(stage: SandboxStage, request: RefundRequest) -> GatewayRefund | None:
    return stage.gateway.find_refund(request.reference, gateway_object=request.gateway_object)


def refunded(stage: SandboxStage, payment: GatewayPayment) -> list[dict[str, Any]]:
    """What the sandbox's own ledger says."""
    rows = stage.client.get(f"{stage.running.control_url}/ledger").json()["refunds"]
    return [row for row in rows if row["payment"] == payment.gateway_object]


@pytest.mark.parametrize(
    "changes",
    [
        {"payment": "pay_another"},
        {"reference": "another"},
        {"reference": None},
        {"amount_minor": 399},
        {"currency": "EUR"},
    ],
)
def test_an_answer_about_another_refund_says_nothing_of_ours(
    stage: SandboxStage, changes: dict[str, Any]
) -> None:
    request = refund_of(paid(stage), 400)
    stage.control("/faults", match="POST /v1/refunds", kind="alter", changes=changes)

    caught(OutcomeUnknown, stage.gateway.create_refund, request)

    looked = found(stage, request)
    assert looked is not None
    assert looked.amount == Money(400, "USD")


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_minor": "400"},
        {"amount_minor": 0},
        {"amount_minor": -400},
        {"amount_minor": 4.5},
        {"currency": "usd"},
        {"state": "done"},
        {"failure": "no"},
        {"id": ""},
        {"payment": None},
        {"reference": ""},
    ],
)
def test_an_answer_that_makes_no_sense_is_not_taken(
    stage: SandboxStage, changes: dict[str, Any]
) -> None:
    request = refund_of(paid(stage), 400)
    stage.control("/faults", match="POST /v1/refunds", kind="alter", changes=changes)
    caught(OutcomeUnknown, stage.gateway.create_refund, request)

    stage.control("/faults", match="GET /v1/refunds", kind="alter", changes=changes)
    caught(Unavailable, found, stage, request)


@pytest.mark.parametrize("changes", [{"payment": "pay_another"}, {"reference": "another"}])
def test_a_list_of_other_refunds_is_not_ours_and_not_none(
    stage: SandboxStage, changes: dict[str, Any]
) -> None:
    request = refund_of(paid(stage), 400)
    stage.gateway.create_refund(request)
    stage.control("/faults", match="GET /v1/refunds", kind="alter", changes=changes)

    caught(Unavailable, found, stage, request)


def test_another_refund_than_the_one_asked_for_is_not_taken(stage: SandboxStage) -> None:
    made = stage.gateway.create_refund(refund_of(paid(stage), 400))
    stage.control("/faults", match="GET /v1/refunds/*", kind="alter", changes={"id": "re_x"})

    caught(Unavailable, stage.gateway.read_refund, made.gateway_refund)


def test_with_the_key_of_another_account_nothing_is_said_to_be_missing(
    stage: SandboxStage,
) -> None:
    request = refund_of(paid(stage), 400)
    stage.gateway.create_refund(request)
    other = stage.open(api_key="sk_sandbox_second")

    caught(Refused, lambda: other.find_refund("any", gateway_object=request.gateway_object))
    caught(Refused, other.movements_of, request.gateway_object)
    caught(Refused, other.disputes_of, request.gateway_object)


def test_an_id_cannot_lead_to_another_address(stage: SandboxStage) -> None:
    caught(Refused, stage.gateway.read_refund, "../account")
    caught(Refused, stage.gateway.read_refund, "")
    caught(Refused, lambda: stage.gateway.find_refund("any", gateway_object=""))


@pytest.mark.failure("F18")
def test_after_the_lifetime_of_its_key_a_refund_is_still_found(own_stage: SandboxStage) -> None:
    payment = paid(own_stage)
    request = refund_of(payment, 400)
    own_stage.control("/faults", match="POST /v1/refunds", kind="drop_after")
    caught(OutcomeUnknown, own_stage.gateway.create_refund, request)

    own_stage.control("/clock", seconds=A_DAY_AND_AN_HOUR)

    looked = found(own_stage, request)
    assert looked is not None
    assert [row["subject"] for row in refunded(own_stage, payment)] == [looked.gateway_refund]


def test_after_the_lifetime_of_its_key_a_repeat_would_refund_again(
    own_stage: SandboxStage,
) -> None:
    payment = paid(own_stage)
    request = refund_of(payment, 400)
    first = own_stage.gateway.create_refund(request)
    own_stage.control("/clock", seconds=own_stage.gateway.capabilities.key_lifetime_hours * 3600)

    second = own_stage.gateway.create_refund(request)

    assert second.gateway_refund != first.gateway_refund
    assert len(refunded(own_stage, payment)) == 2


def test_of_two_refunds_under_one_reference_the_one_that_did_not_fail_is_found(
    stage: SandboxStage,
) -> None:
    request = refund_of(paid(stage), 400)
    first = stage.gateway.create_refund(request)
    stage.decide_refund(first, failed=True)
    stage.control("/keys/expire")
    second = stage.gateway.create_refund(request)

    looked = found(stage, request)

    assert looked is not None
    assert (looked.gateway_refund, looked.state) == (second.gateway_refund, RefundState.SUCCEEDED)


@pytest.mark.failure("F31")
def test_a_refund_that_is_done_late_is_found_then_and_there_is_one(stage: SandboxStage) -> None:
    payment = paid(stage)
    request = refund_of(payment, 400)
    stage.control("/faults", match="POST /v1/refunds", kind="late_commit", seconds=0.5)
    caught(OutcomeUnknown, stage.gateway.create_refund, request)
    assert found(stage, request) is None  # which is why settle_seconds must pass first

    looked = stage.until(lambda: found(stage, request))

    assert stage.gateway.create_refund(request) == looked
    assert len(refunded(stage, payment)) == 1


def test_what_happens_to_a_refund_or_a_dispute_wakes_its_payment(stage: SandboxStage) -> None:
    payment = paid(stage)
    with stage.waiting_refunds():
        made = stage.gateway.create_refund(refund_of(payment, 400))
    stage.decide_refund(made, failed=True)
    stage.dispute(payment, Money(100, "USD"))
    (dispute,) = stage.gateway.disputes_of(payment.gateway_object)
    stage.decide_dispute(dispute, won=True)

    told = [
        stage.gateway.read_webhook(*signed(SECRET, event))
        for event in stage.events()
        if event["data"].get("payment") == payment.gateway_object
    ]

    kinds = [event.kind for (event,) in told]
    assert kinds[2:] == ["refund.created", "refund.updated", "dispute.created", "dispute.closed"]
    assert {event.gateway_object for (event,) in told} == {payment.gateway_object}
