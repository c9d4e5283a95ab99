"""Refunds, returns, fees, balance entries and payouts."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.gateway.balance import fee
from tests.sandbox.gateway.gateway_caller import Caller, wait_until


@pytest.mark.parametrize(
    ("method", "amount_minor", "expected"),
    [
        ("card", 1, 30),  # 0.029
        ("card", 17, 30),  # 0.493
        ("card", 18, 31),  # 0.522
        ("card", 500, 45),  # 14.5 is rounded half up
        ("card", 10000, 320),
        ("bank_debit", 62, 0),  # 0.496
        ("bank_debit", 63, 1),  # 0.504
        ("bank_debit", 62500, 500),
        ("bank_debit", 10_000_000, 500),  # never more
    ],
)
def test_fees_are_whole_and_rounded_half_up(method: str, amount_minor: int, expected: int) -> None:
    assert fee(method, amount_minor) == expected


def test_a_payment_is_one_charge_with_its_fee(caller: Caller) -> None:
    payment = caller.paid_payment(amount_minor=10000)

    (charge,) = caller.ledger("charges", payment)

    assert payment["fee_minor"] == 320
    assert (charge["gross_minor"], charge["fee_minor"], charge["net_minor"]) == (10000, 320, 9680)
    assert charge["reference"] == payment["reference"]


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


def test_a_bank_debit_succeeds_after_a_while_and_costs_less(caller: Caller) -> None:
    payment = caller.new_payment(method="bank_debit", amount_minor=10000)

    assert caller.pay(payment["id"], "000123456789")["state"] == "processing"

    done = caller.wait_for_state(payment, "succeeded")
    assert done["fee_minor"] == 80
    assert done["instrument"] == {"brand": "bank", "last4": "6789"}
    assert caller.events_of(payment)[1:] == ["payment.processing", "payment.succeeded"]


def test_a_failing_bank_debit_moves_no_money(caller: Caller) -> None:
    payment = caller.new_payment(method="bank_debit")
    caller.pay(payment["id"], "000111111113")

    failed = caller.wait_for_state(payment, "failed")

    assert failed["failure"]["code"] == "account_closed"
    assert caller.ledger("charges", payment) == []


def test_a_returned_debit_is_a_negative_entry_and_stays_succeeded(caller: Caller) -> None:
    payment = caller.new_payment(method="bank_debit", amount_minor=5000)
    caller.pay(payment["id"], "000333333335")

    wait_until(lambda: caller.read(payment["id"])["returned_minor"] == 5000)

    assert caller.read(payment["id"])["state"] == "succeeded"
    (taken,) = caller.ledger("returns", payment)
    assert (taken["gross_minor"], taken["net_minor"]) == (-5000, -5000)
    assert caller.events_of(payment)[-1] == "payment.returned"


def test_a_return_takes_what_was_not_refunded_and_only_once(caller: Caller) -> None:
    payment = caller.new_payment(method="bank_debit", amount_minor=5000)
    caller.pay(payment["id"], "000555555559")
    caller.tell(f"/payments/{payment['id']}/settle")
    caller.refund(payment, 2000)

    told = caller.tell(f"/payments/{payment['id']}/return", code="R10")

    assert told["returned_minor"] == 3000
    again = caller.control.post(f"/payments/{payment['id']}/return", json={})
    assert again.json()["error"]["code"] == "not_returnable"
    assert caller.refund(payment, 1).json()["error"]["code"] == "refund_too_large"


def test_a_payout_is_the_sum_of_its_entries_even_below_zero(fresh: Caller) -> None:
    first = fresh.paid_payment(amount_minor=10000)
    fresh.paid_payment(amount_minor=2000, currency="EUR")

    fresh.tell("/payouts")
    fresh.refund(first, 10000)
    fresh.tell("/payouts")

    payouts = fresh.api.get("/payouts").json()["data"]
    assert [(one["currency"], one["amount_minor"]) for one in payouts] == [
        ("EUR", 1912),
        ("USD", 9680),
        ("USD", -10000),
    ]
    for payout in payouts:
        entries = fresh.api.get("/balance_entries", params={"payout": payout["id"]}).json()["data"]
        assert sum(entry["net_minor"] for entry in entries) == payout["amount_minor"]
        assert len(entries) == payout["entries"]
