"""PayPal's descriptions judge strictly: what they do not name is a failure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quittance.gateways.contract_deeds import paid, refund_of
from quittance.gateways.contract_kept import saved
from tests.gateways.paypal import descriptions
from tests.gateways.paypal.paypal_stage import PayPalStage

pytestmark = descriptions.needed


def call(stage: PayPalStage, method: str, end: str) -> dict[str, Any]:
    """The last call that the sandbox answered, of this method and end of path."""
    fitting = [
        one
        for one in stage.calls()
        if (one["method"], one["fault"]) == (method, "") and one["path"].endswith(end)
    ]
    return fitting[-1]


def test_a_payment_is_asked_for_and_told_as_described(stage: PayPalStage) -> None:
    payment = paid(stage)
    stage.gateway.read_payment(payment.gateway_object)

    for one in (
        call(stage, "POST", "/orders"),
        call(stage, "POST", "/capture"),
        call(stage, "GET", payment.gateway_object),
    ):
        assert descriptions.wrong_with(one) == []


def test_each_of_the_descriptions_judges_something_that_is_asked(stage: PayPalStage) -> None:
    payment = paid(stage)
    refund = stage.gateway.create_refund(refund_of(payment, 100))
    stage.gateway.read_refund(refund.gateway_refund)
    stage.dispute(payment, payment.amount - refund.amount)
    stage.gateway.disputes_of(payment.gateway_object)
    stage.gateway.movements_of(payment.gateway_object)
    saved(stage, "wallet")
    stage.gateway.check()

    ours = [one for one in stage.calls() if "/oauth2/" not in one["path"]]
    judged = {descriptions.operation_of(one["method"], one["path"])[0] for one in ours}

    assert judged == set(descriptions.FILES) - {"notifications_webhooks_v1"}  # see the next one


def test_each_message_is_an_event_with_what_happened_as_described(stage: PayPalStage) -> None:
    payment = paid(stage)
    stage.gateway.create_refund(refund_of(payment, 100))
    stage.dispute(payment, payment.amount - refund_of(payment, 100).amount)
    stage.gateway.remove_method(saved(stage, "wallet").gateway_method)
    events = stage.client.get(f"{stage.running.control_url}/events").json()["data"]

    found = {problem for each in events for problem in descriptions.wrong_with_event(each)}

    assert found == set()
    assert {each["event_type"].split(".")[0] for each in events} >= {
        "CHECKOUT", "PAYMENT", "CUSTOMER", "VAULT"
    }  # fmt: skip


def test_a_message_with_a_field_that_is_not_described_is_found(stage: PayPalStage) -> None:
    paid(stage)
    *_, event = stage.client.get(f"{stage.running.control_url}/events").json()["data"]
    more = {**event, "resource": {**event["resource"], "colour": "red"}}

    assert descriptions.wrong_with_event(event) == []
    assert any("colour" in each for each in descriptions.wrong_with_event(more))
    assert any("taste" in each for each in descriptions.wrong_with_event({**event, "taste": "1"}))


@pytest.mark.parametrize("part", ["body", "answer"])
@pytest.mark.parametrize("place", ["", "unit", "amount"])
def test_a_field_that_the_description_does_not_name_is_found(
    stage: PayPalStage, part: str, place: str
) -> None:
    paid(stage)
    one = call(stage, "POST", "/orders")
    said = json.loads(one[part])
    (unit,) = said["purchase_units"]
    {"": said, "unit": unit, "amount": unit["amount"]}[place]["colour"] = "red"

    found = descriptions.wrong_with({**one, part: json.dumps(said)})

    assert any("colour" in problem for problem in found)


@pytest.mark.parametrize(
    ("field", "value"),
    [("intent", "TAKE"), ("purchase_units", []), ("purchase_units", None)],
)
def test_a_value_that_the_description_forbids_is_found(
    stage: PayPalStage, field: str, value: object
) -> None:
    paid(stage)
    one = call(stage, "POST", "/orders")
    asked = {**json.loads(one["body"]), field: value}

    assert descriptions.wrong_with({**one, "body": json.dumps(asked)})


def test_a_query_that_the_description_does_not_name_is_found(stage: PayPalStage) -> None:
    stage.gateway.movements("")
    one = call(stage, "GET", "/v1/reporting/transactions")

    found = descriptions.wrong_with({**one, "query": one["query"] + "&reference=1&page_size=501"})

    assert len(found) == 2
