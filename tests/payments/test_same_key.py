"""One key, other content: whoever notices refuses it, and nothing is charged or sent back twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quittance.connections.open import gateway_for
from quittance.core.errors import Refused
from quittance.core.money import Money
from quittance.payments.asked import request_of
from quittance.payments.checkout import ask_gateway, start_payment
from quittance.payments.models import Payment
from quittance.payments.orders import IdempotencyConflict
from quittance.reconciliation.rows import Kind
from quittance.tenancy.rows import reading
from tests.ground import CARD, Ground
from tests.payments.backwards import at_gateway, charged, refund, refunds_at_gateway
from tests.payments.rows import attempt_of, in_flight, payments_of, written_down
from tests.reconciliation.rows import queue

pytestmark = pytest.mark.failure("F19")


def taken_with_other_content(ground: Ground, payment: Payment) -> str:
    """The gateway has our key already, with a dollar less; return its object."""
    with reading():
        attempt = payment.attempts.select_related("payment").get()
    other = replace(request_of(attempt), amount=Money(9900, "USD"))
    return gateway_for(ground.gateway_account_id).create_payment(other).gateway_object


def test_a_key_that_the_gateway_has_with_another_amount_charges_nothing_and_says_so(
    ground: Ground,
) -> None:
    invoice = ground.bill("100.00")
    payment = written_down(ground, invoice)
    taken_with_other_content(ground, payment)

    with pytest.raises(Refused):
        ask_gateway(payment)

    assert ground.again(payment).status == "failed"
    assert in_flight(invoice) == 0
    assert ground.world.gateway_ledger(f"{payment.pk}:1") == []


def test_money_that_comes_with_the_other_content_is_kept_apart_for_a_person(
    ground: Ground,
) -> None:
    payment = written_down(ground, ground.bill("100.00"))
    object_ = taken_with_other_content(ground, payment)
    with pytest.raises(Refused):
        ask_gateway(payment)
    at_gateway(ground, f"payments/{object_}/pay", number=CARD)

    ground.advance(payment)

    assert ground.again(payment).status == "failed"
    assert attempt_of(payment).misfit == Money(9900, "USD")
    assert [row.amount for row in queue() if row.kind == Kind.ANSWER_PUZZLING] == [
        Money(9900, "USD")
    ]


def test_a_second_order_under_the_key_of_another_is_refused_and_the_first_goes_on(
    ground: Ground,
) -> None:
    invoice, other = ground.bill("100.00"), ground.bill("80.00")
    payment = ground.pay((invoice, "100.00"), key="basket")

    with pytest.raises(IdempotencyConflict):
        start_payment(ground.order((other, "80.00")), key="basket")
    with pytest.raises(IdempotencyConflict):
        start_payment(ground.order((invoice, "99.00")), key="basket")
    ground.on_page(payment)
    payment = ground.advance(payment)

    assert payment.status == "succeeded"
    assert payments_of(other) == []
    (charge,) = ground.world.gateway_ledger(f"{payment.pk}:1")
    assert charge["gross_minor"] == 10000


def test_a_refund_under_the_key_of_another_amount_is_refused_and_sends_nothing_more(
    ground: Ground,
) -> None:
    payment = charged(ground)
    refund(payment, 4000, key="form")

    with pytest.raises(IdempotencyConflict):
        refund(payment, 5000, key="form")

    assert refunds_at_gateway(ground, payment) == [4000]
