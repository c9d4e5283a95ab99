"""Refunds: bounded, repeated by their key, pending and failing, made by us or in the pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

from tests.sandbox.gateway.gateway_caller import Caller, wait_until


@pytest.fixture
def patient(caller: Caller) -> Iterator[Caller]:
    """Refunds wait for the control port."""
    caller.tell("/refunds/behaviour", pending=True)
    yield caller
    caller.tell("/refunds/behaviour")


def test_refunds_never_exceed_what_was_captured(caller: Caller) -> None:
    payment = caller.paid_payment(amount_minor=1000)

    assert caller.refund(payment, 600).status_code == 201
    assert caller.refund(payment, 401).json()["error"]["code"] == "refund_too_large"
    assert caller.refund(payment, 400).status_code == 201
    assert caller.refund(payment, 1).json()["error"]["code"] == "refund_too_large"

    assert caller.read(payment["id"])["refunded_minor"] == 1000
    assert sum(row["gross_minor"] for row in caller.ledger("refunds", payment)) == -1000


def test_two_refunds_of_all_at_once_are_one_refund(caller: Caller) -> None:
    payment, together = caller.paid_payment(amount_minor=1000), threading.Barrier(2)

    def click(_: int) -> int:
        together.wait()
        return caller.refund(payment, 1000).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(click, range(2))) == [201, 409]
    assert len(caller.ledger("refunds", payment)) == 1


def test_a_refund_is_repeated_by_its_key_and_found_by_its_reference(caller: Caller) -> None:
    payment = caller.paid_payment(amount_minor=1000)

    first = caller.refund(payment, 400, key="refund-1", reference="R-1")
    second = caller.refund(payment, 400, key="refund-1", reference="R-1")

    assert second.json() == first.json()
    found = caller.api.get("/refunds", params={"reference": "R-1"}).json()["data"]
    assert found == [first.json()]
    assert caller.api.get(f"/refunds/{first.json()['id']}").json() == first.json()


def test_only_money_that_came_in_is_refunded_and_in_its_currency(caller: Caller) -> None:
    open_one = caller.new_payment()
    paid = caller.paid_payment()

    assert caller.refund(open_one, 1).json()["error"]["code"] == "not_captured"
    answer = caller.refund(paid, 1, currency="EUR")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "currency")


def test_a_refund_succeeds_at_once_and_is_told(caller: Caller) -> None:
    payment = caller.paid_payment(amount_minor=1000)

    refund = caller.refund(payment, 400).json()

    assert (refund["state"], refund["failure"]) == ("succeeded", None)
    assert caller.kinds_of(payment) == [("charge", 941), ("refund", -400)]
    assert caller.entries(payment=payment["id"])[1]["subject"] == refund["id"]
    assert caller.events_of(payment)[-1] == "refund.created"


@pytest.mark.parametrize(
    ("amount_minor", "state", "failure"),
    [(991_001, "succeeded", None), (991_002, "failed", "account_closed")],
)
def test_a_special_amount_is_pending_and_then_has_a_result(
    caller: Caller, amount_minor: int, state: str, failure: str | None
) -> None:
    payment = caller.paid_payment(amount_minor=5_000_000)
    refund = caller.refund(payment, amount_minor).json()
    assert refund["state"] == "pending"

    path = f"/refunds/{refund['id']}"
    wait_until(lambda: caller.api.get(path).json()["state"] == state, 20)

    told = caller.api.get(path).json()
    assert (told["failure"] or {}).get("code") == failure
    assert caller.events_of(payment)[-2:] == ["refund.created", "refund.updated"]


def test_a_refund_waits_for_the_control_port(patient: Caller) -> None:
    payment = patient.paid_payment(amount_minor=1000)
    refund = patient.refund(payment, 400).json()

    settled = patient.tell(f"/refunds/{refund['id']}/settle")

    assert (refund["state"], settled["state"]) == ("pending", "succeeded")
    assert settled == patient.api.get(f"/refunds/{refund['id']}").json()
    again = patient.control.post(f"/refunds/{refund['id']}/settle", json={})
    assert again.json()["error"]["code"] == "refund_succeeded"


@pytest.mark.parametrize("settled_first", [False, True])
def test_a_failed_refund_gives_the_money_back_to_the_balance(
    patient: Caller, settled_first: bool
) -> None:
    payment = patient.paid_payment(amount_minor=1000)
    refund = patient.refund(payment, 1000).json()
    if settled_first:
        patient.tell(f"/refunds/{refund['id']}/settle")

    failed = patient.tell(f"/refunds/{refund['id']}/fail", code="card_lost")

    assert failed["failure"] == {"code": "card_lost", "message": "The card was lost or stolen."}
    assert patient.kinds_of(payment)[1:] == [("refund", -1000), ("refund_failed", 1000)]
    assert patient.entries(payment=payment["id"])[2]["code"] == "card_lost"
    assert patient.read(payment["id"])["refunded_minor"] == 0
    assert patient.refund(payment, 1000).status_code == 201
    again = patient.control.post(f"/refunds/{refund['id']}/fail", json={})
    assert again.json()["error"]["code"] == "refund_failed"


def test_a_refund_in_the_pages_has_no_reference_of_ours(caller: Caller) -> None:
    payment = caller.paid_payment(amount_minor=1000)

    made = caller.tell(f"/payments/{payment['id']}/refund", amount_minor=300)

    listed = caller.api.get("/refunds", params={"payment": payment["id"]}).json()["data"]
    assert listed == [made]
    assert (made["reference"], made["state"]) == (None, "succeeded")
    (row,) = caller.ledger("refunds", payment)
    assert (row["reference"], row["refund_reference"]) == (payment["reference"], None)
    too_much = caller.control.post(f"/payments/{payment['id']}/refund", json={"amount_minor": 701})
    assert too_much.json()["error"]["code"] == "refund_too_large"


def test_the_ledger_knows_references_and_states_of_refunds(patient: Caller) -> None:
    payment = patient.paid_payment(amount_minor=1000)
    refund = patient.refund(payment, 100, reference="R-oracle").json()

    (row,) = patient.ledger("refunds", payment)

    assert (row["refund_reference"], row["state"]) == ("R-oracle", "pending")
    assert (row["subject"], row["gross_minor"]) == (refund["id"], -100)


@pytest.mark.parametrize(
    ("fault", "is_done"), [("drop_before", 0), ("drop_after", 1), ("late_commit", 0)]
)
def test_a_connection_breaks_before_or_after_a_refund(
    caller: Caller, fault: str, is_done: int
) -> None:
    payment, reference = caller.paid_payment(), str(uuid4())
    caller.tell("/faults", match="POST /v1/refunds", kind=fault, seconds=0.5)

    with pytest.raises(httpx.RemoteProtocolError):
        caller.refund(payment, 100, key=reference, reference=reference)

    assert len(caller.ledger("refunds", payment)) == is_done
    if fault == "late_commit":
        wait_until(lambda: len(caller.ledger("refunds", payment)) == 1, 20)
    caller.refund(payment, 100, key=reference, reference=reference)
    assert [row["refund_reference"] for row in caller.ledger("refunds", payment)] == [reference]


def test_the_same_key_with_another_amount_is_an_error(caller: Caller) -> None:
    payment, key = caller.paid_payment(), str(uuid4())
    caller.refund(payment, 100, key=key, reference=key)

    answer = caller.refund(payment, 101, key=key, reference=key)

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idempotency_mismatch")
    assert len(caller.ledger("refunds", payment)) == 1
