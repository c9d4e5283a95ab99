"""The API: payments, keys, refunds, and how it answers bad input."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.sandbox.gateway.gateway_caller import SECOND_KEY, Caller, make_order


def code_of(answer: httpx.Response) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "param"}
    assert error["message"]
    return answer.status_code, error["code"], error["param"]


def test_a_new_payment_is_open_with_a_page_and_no_money(caller: Caller) -> None:
    payment = caller.new_payment(amount_minor=123456, currency="JPY")

    assert payment["state"] == "open"
    assert payment["url"] == f"{caller.running.url}/pay/{payment['id']}"
    assert (payment["amount_minor"], payment["currency"]) == (123456, "JPY")
    assert caller.read(payment["id"]) == payment
    assert caller.ledger("charges", payment) == []


def test_the_same_key_and_content_bring_the_first_answer(caller: Caller) -> None:
    order = make_order()

    first = caller.post_payment(key="one-click", **order)
    caller.pay(first.json()["id"])
    second = caller.post_payment(key="one-click", **order)

    assert second.text == first.text
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


def test_the_same_key_with_other_content_is_an_error(caller: Caller) -> None:
    order = make_order()
    caller.post_payment(key="two-clicks", **order)

    answer = caller.post_payment(key="two-clicks", **{**order, "amount_minor": 1})

    assert code_of(answer) == (409, "idempotency_mismatch", "Idempotency-Key")


def test_a_key_of_another_account_is_another_key(caller: Caller) -> None:
    order = make_order()
    first = caller.post_payment(key="shared", **order).json()

    answer = caller.api.post(
        "/payments",
        json=order,
        headers={"Idempotency-Key": "shared", "Authorization": f"Bearer {SECOND_KEY}"},
    )

    assert answer.status_code == 201
    assert answer.json()["id"] != first["id"]


def test_a_key_is_forgotten_after_its_lifetime(caller: Caller) -> None:
    order = make_order()
    first = caller.post_payment(key="old", **order).json()

    caller.tell("/keys/expire")

    second = caller.post_payment(key="old", **order).json()
    assert second["id"] != first["id"]
    found = caller.api.get("/payments", params={"reference": order["reference"]}).json()["data"]
    assert [payment["id"] for payment in found] == [first["id"], second["id"]]


def test_many_clicks_at_once_make_one_payment(caller: Caller) -> None:
    order, together = make_order(), threading.Barrier(8)

    def click(_: int) -> httpx.Response:
        together.wait()
        return caller.post_payment(key="many-clicks", **order)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(click, range(8)))

    assert {answer.status_code for answer in answers} <= {201, 409}
    found = caller.api.get("/payments", params={"reference": order["reference"]}).json()["data"]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"amount_minor": 0}, "invalid_amount", "amount_minor"),
        ({"amount_minor": -1}, "invalid_amount", "amount_minor"),
        ({"amount_minor": 10.5}, "invalid_amount", "amount_minor"),
        ({"amount_minor": "1050"}, "invalid_amount", "amount_minor"),
        ({"amount_minor": True}, "invalid_amount", "amount_minor"),
        ({"amount_minor": 10**18}, "invalid_amount", "amount_minor"),
        ({"amount_minor": ...}, "missing_field", "amount_minor"),
        ({"currency": "usd"}, "unknown_currency", "currency"),
        ({"currency": "XXX"}, "unknown_currency", "currency"),
        ({"method": "cheque"}, "invalid_request", "method"),
        ({"reference": ""}, "invalid_request", "reference"),
        ({"reference": "a\nb"}, "invalid_request", "reference"),
        ({"reference": "x" * 101}, "invalid_request", "reference"),
        ({"return_url": "javascript:alert(1)"}, "invalid_url", "return_url"),
        ({"return_url": "/return"}, "invalid_url", "return_url"),
        ({"cancel_url": "http://user@shop.example/"}, "invalid_url", "cancel_url"),
        ({"cancel_url": "http://shop.example:99999/"}, "invalid_url", "cancel_url"),
        ({"return_url": "http://shop.example;script-src/"}, "invalid_url", "return_url"),
        ({"locale": "english please"}, "invalid_request", "locale"),
        ({"amount": 10}, "unknown_field", "amount"),
    ],
)
def test_bad_input_names_the_field(
    caller: Caller, changes: dict[str, Any], code: str, param: str
) -> None:
    answer = caller.post_payment(**changes)

    assert code_of(answer) == (400, code, param)


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"a": NaN}', b'{"a":1,"a":2}', b"\xff", b"[" * 9999]
)
def test_a_body_that_is_no_json_object_is_an_error(caller: Caller, body: bytes) -> None:
    answer = caller.api.post("/payments", content=body, headers={"Idempotency-Key": "bad"})

    assert code_of(answer) == (400, "invalid_json", None)


def test_a_body_that_is_too_large_is_refused(caller: Caller) -> None:
    told = caller.api.post("/payments", content=b" " * 70_000)
    streamed = caller.api.post("/payments", content=iter([b" " * 40_000] * 2))

    assert code_of(told) == code_of(streamed) == (413, "body_too_large", None)


def test_a_payment_needs_a_key(caller: Caller) -> None:
    answer = caller.api.post("/payments", json=make_order())

    assert code_of(answer) == (400, "idempotency_key_missing", "Idempotency-Key")


@pytest.mark.parametrize(
    "header", ["Bearer sk_wrong", "Basic sk_sandbox_demo", "sk_sandbox_demo", ""]
)
def test_a_wrong_api_key_is_told(caller: Caller, header: str) -> None:
    answer = caller.api.get("/account", headers={"Authorization": header})

    assert code_of(answer) == (401, "unauthorized", None)


def test_each_account_sees_its_own_payments_only(caller: Caller) -> None:
    payment = caller.paid_payment()
    other = {"Authorization": f"Bearer {SECOND_KEY}"}

    read = caller.api.get(f"/payments/{payment['id']}", headers=other)
    cancel = caller.api.post(f"/payments/{payment['id']}/cancel", headers=other)
    listed = caller.api.get("/payments", params={"reference": payment["reference"]}, headers=other)

    assert code_of(read)[0] == code_of(cancel)[0] == 404
    assert listed.json()["data"] == []
    assert caller.api.get("/account", headers=other).json()["name"].startswith("Fabrikam")


def test_an_unknown_address_or_query_is_an_error_in_the_same_form(caller: Caller) -> None:
    assert code_of(caller.api.get("/nothing"))[:2] == (404, "not_found")
    assert code_of(caller.api.put("/payments"))[:2] == (405, "method_not_allowed")
    assert code_of(caller.api.get("/payments?limit=0")) == (400, "invalid_request", "limit")
    assert code_of(caller.api.get("/payments?ref=x")) == (400, "unknown_field", "ref")
    assert code_of(caller.api.get("/events?after=evt_none")) == (400, "invalid_request", "after")


def test_a_cancelled_payment_has_no_page_and_stays_cancelled(caller: Caller) -> None:
    payment = caller.new_payment()

    first = caller.api.post(f"/payments/{payment['id']}/cancel").json()
    again = caller.api.post(f"/payments/{payment['id']}/cancel").json()

    assert (first["state"], first["url"], first) == ("cancelled", None, again)


def test_what_succeeded_cannot_be_cancelled(caller: Caller) -> None:
    payment = caller.paid_payment()

    answer = caller.api.post(f"/payments/{payment['id']}/cancel")

    assert code_of(answer)[:2] == (409, "payment_succeeded")
    assert caller.read(payment["id"])["state"] == "succeeded"


def test_events_are_listed_in_order_from_any_of_them_on(caller: Caller) -> None:
    payment = caller.paid_payment()

    assert caller.events_of(payment) == ["payment.created", "payment.succeeded"]
    page = caller.api.get("/events?limit=1").json()
    following = caller.api.get("/events", params={"after": page["data"][0]["id"]}).json()
    assert page["has_more"]
    assert page["data"][0] not in following["data"]
