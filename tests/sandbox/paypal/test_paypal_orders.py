"""Orders at the PayPal sandbox: approved on its page, captured once, forgotten in time."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.sandbox.paypal.paypal_caller import SECOND, Caller, make_order

HOUR = 3600


def test_a_payer_agrees_on_the_page_and_is_led_back(caller: Caller) -> None:
    order = caller.order().json()
    page = next(link["href"] for link in order["links"] if link["rel"] == "payer-action")
    shown = httpx.get(page, trust_env=False)

    led = httpx.post(
        f"{caller.running.url}/checkoutnow",
        data={"token": order["id"], "decision": "approve", "funding": "balance"},
        trust_env=False,
    )

    assert order["status"] == "PAYER_ACTION_REQUIRED"
    assert "10.50 USD" in shown.text
    assert re.fullmatch(
        rf"http://shop\.example/return\?from=paypal&token={order['id']}&PayerID=\w{{13}}",
        led.headers["Location"],
    )
    assert caller.api.get(f"/v2/checkout/orders/{order['id']}").json()["status"] == "APPROVED"


def test_a_payer_who_turns_back_leaves_the_order_open(caller: Caller) -> None:
    order = caller.order().json()

    led = httpx.post(
        f"{caller.running.url}/checkoutnow",
        data={"token": order["id"], "decision": "cancel"},
        trust_env=False,
    )

    assert led.headers["Location"] == f"http://shop.example/cancel?token={order['id']}"
    assert caller.issue(caller.capture(order["id"])) == (422, "ORDER_NOT_APPROVED")


def test_an_order_is_captured_once(caller: Caller) -> None:
    id_ = caller.approved()

    first = caller.capture(id_, key="one")
    again = caller.capture(id_, key="one")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert caller.issue(caller.capture(id_, key="two")) == (422, "ORDER_ALREADY_CAPTURED")
    assert len(caller.tell("GET", "/ledger")["data"]) == 1


def test_a_known_request_id_shows_what_the_first_one_made_as_it_is_now(caller: Caller) -> None:
    first = caller.order(key="k").json()
    caller.tell("POST", f"/orders/{first['id']}/approve")

    again = caller.order(make_order("99.00"), key="k")
    caller.tell("POST", "/clock", seconds=2.9 * HOUR)
    caller.sign_in()

    assert again.status_code == 200
    assert (again.json()["id"], again.json()["status"]) == (first["id"], "APPROVED")
    caller.tell("POST", "/clock", seconds=3.2 * HOUR)
    assert caller.order(key="k").json()["id"] != first["id"]


def test_an_order_that_nobody_completed_is_forgotten(caller: Caller) -> None:
    id_ = caller.approved()

    caller.tell("POST", "/clock", seconds=3 * HOUR + 1)

    assert caller.issue(caller.api.get(f"/v2/checkout/orders/{id_}")) == (
        404,
        "INVALID_RESOURCE_ID",
    )
    assert caller.capture(id_).status_code == 404


@pytest.mark.parametrize(
    ("changes", "issue"),
    [
        ({"value": "0.00"}, "CANNOT_BE_ZERO_OR_NEGATIVE"),
        ({"value": "10.505"}, "DECIMAL_PRECISION"),
        ({"value": "10.50", "currency": "JPY"}, "DECIMAL_PRECISION"),
        ({"value": "10.50", "currency": "HUF"}, "DECIMAL_PRECISION"),
        ({"value": "10.50", "currency": "TWD"}, "DECIMAL_PRECISION"),
        ({"value": "10.50", "currency": "XAU"}, "INVALID_CURRENCY_CODE"),
    ],
)
def test_an_amount_that_a_currency_does_not_have_is_refused(
    caller: Caller, changes: dict[str, Any], issue: str
) -> None:
    assert caller.issue(caller.order(make_order(**changes))) == (422, issue)


def test_an_invoice_id_is_paid_once(caller: Caller) -> None:
    first, second = (caller.approved(invoice_id="INV-1") for _ in range(2))

    assert caller.capture(first).status_code == 201
    assert caller.issue(caller.capture(second)) == (422, "DUPLICATE_INVOICE_ID")


@pytest.mark.parametrize(
    ("funding", "issue"),
    [
        ("declined", "INSTRUMENT_DECLINED"),
        ("action", "PAYER_ACTION_REQUIRED"),
        ("closed", "PAYER_ACCOUNT_LOCKED_OR_CLOSED"),
    ],
)
def test_what_the_payer_pays_with_decides_what_comes_of_it(
    caller: Caller, funding: str, issue: str
) -> None:
    id_ = caller.approved(funding)

    assert caller.issue(caller.capture(id_)) == (422, issue)
    assert caller.tell("GET", "/ledger")["data"] == []


def test_an_order_of_the_other_intent_is_not_captured(caller: Caller) -> None:
    id_ = caller.approved()
    changed = caller.api.patch(
        f"/v2/checkout/orders/{id_}",
        json=[{"op": "replace", "path": "/intent", "value": "AUTHORIZE"}],
    )

    assert changed.status_code == 204
    assert caller.issue(caller.capture(id_)) == (422, "ACTION_DOES_NOT_MATCH_INTENT")


def test_a_change_is_made_whole_or_not_at_all(caller: Caller) -> None:
    id_ = caller.order().json()["id"]
    changes = [
        {"op": "replace", "path": "/intent", "value": "AUTHORIZE"},
        {"op": "replace", "path": "/status", "value": "COMPLETED"},
    ]

    answer = caller.api.patch(f"/v2/checkout/orders/{id_}", json=changes)

    assert caller.issue(answer) == (422, "NOT_PATCHABLE")
    assert caller.api.get(f"/v2/checkout/orders/{id_}").json()["intent"] == "CAPTURE"


def test_an_answer_is_short_unless_the_whole_is_asked_for(caller: Caller) -> None:
    assert set(caller.order(whole=False).json()) == {"id", "status", "links"}
    assert "purchase_units" in caller.order().json()


def test_another_seller_sees_nothing_of_it(caller: Caller) -> None:
    id_ = caller.order().json()["id"]
    caller.sign_in(SECOND)

    assert caller.api.get(f"/v2/checkout/orders/{id_}").status_code == 404


def test_a_token_ends_and_a_wrong_secret_brings_none(caller: Caller) -> None:
    assert caller.order().status_code == 201
    caller.tell("POST", "/tokens/end")
    assert caller.order().status_code == 401

    answer = caller.api.post(
        "/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=("a", "b")
    )

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
