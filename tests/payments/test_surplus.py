"""Money that came and pays nothing: it goes back, once, and the books say so."""

from __future__ import annotations

from functools import partial

import pytest

from quittance.connections.open import gateway_for
from quittance.core.money import Money
from quittance.gateways.base import PaymentState
from quittance.notifications.models import Message
from quittance.payments.asked import request_of
from quittance.payments.cancel import cancel_payment
from quittance.payments.capture import apply_answer
from quittance.payments.checkout import start_payment
from quittance.payments.models import GatewayAttempt, Payment, Reversal
from quittance.payments.orders import IdempotencyConflict
from quittance.payments.surplus import FirstOneIsOpen, NothingCame, refund_quarantined
from quittance.payments.transitions import move_attempt
from quittance.tenancy.rows import reading, writing
from tests.ground import CARD, Ground
from tests.payments.backwards import (
    REFUND,
    at_gateway,
    money,
    refunds_at_gateway,
    reversals,
    sends,
    sent_earlier,
    shown,
    with_payment,
)
from tests.payments.people import new_user, with_user
from tests.payments.rows import answer_for, attempt_of, in_flight, statuses
from tests.payments.together import all_at_once


def paid_too_late(ground: Ground) -> Payment:
    """A payment that was cancelled, and was paid after all."""
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    cancel_payment(payment.pk)
    with_payment(ground, payment, "late_success")
    return payment


@pytest.mark.failure("F21")
def test_money_that_came_too_late_goes_back_by_itself_once(ground: Ground) -> None:
    payment = paid_too_late(ground)

    for _ in range(3):
        ground.advance(payment)

    assert shown(payment) == [("refund", "succeeded", 10000)]
    assert reversals(payment)[0].origin == "surplus"
    assert refunds_at_gateway(ground, payment) == [10000]
    assert money(ground) == {}
    assert attempt_of(payment).problem == ""
    assert ground.again(payment).status == "cancelled"


@pytest.mark.failure("F21")
def test_four_workers_on_late_money_send_it_back_once(ground: Ground) -> None:
    payment = paid_too_late(ground)

    got = all_at_once(*[partial(ground.advance, payment)] * 4)
    ground.advance(payment)

    assert [each for each in got if isinstance(each, Exception)] == []
    assert refunds_at_gateway(ground, payment) == [10000]
    assert sends(ground, reversals(payment)[0]) == 1


@pytest.mark.failure("F21", "F31")
def test_late_money_whose_refunds_answer_was_lost_goes_back_once(ground: Ground) -> None:
    payment = paid_too_late(ground)
    ground.world.gateway_fault(REFUND, "drop_after")

    ground.advance(payment)
    before = shown(payment), ground.again(payment).next_at
    ground.advance(payment)

    assert before[0] == [("refund", "unknown", 10000)]
    assert before[1] is not None
    assert shown(payment) == [("refund", "succeeded", 10000)]
    assert refunds_at_gateway(ground, payment) == [10000]


@pytest.mark.failure("F21")
def test_the_payer_of_late_money_is_told_that_it_comes_back(ground: Ground) -> None:
    user = new_user()
    order = with_user(ground.order((ground.bill("100.00"), "100.00")), user)
    payment = start_payment(order, key="k")
    cancel_payment(payment.pk)
    with_payment(ground, payment, "late_success")

    ground.advance(payment)
    ground.advance(payment)

    with reading():
        kinds = sorted(Message.objects.filter(to=user.email).values_list("kind", flat=True))
    assert kinds == ["refunded", "surplus"]


