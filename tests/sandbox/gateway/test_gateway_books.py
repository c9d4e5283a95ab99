"""Charges, fees, bank debits and their returns."""

from __future__ import annotations

import pytest

from sandbox.gateway.balance import fee
from tests.sandbox.gateway.gateway_caller import SECOND_KEY, Caller, wait_until


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


def test_a_return_takes_the_whole_debit_once_also_when_it_was_refunded(caller: Caller) -> None:
    payment = caller.settled_debit(amount_minor=5000)
    caller.refund(payment, 2000)

    told = caller.tell(f"/payments/{payment['id']}/return", code="R10")

    assert (told["refunded_minor"], told["returned_minor"]) == (2000, 5000)
    assert caller.kinds_of(payment) == [("charge", 4960), ("refund", -2000), ("return", -5000)]
    again = caller.control.post(f"/payments/{payment['id']}/return", json={})
    assert again.json()["error"]["code"] == "not_returnable"
    assert caller.refund(payment, 1).json()["error"]["code"] == "refund_too_large"


def test_the_books_say_the_code_of_a_return(caller: Caller) -> None:
    payment = caller.settled_debit()

    caller.tell(f"/payments/{payment['id']}/return", code="R10")

    (taken,) = [row for row in caller.entries(payment=payment["id"]) if row["kind"] == "return"]
    assert (taken["code"], taken["subject"], taken["payout"]) == ("R10", None, None)


def test_a_card_payment_is_not_returned(caller: Caller) -> None:
    payment = caller.paid_payment()

    answer = caller.control.post(f"/payments/{payment['id']}/return", json={})

    assert answer.json()["error"]["code"] == "not_returnable"


def test_a_fee_of_its_own_is_an_entry_without_gross(fresh: Caller) -> None:
    payment = fresh.paid_payment(amount_minor=10000)

    fresh.tell("/fees", amount_minor=250, currency="USD", payment=payment["id"])
    told = fresh.tell("/fees", amount_minor=99, currency="EUR")

    assert told["data"] == [
        {"currency": "EUR", "amount_minor": -99},
        {"currency": "USD", "amount_minor": 9430},
    ]
    with_payment, without = fresh.entries()[1:]
    assert (with_payment["kind"], with_payment["payment"]) == ("fee", payment["id"])
    assert (with_payment["gross_minor"], with_payment["fee_minor"]) == (0, 250)
    assert without["payment"] is None


def test_the_cursor_of_the_books_neither_loses_nor_repeats(fresh: Caller) -> None:
    payments = [fresh.paid_payment() for _ in range(5)]
    first = fresh.api.get("/balance_entries", params={"limit": 2}).json()
    later = [fresh.paid_payment() for _ in range(2)]

    rest = fresh.entries(limit=2, after=first["data"][-1]["id"])

    assert first["has_more"]
    came = [row["payment"] for row in [*first["data"], *rest]]
    assert came == [payment["id"] for payment in [*payments, *later]]
    assert fresh.entries(after=rest[-1]["id"]) == []


@pytest.mark.parametrize("path", ["/refunds", "/disputes", "/balance_entries"])
def test_a_list_never_says_none_of_a_payment_that_is_not_ours(caller: Caller, path: str) -> None:
    payment = caller.paid_payment()
    other = {"Authorization": f"Bearer {SECOND_KEY}"}

    answer = caller.api.get(path, params={"payment": payment["id"]}, headers=other)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert caller.api.get(path, params={"payment": payment["id"]}).status_code == 200
