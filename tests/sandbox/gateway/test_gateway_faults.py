"""Faults: by the control port, and by special amounts."""

from __future__ import annotations

import json
from uuid import uuid4

import httpx
import pytest

from tests.sandbox.gateway.gateway_caller import Caller, make_order, wait_until


def found(caller: Caller, reference: str) -> int:
    return len(caller.api.get("/payments", params={"reference": reference}).json()["data"])


def post_within(
    caller: Caller, seconds: float, reference: str, **changes: object
) -> httpx.Response:
    return caller.api.post(
        "/payments",
        json=make_order(reference=reference, **changes),
        headers={"Idempotency-Key": reference},
        timeout=seconds,
    )


@pytest.mark.parametrize(("fault", "is_done"), [("drop_before", False), ("drop_after", True)])
def test_a_connection_breaks_before_or_after_the_deed(
    caller: Caller, fault: str, is_done: bool
) -> None:
    reference = str(uuid4())
    caller.tell("/faults", match="POST /v1/payments", kind=fault)

    with pytest.raises(httpx.RemoteProtocolError):
        post_within(caller, 5, reference)

    assert found(caller, reference) == is_done
    assert post_within(caller, 5, reference).status_code == 201
    assert found(caller, reference) == 1


@pytest.mark.parametrize(("fault", "is_done"), [("drop_before", False), ("drop_after", True)])
def test_a_caller_waits_too_long_with_and_without_the_deed(
    caller: Caller, fault: str, is_done: bool
) -> None:
    reference = str(uuid4())
    caller.tell("/faults", match="POST /v1/payments", kind=fault, seconds=60)

    with pytest.raises(httpx.ReadTimeout):
        post_within(caller, 0.2, reference)

    assert found(caller, reference) == is_done


def test_a_failure_after_the_deed_is_what_the_key_answers_from_then_on(caller: Caller) -> None:
    reference = str(uuid4())
    caller.tell("/faults", match="POST /v1/payments", kind="error_after", status=502)

    answers = [post_within(caller, 5, reference) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [502, 502, 502]
    assert answers[2].headers["Idempotent-Replayed"] == "true"
    assert found(caller, reference) == 1


def test_a_late_deed_is_in_progress_until_it_is_done(caller: Caller) -> None:
    reference = str(uuid4())
    caller.tell("/faults", match="POST /v1/payments", kind="late_commit", seconds=0.4)

    with pytest.raises(httpx.RemoteProtocolError):
        post_within(caller, 5, reference)

    assert found(caller, reference) == 0
    assert post_within(caller, 5, reference).json()["error"]["code"] == "idempotency_in_progress"
    wait_until(lambda: found(caller, reference) == 1)
    assert post_within(caller, 5, reference).status_code == 201
    assert found(caller, reference) == 1


def test_a_slow_deed_is_in_progress_and_is_done_without_its_caller(caller: Caller) -> None:
    reference = str(uuid4())
    caller.tell("/faults", match="POST /v1/payments", kind="delay", seconds=0.4)

    with pytest.raises(httpx.ReadTimeout):
        post_within(caller, 0.1, reference)

    assert post_within(caller, 5, reference).status_code == 409
    wait_until(lambda: found(caller, reference) == 1)


def test_a_status_comes_with_its_header_as_often_as_asked(caller: Caller) -> None:
    reference = str(uuid4())
    caller.tell("/faults", match="POST /v1/*", kind="status", status=429, retry_after="7", times=2)

    answers = [post_within(caller, 5, reference) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 201]
    assert answers[0].headers["Retry-After"] == "7"


def test_an_answer_can_be_cut_or_changed(caller: Caller) -> None:
    payment = caller.new_payment()
    caller.tell("/faults", match="GET /v1/payments/*", kind="malformed_json")
    cut = caller.api.get(f"/payments/{payment['id']}")
    caller.tell("/faults", match="GET /v1/payments/*", kind="alter", changes={"currency": "EUR"})
    changed = caller.read(payment["id"])

    with pytest.raises(json.JSONDecodeError):
        cut.json()
    assert changed == {**payment, "currency": "EUR"}
    assert caller.read(payment["id"]) == payment


@pytest.mark.parametrize(
    ("amount_minor", "status", "is_done", "then"),
    [
        (990_001, None, False, 201),
        (990_002, None, True, 201),
        (990_004, 201, True, 201),
        (990_005, 201, True, 201),
        (990_429, 429, False, 201),
        (990_500, 500, True, 500),
        (990_503, 503, False, 201),
    ],
)
def test_a_special_amount_fails_once_for_each_key(
    caller: Caller, amount_minor: int, status: int | None, is_done: bool, then: int
) -> None:
    reference = str(uuid4())
    try:
        first = post_within(caller, 5, reference, amount_minor=amount_minor).status_code
    except httpx.RemoteProtocolError:
        first = None

    assert (first, found(caller, reference)) == (status, is_done)
    second = post_within(caller, 5, reference, amount_minor=amount_minor)
    assert second.status_code == then
    assert found(caller, reference) == 1


def test_a_special_amount_can_be_refunded_with_the_same_trouble(caller: Caller) -> None:
    payment = caller.paid_payment(amount_minor=5_000_000)

    answer = caller.refund(payment, 990_500)

    assert answer.status_code == 500
    assert len(caller.ledger("refunds", payment)) == 1


def test_every_call_is_written_down_with_its_key_and_fault(caller: Caller) -> None:
    last = caller.control.get("/requests").json()["data"][-1]["seq"]
    reference = str(uuid4())
    caller.tell("/faults", match="POST /v1/payments", kind="drop_after")
    with pytest.raises(httpx.RemoteProtocolError):
        post_within(caller, 5, reference)
    post_within(caller, 5, reference)

    lost, good = caller.control.get("/requests", params={"after": last}).json()["data"]

    assert (lost["path"], lost["key"], lost["fault"]) == ("/v1/payments", reference, "drop_after")
    assert (lost["status"], good["status"]) == (None, 201)
    assert json.loads(good["body"])["reference"] == reference


def test_a_closed_payment_can_still_succeed_late(caller: Caller) -> None:
    payment = caller.new_payment()
    caller.api.post(f"/payments/{payment['id']}/cancel")

    told = caller.tell(f"/payments/{payment['id']}/late_success")

    assert told["state"] == "succeeded"
    assert len(caller.ledger("charges", payment)) == 1
    refused = caller.control.post(f"/payments/{payment['id']}/late_success", json={})
    assert refused.status_code == 409


def test_an_unpaid_payment_expires(caller: Caller) -> None:
    payment = caller.new_payment()

    told = caller.tell(f"/payments/{payment['id']}/expire")

    assert (told["state"], told["failure"]["code"]) == ("cancelled", "expired")


@pytest.mark.parametrize(
    "body",
    [
        {"match": "POST /v1/payments", "kind": "explode"},
        {"match": "payments", "kind": "status"},
        {"kind": "status"},
        {"match": "POST /v1/payments", "kind": "late_commit", "seconds": 11},
        {"match": "POST /v1/payments", "kind": "status", "status": 200},
        {"match": "POST /v1/payments", "kind": "status", "sttus": 500},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(caller: Caller, body: dict[str, object]) -> None:
    answer = caller.control.post("/faults", json=body)

    assert answer.status_code == 400
    assert answer.json()["error"]["param"]
    assert caller.control.get("/faults").json()["data"] == []
