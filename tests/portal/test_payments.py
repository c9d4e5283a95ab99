"""What became of a payment: in words, as a receipt, and by itself."""

from __future__ import annotations

import re
from typing import Any

import pytest

from quittance.payments.models import Payment
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import widened
from tests.ground import DECLINED
from tests.payments.rows import attempt_of
from tests.portal.doors import Door


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_a_payment_that_waits_offers_to_go_on_or_to_cancel(door: Door) -> None:
    payment = door.ground.pay((door.ground.bill("250.00"), "250.00"))

    page = door.buyer().get(f"/payments/{payment.pk}").content.decode()

    assert "Not finished yet" in page
    assert f'href="/payments/{payment.pk}/onward"' in page
    assert 'hx-trigger="every 2s"' in page


def test_a_lost_answer_is_said_and_that_nobody_shall_pay_again(door: Door) -> None:
    door.ground.world.gateway_fault("POST /v1/payments", "drop_after")
    payment = door.ground.pay((door.ground.bill("250.00"), "250.00"))
    buyer = door.buyer()

    page, listed = buyer.get(f"/payments/{payment.pk}"), buyer.get("/payments")

    assert "We are checking what became of it" in words(page)
    assert "do not pay it again" in words(page)
    assert "Being checked" in words(listed)


def test_who_comes_back_from_the_gateway_is_told_to_wait_a_moment(door: Door) -> None:
    payment = door.ground.pay((door.ground.bill("250.00"), "250.00"))

    page = door.buyer().get(f"/payments/{payment.pk}?from=gateway").content.decode()

    assert "Almost done" in page
    assert f'hx-get="/payments/{payment.pk}?from=gateway"' in page


def test_a_strangers_visit_moves_nothing_of_a_payment(door: Door) -> None:
    payment = door.ground.pay((door.ground.bill("250.00"), "250.00"))
    with widened(), reading():
        before = Payment.objects.values("next_at").get(pk=payment.pk)

    answer = door.stranger().get(f"/payments/{payment.pk}?from=gateway")

    with widened(), reading():
        after = Payment.objects.values("next_at").get(pk=payment.pk)
    assert answer.status_code == 404
    assert after == before


def test_a_paid_invoice_ends_in_a_receipt_with_the_erps_document_number(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    payment = door.ground.paid((invoice, "100.00"))

    page = door.buyer().get(f"/payments/{payment.pk}")

    assert "hx-trigger" not in page.content.decode()
    assert f"Seller’s document {payment.number}" in words(page)
    assert f"{invoice.number} $150.00 $100.00" in words(page)
    assert "Visa ••4242" in words(page)


def test_the_receipt_is_a_pdf_with_a_plain_name(door: Door) -> None:
    payment = door.ground.paid((door.ground.bill("250.00"), "250.00"))

    answer = door.buyer().get(f"/payments/{payment.pk}/receipt.pdf")

    assert answer.content.startswith(b"%PDF")
    assert f'filename="{payment.number}.pdf"' in answer["Content-Disposition"]


def test_there_is_no_receipt_before_there_is_money(door: Door) -> None:
    payment = door.ground.pay((door.ground.bill("250.00"), "250.00"))

    assert door.buyer().get(f"/payments/{payment.pk}/receipt.pdf").status_code == 404


def test_a_declined_card_says_why_and_what_to_do(door: Door) -> None:
    payment = door.ground.pay((door.ground.bill("250.00"), "250.00"))
    door.ground.on_page(payment, DECLINED)
    payment = door.ground.advance(payment)

    page = words(door.buyer().get(f"/payments/{payment.pk}"))

    if payment.status == "failed":
        assert "The payment failed" in page
        assert "Choose the invoices again" in page
    else:  # the gateway lets the payer try another card on its own page
        assert "Go on to the payment page" in page


def test_htmx_gets_the_part_that_moves(door: Door) -> None:
    payment = door.ground.pay((door.ground.bill("250.00"), "250.00"))

    answer = door.buyer().get(f"/payments/{payment.pk}", headers={"HX-Request": "true"})

    assert answer.content.strip().startswith(b'<div id="state"')


def test_cancelling_closes_the_payment_and_frees_the_invoice(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    payment = door.ground.pay((invoice, "250.00"))
    client = door.buyer()

    answer = client.post(f"/payments/{payment.pk}/cancel")

    assert answer.status_code == 303
    assert "The payment was cancelled" in words(client.get(f"/payments/{payment.pk}"))
    assert "Pay $250.00" in words(client.get(f"/invoices/{invoice.pk}"))


def test_a_payment_that_is_over_cannot_be_cancelled(door: Door) -> None:
    payment = door.ground.paid((door.ground.bill("250.00"), "250.00"))

    answer = door.buyer().post(f"/payments/{payment.pk}/cancel")

    assert answer.status_code == 409
    assert "cannot be cancelled any more" in words(answer)


def test_a_rejected_posting_does_not_worry_the_buyer(door: Door) -> None:
    payment = door.ground.pay((door.ground.bill("250.00"), "250.00"))
    door.ground.on_page(payment)
    door.ground.world.clerk("block-customer", customer="C-10482", blocked="All")
    try:
        door.ground.advance(payment)
    finally:
        door.ground.world.clerk("block-customer", customer="C-10482", blocked=" ")

    page = words(door.buyer().get(f"/payments/{payment.pk}"))

    assert "Your payment is safe" in page


def test_the_list_shows_payments_and_finds_one_by_its_number(door: Door) -> None:
    one = door.ground.paid((door.ground.bill("250.00"), "250.00"))
    two = door.ground.paid((door.ground.bill("80.00"), "80.00"))
    client = door.buyer()

    assert {one.number, two.number} <= set(words(client.get("/payments")).split())
    found = words(client.get(f"/payments?q={one.number.lower()}"))
    assert one.number in found
    assert two.number not in found


def test_nobody_is_told_that_nothing_was_charged_when_money_came_after_the_end(door: Door) -> None:
    payment = door.ground.pay((door.ground.bill("250.00"), "250.00"))
    client = door.buyer()
    client.post(f"/payments/{payment.pk}/cancel")
    world, object_ = door.ground.world, attempt_of(payment).gateway_object
    world.client.post(
        f"{world.gateway.control_url}/payments/{object_}/late_success", json={}
    ).raise_for_status()
    door.ground.advance(payment)

    page = words(client.get(f"/payments/{payment.pk}"))

    assert "Nothing was charged" not in page
    assert "took the money after all" in page


@pytest.mark.parametrize("place", ["x", "WyJhIiwiYiJd"])
def test_a_place_that_we_did_not_make_is_the_first_page(place: str, door: Door) -> None:
    assert door.buyer().get(f"/payments?after={place}").status_code == 200
