"""PayPal's descriptions judge strictly: what they do not name is a failure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quittance.gateways.contract_deeds import paid
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
