"""What a form may call its refund: nothing that stands in the way of another one."""

from __future__ import annotations

import pytest

from quittance.payments.cancel import cancel_payment
from quittance.payments.models import Payment
from tests.backoffice.office import action, fields
from tests.backoffice.test_money_back import surplus
from tests.backoffice.test_refunds import confirmation
from tests.payments.backwards import charged, refunds_at_gateway, with_payment
from tests.payments.rows import attempt_of
from tests.portal.doors import Door


def cancelled(door: Door) -> Payment:
    """A payment that is over, and for which money may come all the same."""
    payment = door.ground.pay((door.ground.bill("80.00"), "80.00"))
    cancel_payment(payment.pk)
    return payment


def money_comes(door: Door, payment: Payment) -> Payment:
    with_payment(door.ground, payment, "late_success")
    door.ground.advance(payment)
    return door.ground.advance(payment)


@pytest.mark.failure("F21")
def test_a_refunds_form_cannot_take_the_key_of_an_automatic_refund(door: Door) -> None:
    payment, late = charged(door.ground), cancelled(door)
    client = door.clerk()
    page = confirmation(client, payment, amount="1.00")
    said = fields(page, "refund/make") | {"key": f"surplus:{attempt_of(late).pk}"}

    answer = client.post(action(page, "refund/make"), said)
    money_comes(door, late)

    assert answer["Location"] == f"/office/payments/{payment.number}?done=refunded"
    assert refunds_at_gateway(door.ground, payment) == [100]
    assert attempt_of(late).status == "surplus"
    assert refunds_at_gateway(door.ground, late) == [8_000]


@pytest.mark.failure("F21")
def test_surplus_sent_back_by_hand_cannot_take_the_key_of_an_automatic_refund(door: Door) -> None:
    payment, late = surplus(door), cancelled(door)
    client = door.clerk()
    page = client.get(f"/office/exceptions/attempt/{attempt_of(payment).pk}")
    said = fields(page, "send-back") | {
        "key": f"surplus:{attempt_of(late).pk}", "note": "It came too late"
    }  # fmt: skip

    client.post(action(page, "send-back"), said)
    money_comes(door, late)

    assert refunds_at_gateway(door.ground, payment) == [10_000]
    assert refunds_at_gateway(door.ground, late) == [8_000]


def test_a_key_with_signs_that_no_text_has_is_a_key_like_any(door: Door) -> None:
    payment = charged(door.ground)
    client = door.clerk()
    page = confirmation(client, payment, amount="1.00")

    client.post(action(page, "refund/make"), fields(page, "refund/make") | {"key": "a\0b"})

    assert refunds_at_gateway(door.ground, payment) == [100]