@pytest.mark.failure("F21")
def test_a_refund_of_late_money_that_failed_is_shown_and_sent_again_by_a_person(
    ground: Ground,
) -> None:
    payment = paid_too_late(ground)
    ground.world.gateway_fault(REFUND, "status", status=400)
    ground.advance(payment)
    attempt = attempt_of(payment)
    before = shown(payment), attempt.problem

    made = refund_quarantined(attempt.pk, key="form")
    again_ = refund_quarantined(attempt.pk, key="form")

    assert before[0] == [("refund", "failed", 10000)]
    assert "did not go back" in before[1]
    assert (made.status, again_.pk) == ("succeeded", made.pk)
    assert refunds_at_gateway(ground, payment) == [10000]
    assert money(ground) == {}
    with pytest.raises(NothingCame):
        refund_quarantined(attempt.pk, key="another form")


def _sibling(payment: Payment, status: str) -> GatewayAttempt:
    """A second attempt of a payment: the payer has begun anew, another way."""
    first = attempt_of(payment)
    with writing():
        second = GatewayAttempt.objects.create(
            payment=payment, customer_account_id=first.customer_account_id,
            gateway_account_id=first.gateway_account_id, ordinal=2, reference=f"{payment.pk}:2",
            amount_minor=first.amount_minor, currency="USD", method="card", return_url="",
            cancel_url="", locale="en", gateway_object=f"pay_second_{payment.pk.hex[-8:]}",
        )  # fmt: skip
        move_attempt(second, "sent", cause="asked")
        if status != "sent":
            move_attempt(second, status, cause="test")
    return second


