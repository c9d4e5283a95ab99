"""Disputes: the money goes at once, and comes back or not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.gateway.gateway_caller import Caller, wait_until


def disputes_of(caller: Caller, payment: dict[str, Any]) -> list[dict[str, Any]]:
    return list(caller.api.get("/disputes", params={"payment": payment["id"]}).json()["data"])


def test_a_dispute_takes_the_money_and_a_fee_at_once(caller: Caller) -> None:
    payment = caller.paid_payment(amount_minor=5000)

    dispute = caller.tell(f"/payments/{payment['id']}/dispute", reason="product_not_received")

    assert disputes_of(caller, payment) == [dispute]
    assert caller.api.get(f"/disputes/{dispute['id']}").json() == dispute
    assert (dispute["state"], dispute["amount_minor"], dispute["fee_minor"]) == ("open", 5000, 1500)
    assert dispute["answer_until"] > dispute["created_at"]
    taken = caller.entries(payment=payment["id"])[1]
    assert (taken["kind"], taken["code"]) == ("dispute", "product_not_received")
    assert (taken["subject"], taken["net_minor"]) == (dispute["id"], -6500)
    assert caller.events_of(payment)[-1] == "dispute.created"


def test_a_dispute_that_is_won_brings_the_money_back_but_not_the_fee(caller: Caller) -> None:
    payment = caller.paid_payment(amount_minor=5000)
    dispute = caller.tell(f"/payments/{payment['id']}/dispute", amount_minor=2000, fee_minor=700)

    reviewed = caller.tell(f"/disputes/{dispute['id']}/review")
    won = caller.tell(f"/disputes/{dispute['id']}/win")

    assert [reviewed["state"], won["state"]] == ["under_review", "won"]
    assert (reviewed["closed_at"], won["answer_until"]) == (None, None)
    assert caller.kinds_of(payment)[1:] == [("dispute", -2700), ("dispute_won", 2000)]
    assert caller.read(payment["id"])["disputed_minor"] == 0
    assert caller.events_of(payment)[-2:] == ["dispute.updated", "dispute.closed"]


def test_a_dispute_that_is_lost_moves_nothing_more_and_stays_so(caller: Caller) -> None:
    payment = caller.paid_payment(amount_minor=5000)
    dispute = caller.tell(f"/payments/{payment['id']}/dispute")

    lost = caller.tell(f"/disputes/{dispute['id']}/lose")

    assert (lost["state"], lost["closed_at"] is None) == ("lost", False)
    assert [kind for kind, _ in caller.kinds_of(payment)] == ["charge", "dispute"]
    again = caller.control.post(f"/disputes/{dispute['id']}/win", json={})
    assert again.json()["error"]["code"] == "dispute_lost"


def test_what_is_disputed_can_not_be_refunded(caller: Caller) -> None:
    payment = caller.paid_payment(amount_minor=5000)
    dispute = caller.tell(f"/payments/{payment['id']}/dispute", amount_minor=4000)

    assert caller.refund(payment, 1001).json()["error"]["code"] == "refund_too_large"
    assert caller.refund(payment, 1000).status_code == 201

    caller.tell(f"/disputes/{dispute['id']}/win")
    assert caller.refund(payment, 4000).status_code == 201


def test_what_was_refunded_can_be_disputed_all_the_same(caller: Caller) -> None:
    payment = caller.paid_payment(amount_minor=5000)
    caller.refund(payment, 5000)

    caller.tell(f"/payments/{payment['id']}/dispute", fee_minor=0)

    assert sum(net for _, net in caller.kinds_of(payment)[1:]) == -10000


@pytest.mark.parametrize("amount_minor", [None, 1])
def test_a_payment_is_disputed_up_to_its_amount_and_only_when_it_was_paid(
    caller: Caller, amount_minor: int | None
) -> None:
    open_one, paid = caller.new_payment(), caller.paid_payment()
    caller.tell(f"/payments/{paid['id']}/dispute")

    for payment in (open_one, paid):
        asked = {"amount_minor": amount_minor}
        answer = caller.control.post(f"/payments/{payment['id']}/dispute", json=asked)

        assert answer.json()["error"]["code"] == "not_disputable"


def test_one_card_is_disputed_some_seconds_later(caller: Caller) -> None:
    payment = caller.new_payment(amount_minor=5000)

    assert caller.pay(payment["id"], "4000000000000259")["state"] == "succeeded"

    wait_until(lambda: bool(disputes_of(caller, payment)), 20)
    assert disputes_of(caller, payment)[0]["reason"] == "fraudulent"
    assert caller.read(payment["id"])["disputed_minor"] == 5000


def test_the_ledger_has_both_movements_of_a_dispute(caller: Caller) -> None:
    payment = caller.paid_payment(amount_minor=5000)
    dispute = caller.tell(f"/payments/{payment['id']}/dispute")
    caller.tell(f"/disputes/{dispute['id']}/win")

    (taken,), (given,) = (
        caller.ledger("disputes", payment),
        caller.ledger("disputes_won", payment),
    )

    assert (taken["gross_minor"], given["gross_minor"]) == (-5000, 5000)
    assert taken["state"] == given["state"] == "won"
    assert taken["reference"] == payment["reference"]
