"""What a buyer reads of money that went back: on the payment's page and on its receipt."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from quittance.payments.cancel import cancel_payment
from quittance.payments.models import Payment
from quittance.portal.payments.back import facts_of
from quittance.portal.payments.receipt import receipt_data
from quittance.portal.payments.records import whole_payment
from quittance.tenancy.rows import reading
from quittance.ui.pages import OUR_LOOK
from tests.payments.backwards import (
    REFUND,
    at_gateway,
    charged,
    debited,
    refund,
    reversals,
    with_payment,
)
from tests.payments.test_given_back import returned, take_over
from tests.portal.doors import Door


def words(door: Door, payment: Payment) -> str:
    return words_at(door.buyer(), f"/payments/{payment.pk}")


def words_at(client: Client, place: str) -> str:
    answer = client.get(place)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def its_invoice(payment: Payment) -> str:
    with reading():
        (paid,) = payment.allocations.all()
    return f"/invoices/{paid.invoice_id}"


@pytest.mark.parametrize(
    ("deed", "expected"),
    [("refund", "Paid, refunded"), ("return", "Returned by the bank"), ("dispute", "Disputed"),
     ("won", "Paid")],
)  # fmt: skip
def test_the_list_says_what_became_of_the_money(deed: str, expected: str, door: Door) -> None:
    ground = door.ground
    payment = debited(ground) if deed == "return" else charged(ground)
    if deed == "refund":
        refund(payment, 4000)
    elif deed == "return":
        with_payment(ground, payment, "return", code="R01")
    else:
        dispute = with_payment(ground, payment, "dispute")
        ground.advance(payment)
        if deed == "won":
            at_gateway(ground, f"disputes/{dispute['id']}/win")
    ground.advance(payment)

    page = door.buyer().get("/payments").content.decode()

    (shown,) = re.findall(r'c-status" role="cell">(.*?)</td>', page)
    assert re.sub(r"<[^>]+>", "", shown) == expected


def test_a_refund_of_a_part_is_shown_beside_what_was_paid(door: Door) -> None:
    payment = charged(door.ground)
    refund(payment, 4000)

    page = words(door, payment)

    assert "$40.00 was sent back to you" in page
    assert "The invoices are owed again." in page
    assert "Paid, and sent back" not in page


def test_a_refund_of_all_changes_the_headline(door: Door) -> None:
    payment = charged(door.ground)
    refund(payment, 10000, reopens=False)

    page = words(door, payment)

    assert "Paid, and sent back" in page
    assert "owed again" not in page


def test_a_refund_on_its_way_is_not_called_done(door: Door) -> None:
    payment = charged(door.ground)
    door.ground.world.gateway_fault(REFUND, "drop_before")
    refund(payment, 4000)

    buyer = door.buyer()

    for page in (words_at(buyer, f"/payments/{payment.pk}"), words_at(buyer, its_invoice(payment))):
        assert "$40.00 is being sent back to you" in page
        assert "was sent back" not in page


def test_a_refund_that_the_gateway_refused_is_the_sellers_matter(door: Door) -> None:
    payment = charged(door.ground)
    door.ground.world.gateway_fault(REFUND, "status", status=400)
    refund(payment, 4000)

    assert "sent back" not in words(door, payment)


def test_a_returned_debit_says_why_and_that_it_is_owed_again(door: Door) -> None:
    payment = debited(door.ground)
    with_payment(door.ground, payment, "return", code="R01")
    door.ground.advance(payment)

    page = words(door, payment)

    assert "Your bank returned the payment" in page
    assert "There was not enough money in the account. The invoices are owed again." in page
    assert "R01" not in page


def test_the_invoice_says_that_its_debit_came_back_and_why(door: Door) -> None:
    payment = debited(door.ground)
    with_payment(door.ground, payment, "return", code="R01")
    door.ground.advance(payment)

    page = words_at(door.buyer(), its_invoice(payment))

    assert "$100.00 was returned by your bank" in page
    assert "There was not enough money in the account." in page
    assert page.index("was returned by your bank") < page.index("$100.00 paid")


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        ("", "Your bank has the money until it is decided."),
        ("lose", "The invoices are owed again."),
        ("win", "The dispute was decided: $100.00 is paid again"),
    ],
)
def test_a_dispute_is_told_with_its_end(door: Door, end: str, sentence: str) -> None:
    payment = charged(door.ground)
    dispute = with_payment(door.ground, payment, "dispute", reason="fraudulent")
    if end:
        at_gateway(door.ground, f"disputes/{dispute['id']}/{end}")
    door.ground.advance(payment)

    page = words(door, payment)

    assert "$100.00 was disputed at your bank" in page
    assert sentence in page
    assert "fraudulent" not in page


def test_a_return_that_its_bank_takes_back_is_told_as_paid_and_asks_for_nothing(
    door: Door,
) -> None:
    payment = debited(door.ground)
    again = returned(door.ground, payment)
    door.ground.advance(payment)
    take_over(payment, again)

    buyer = door.buyer()
    page, invoice = (
        words_at(buyer, f"/payments/{payment.pk}"),
        words_at(buyer, its_invoice(payment)),
    )
    listed = words_at(buyer, "/payments")
    receipt = facts_of(reversals(payment), locale="en", zone="UTC")
    office = words_at(door.clerk(), f"/office/payments/{payment.number}")

    for shown in (page, invoice):
        assert "$100.00 was returned by your bank" in shown
        assert "Your bank paid $100.00 after all" in shown
        assert "owed again" not in shown
    assert "Your bank returned the payment" not in page
    assert "Returned by the bank" not in listed
    assert [word for word, _ in receipt] == ["Returned by the bank", "Paid by the bank after all"]
    assert "Given back by the bank" in office
    assert "books · The invoices stay paid" in office
    assert "books · The invoices are owed again" not in office


def test_late_money_is_said_to_come_back(door: Door) -> None:
    payment = door.ground.pay((door.ground.bill("100.00"), "100.00"))
    cancel_payment(payment.pk)
    with_payment(door.ground, payment, "late_success")
    door.ground.advance(payment)

    page = words(door, payment)

    assert "sends it back to you" in page
    assert "$100.00 was sent back to you" in page


def test_the_receipt_names_what_went_back_and_keeps_what_was_paid(door: Door) -> None:
    payment = charged(door.ground)
    refund(payment, 4000)

    with reading():
        whole = whole_payment(payment.pk)
    assert whole is not None
    data = receipt_data(
        whole, look=OUR_LOOK, paid_by="Dana", locale="en", zone="UTC", site="x.example"
    )

    assert data["amount"] == "$100.00"
    assert dict(data["facts"])["Sent back"].startswith("$40.00, ")