@pytest.mark.failure("F12", "F21")
def test_a_second_success_of_one_payment_goes_back(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    first = attempt_of(payment)
    with writing():
        apply_answer(first.pk, answer_for(first, PaymentState.SUCCEEDED))
    second = _sibling(payment, "sent")

    with writing():
        apply_answer(second.pk, answer_for(second, PaymentState.SUCCEEDED))

    with reading():
        second.refresh_from_db()
        (reversal,) = Reversal.objects.all()
    assert (second.status, ground.again(payment).status) == ("surplus", "succeeded")
    assert (reversal.attempt_id, reversal.amount_minor) == (second.pk, 10000)


@pytest.mark.failure("F12", "F21")
def test_a_late_success_of_an_older_attempt_goes_back_and_the_newer_one_goes_on(
    ground: Ground,
) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    first = attempt_of(payment)
    with writing():
        move_attempt(first, "failed", cause="declined")
    second = _sibling(payment, "open")

    with writing():
        apply_answer(first.pk, answer_for(first, PaymentState.SUCCEEDED))
        apply_answer(second.pk, answer_for(second, PaymentState.SUCCEEDED))

    with reading():
        first.refresh_from_db()
        second.refresh_from_db()
        (reversal,) = Reversal.objects.all()
    assert (first.status, second.status) == ("surplus", "succeeded")
    assert ground.again(payment).status == "succeeded"
    assert reversal.attempt_id == first.pk


@pytest.mark.failure("F12")
def test_an_older_attempt_that_fails_does_not_end_the_newer_one(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    first = attempt_of(payment)
    with writing():
        move_attempt(first, "cancelled", cause="the payer chose another way")
    _sibling(payment, "open")

    with writing():
        apply_answer(first.pk, answer_for(first, PaymentState.FAILED))

    assert ground.again(payment).status == "in_flight"
    assert in_flight(invoice) == 10000


def _quarantined(ground: Ground) -> Payment:
    """A payment of which the gateway says that another amount came."""
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    ground.on_page(payment)
    with writing():  # as if we had asked for a cent less: the gateway's word does not fit
        GatewayAttempt.objects.filter(payment=payment).update(amount_minor=9999)
    ground.advance(payment)
    return payment


@pytest.mark.failure("F20")
def test_another_amount_than_asked_for_moves_nothing_until_a_person_sends_it_back(
    ground: Ground,
) -> None:
    payment = _quarantined(ground)
    before = statuses(payment), money(ground), attempt_of(payment).problem

    made = refund_quarantined(attempt_of(payment).pk, key="form", note="wrong amount")

    kept_apart = {"gateway": 10000, "quarantine": -10000}
    assert before[:2] == (("in_flight", "open", ["reserved"]), kept_apart)
    assert "100.00 USD, we asked for 99.99 USD" in before[2]
    assert (made.status, made.amount) == ("succeeded", Money(10000, "USD"))
    assert statuses(payment) == ("failed", "surplus", ["released"])
    assert refunds_at_gateway(ground, payment) == [10000]
    assert money(ground) == {}


@pytest.mark.failure("F20", "F31")
def test_a_quarantined_payment_is_sent_back_also_when_the_clerks_process_died(
    ground: Ground,
) -> None:
    payment = _quarantined(ground)
    ground.world.gateway_fault(REFUND, "drop_before")  # it got no further than asking

    refund_quarantined(attempt_of(payment).pk, key="form")
    before = ground.again(payment).next_at
    sent_earlier(reversals(payment)[0], minutes=5)
    ground.advance(payment)

    assert before is not None  # the sweep looks at it
    assert shown(payment) == [("refund", "succeeded", 10000)]


@pytest.mark.failure("F20", "F31")
def test_two_clerks_send_a_quarantined_payment_back_once(ground: Ground) -> None:
    payment = _quarantined(ground)
    attempt = attempt_of(payment)

    got = all_at_once(
        *[partial(refund_quarantined, attempt.pk, key=key) for key in ("a", "b", "b", "c")]
    )
    ground.advance(payment)

    assert {type(each).__name__ for each in got} <= {"Reversal", "NothingCame", "ChangedMeanwhile"}
    assert refunds_at_gateway(ground, payment) == [10000]
    assert [each.status for each in reversals(payment)] == ["succeeded"]


def test_what_the_gateway_does_not_have_is_not_sent_back(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))

    with pytest.raises(NothingCame):
        refund_quarantined(attempt_of(payment).pk, key="form")


def test_a_key_of_another_payment_is_a_conflict(ground: Ground) -> None:
    first, second = _quarantined(ground), _quarantined(ground)
    refund_quarantined(attempt_of(first).pk, key="form")

    with pytest.raises(IdempotencyConflict):
        refund_quarantined(attempt_of(second).pk, key="form")


def _second_object(ground: Ground, payment: Payment) -> str:
    """The gateway has forgotten our key and made a second object, which the payer has paid."""
    gateway, first = gateway_for(ground.gateway_account_id), attempt_of(payment)
    at_gateway(ground, "keys/expire")
    with reading():
        first = GatewayAttempt.objects.select_related("payment").get(pk=first.pk)
    second = gateway.create_payment(request_of(first)).gateway_object
    at_gateway(ground, f"payments/{second}/pay", number=CARD)
    answer = gateway.read_payment(second)
    with writing():
        apply_answer(first.pk, answer)
    return second


@pytest.mark.failure("F18", "F20")
def test_a_second_object_at_the_gateway_goes_back_and_the_first_one_pays(ground: Ground) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))
    first = attempt_of(payment)
    _second_object(ground, payment)
    problem = attempt_of(payment).problem

    made = refund_quarantined(first.pk, key="form")

    with reading():
        attempts = list(payment.attempts.order_by("ordinal").values_list("status", "problem"))
    assert "second payment" in problem
    assert made.status == "succeeded"
    assert attempts == [("succeeded", ""), ("surplus", "")]
    assert money(ground) == {"gateway": 10000, "posted": -10000}
    assert ground.again(payment).status == "succeeded"


@pytest.mark.failure("F20")
def test_while_the_first_one_may_still_be_paid_the_second_waits(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    first = attempt_of(payment)
    _second_object(ground, payment)

    with pytest.raises(FirstOneIsOpen):
        refund_quarantined(first.pk, key="form")
    cancel_payment(payment.pk)
    made = refund_quarantined(first.pk, key="form")

    assert made.status == "succeeded"
    assert money(ground) == {}
