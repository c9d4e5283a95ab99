"""A buyer whose bank returned a debit reads why, what he can do, and what is charged no more."""

from __future__ import annotations

import re
from typing import Any

import pytest

from quittance.tenancy.rows import reading
from quittance.wallet.places import set_company_id
from tests.payments.returns import account_kept, debit, gone_back, returned, settled
from tests.portal.doors import Door, begin_checkout


def words(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.mark.failure("F34")
def test_the_payments_page_says_why_what_to_do_and_what_is_charged_no_more(door: Door) -> None:
    set_company_id(door.ground.gateway_account_id, "1234567890")
    method = account_kept(door.ground)
    payment = settled(door.ground, debit(door.ground, method))
    returned(door.ground, payment, "R29")

    page = words(door.buyer().get(f"/payments/{payment.pk}"))

    assert "The bank says that the debit was not agreed to. The invoices are owed again." in page
    assert "Have your bank let debits of the seller pass" in page
    assert "The company ID that your bank must let pass is 1234567890." in page
    assert f"{method.label} is charged no more." in page
    assert "R29" not in page


@pytest.mark.failure("F34")
@pytest.mark.parametrize(
    ("code", "mark", "said"),
    [
        ("R02", "Returned by the bank", "It is not charged any more"),
        ("R16", "Blocked", "It is blocked for now"),
    ],
)
def test_the_wallet_says_what_a_bank_has_stopped_and_why(
    door: Door, code: str, mark: str, said: str
) -> None:
    method = account_kept(door.ground)
    gone_back(door.ground, method, code)
    buyer = door.buyer()

    listed, one = words(buyer.get("/wallet")), words(buyer.get(f"/wallet/{method.pk}"))

    assert f"{method.label} is charged no more" in listed
    assert "Its bank returned a payment" in listed
    assert mark in one
    assert said in one
    assert ("Remove" in one) is (code == "R16"), "what is blocked can still be removed"


@pytest.mark.failure("F34")
@pytest.mark.parametrize("code", ["R02", "R16"])
def test_the_checkout_offers_nothing_that_a_bank_has_stopped(door: Door, code: str) -> None:
    method, buyer = account_kept(door.ground), door.buyer()
    gone_back(door.ground, method, code)
    basket = begin_checkout(buyer, door.ground.bill("100.00"))

    page = words(buyer.get(f"{basket}/method"))

    assert method.label not in page
    with reading():
        method.refresh_from_db()
    assert method.stopped_at is not None
