"""A clerk sends money back: as much as is left, once, whatever the gateway does."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError

from quittance.core.money import CurrencyMismatch, Money
from quittance.notifications.models import Message
from quittance.payments.checkout import start_payment
from quittance.payments.models import Payment, Reversal
from quittance.payments.orders import IdempotencyConflict
from quittance.payments.refunds import (
    AmountNotRefundable,
    Disputed,
    NotRefundable,
    ReturnMayCome,
    refund_payment,
    refundable,
)
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.payments.backwards import (
    REFUND,
    again,
    at_gateway,
    charged,
    debited,
    refund,
    refunds_at_gateway,
    reversals,
    sends,
    sent_earlier,
    shown,
    usd,
    with_payment,
)
from tests.payments.people import new_user, with_user
from tests.payments.together import all_at_once


def left(payment: Payment) -> int:
    with reading():
        return refundable(payment).minor


def test_a_refund_sends_the_money_back_once(ground: Ground) -> None:
    payment = charged(ground)

    made = refund(payment, 4000)

    assert (made.status, made.amount, made.kind, made.origin) == (
        "succeeded", usd(4000), "refund", "clerk",
    )  # fmt: skip
    assert refunds_at_gateway(ground, payment) == [4000]
    assert left(payment) == 6000


def test_parts_may_go_back_until_nothing_is_left(ground: Ground) -> None:
    payment = charged(ground)

    for minor in (1, 3999, 6000):
        refund(payment, minor)

    assert left(payment) == 0
    with pytest.raises(AmountNotRefundable, match=r"0\.00 USD of payment"):
        refund(payment, 1)
    assert refunds_at_gateway(ground, payment) == [1, 3999, 6000]


def test_more_than_is_left_is_refused_and_the_rest_named(ground: Ground) -> None:
    payment = charged(ground)
    refund(payment, 4000)

    with pytest.raises(AmountNotRefundable, match=r"60\.00 USD .* not 60\.01 USD"):
        refund(payment, 6001)

    assert shown(payment) == [("refund", "succeeded", 4000)]


@pytest.mark.parametrize("minor", [0, -1])
def test_nothing_and_less_cannot_go_back(ground: Ground, minor: int) -> None:
    with pytest.raises(AmountNotRefundable):
        refund(charged(ground), minor)


def test_another_currency_cannot_go_back(ground: Ground) -> None:
    with pytest.raises(CurrencyMismatch):
        refund_payment(charged(ground).pk, Money(100, "EUR"), key="k", reopens=True)


def test_what_never_came_cannot_go_back(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))

    with pytest.raises(NotRefundable):
        refund(payment, 100)


@pytest.mark.failure("F31")
def test_the_same_form_twice_is_one_refund(ground: Ground) -> None:
    payment = charged(ground)

    first, second = refund(payment, 4000, key="form"), refund(payment, 4000, key="form")

    assert first.pk == second.pk
    assert refunds_at_gateway(ground, payment) == [4000]


@pytest.mark.parametrize(
    "other", [{"minor": 4001}, {"reopens": False}, {"note": "another"}], ids=str
)
def test_the_same_form_with_other_contents_is_a_conflict(
    ground: Ground, other: dict[str, Any]
) -> None:
    payment = charged(ground)
    refund(payment, 4000, key="form")

    with pytest.raises(IdempotencyConflict):
        refund(payment, **{"minor": 4000, "key": "form", **other})

    assert refunds_at_gateway(ground, payment) == [4000]


@pytest.mark.failure("F31")
def test_many_clicks_on_one_form_at_once_are_one_refund(ground: Ground) -> None:
    payment = charged(ground)

    got = all_at_once(*[partial(refund, payment, 4000, key="form")] * 6)

    assert {getattr(each, "pk", each) for each in got} == {reversals(payment)[0].pk}
    assert refunds_at_gateway(ground, payment) == [4000]


@pytest.mark.failure("F60")
def test_two_parts_at_once_never_pass_the_limit_of_one_person_together(ground: Ground) -> None:
    payment = charged(ground)
    with writing():
        mine = Organization.objects.filter(pk=ground.organization_id)
        mine.update(two_persons_above_minor=5000, two_persons_currency="USD")

    got = all_at_once(*[partial(refund, payment, 4000)] * 3)

    assert sorted(type(each).__name__ for each in got) == ["AboveTheLimit"] * 2 + ["Reversal"]
    assert refunds_at_gateway(ground, payment) == [4000]


@pytest.mark.failure("F35")
def test_two_clerks_at_once_never_send_back_more_than_came(ground: Ground) -> None:
    payment = charged(ground)

    got = all_at_once(*[partial(refund, payment, 6000)] * 4)

    assert sorted(type(each).__name__ for each in got) == ["AmountNotRefundable"] * 3 + ["Reversal"]
    assert refunds_at_gateway(ground, payment) == [6000]


@pytest.mark.failure("F35")
def test_the_database_itself_refuses_more_than_came(ground: Ground) -> None:
    payment = charged(ground)
    made = refund(payment, 6000)

    with pytest.raises(IntegrityError, match="exceed what came in"), writing():
        Reversal.objects.create(
            payment_id=payment.pk, attempt_id=made.attempt_id, kind="refund", origin="clerk",
            customer_account_id=made.customer_account_id, number="R-X", amount_minor=4001,
            currency="USD", idempotency_key="x",
        )  # fmt: skip


def test_a_debit_is_not_refunded_while_its_bank_may_take_it_back(ground: Ground) -> None:
    payment = debited(ground)

    with pytest.raises(ReturnMayCome, match="may take this debit back until 20"):
        refund(payment, 4000)
    made = refund(payment, 4000, despite_return=True)

    assert made.status == "succeeded"
    assert refunds_at_gateway(ground, payment) == [4000]


def test_a_debit_that_is_old_enough_is_refunded_like_a_card(ground: Ground) -> None:
    payment = debited(ground)
    with writing():
        long_ago = payment.succeeded_at.replace(year=payment.succeeded_at.year - 1)  # type: ignore[union-attr]
        Payment.objects.filter(pk=payment.pk).update(succeeded_at=long_ago)

    assert refund(payment, 4000).status == "succeeded"


@pytest.mark.failure("F35")
def test_nothing_goes_back_while_a_dispute_is_not_decided(ground: Ground) -> None:
    payment = charged(ground)
    with_payment(ground, payment, "dispute", amount_minor=1000)
    ground.advance(payment)

    with pytest.raises(Disputed):
        refund(payment, 1000)

    assert refunds_at_gateway(ground, payment) == []


@pytest.mark.failure("F35")
def test_a_dispute_that_we_do_not_know_yet_makes_the_gateway_refuse(ground: Ground) -> None:
    payment = charged(ground)
    with_payment(ground, payment, "dispute", amount_minor=6000)

    made = refund(payment, 5000)
    ground.advance(payment)

    assert (made.status, made.problem != "") == ("failed", True)
    assert refunds_at_gateway(ground, payment) == []
    assert ("dispute", "succeeded", 6000) in shown(payment)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "malformed_json", "error_after"])
@pytest.mark.failure("F31")
def test_a_lost_answer_is_unknown_and_counts_as_gone(ground: Ground, fault: str) -> None:
    payment = charged(ground)
    ground.world.gateway_fault(REFUND, fault)

    made = refund(payment, 6000)

    assert made.status == "unknown"
    assert left(payment) == 4000
    with pytest.raises(AmountNotRefundable):
        refund(payment, 6000)


@pytest.mark.parametrize("fault", ["drop_after", "malformed_json", "error_after", "late_commit"])
@pytest.mark.failure("F17", "F31")
def test_a_refund_whose_answer_was_lost_is_found_and_not_sent_again(
    ground: Ground, fault: str
) -> None:
    payment = charged(ground)
    facts = {"seconds": 0.3} if fault == "late_commit" else {}
    ground.world.gateway_fault(REFUND, fault, **facts)
    made = refund(payment, 6000)
    until = time.monotonic() + 30
    while refunds_at_gateway(ground, payment) == [] and time.monotonic() < until:
        time.sleep(0.02)

    ground.advance(payment)

    assert again(made).status == "succeeded"
    assert sends(ground, made) == 1
    assert refunds_at_gateway(ground, payment) == [6000]


@pytest.mark.failure("F31")
def test_silence_counts_only_after_the_gateways_waiting_time(ground: Ground) -> None:
    payment = charged(ground)
    ground.world.gateway_fault(REFUND, "drop_before")
    made = refund(payment, 6000)

    ground.advance(payment)
    early = again(made).status, sends(ground, made)
    sent_earlier(made, seconds=11)
    ground.advance(payment)

    assert early == ("unknown", 1)
    assert (again(made).status, sends(ground, made)) == ("succeeded", 2)
    assert refunds_at_gateway(ground, payment) == [6000]


@pytest.mark.failure("F18")
def test_after_the_keys_lifetime_a_refund_is_never_sent_again(ground: Ground) -> None:
    payment = charged(ground)
    ground.world.gateway_fault(REFUND, "drop_before")
    made = refund(payment, 6000)

    sent_earlier(made, hours=23, seconds=30)
    ground.advance(payment)
    at_the_edge = again(made).status
    sent_earlier(made, hours=23, minutes=5)
    ground.advance(payment)

    assert at_the_edge == "unknown"
    assert (again(made).status, sends(ground, made)) == ("failed", 1)
    assert "no such refund 23 h after it was sent" in again(made).problem
    assert left(payment) == 10000


@pytest.mark.failure("F18")
def test_after_the_keys_lifetime_what_was_made_is_still_found(ground: Ground) -> None:
    payment = charged(ground)
    ground.world.gateway_fault(REFUND, "drop_after")
    made = refund(payment, 6000)
    at_gateway(ground, "keys/expire")
    sent_earlier(made, hours=30)

    ground.advance(payment)

    assert (again(made).status, sends(ground, made)) == ("succeeded", 1)
    assert refunds_at_gateway(ground, payment) == [6000]


@pytest.mark.failure("F16")
def test_a_gateway_that_is_busy_is_asked_again_under_the_same_key(ground: Ground) -> None:
    payment = charged(ground)
    ground.world.gateway_fault(REFUND, "status", status=429, retry_after="1")
    made = refund(payment, 6000)
    waiting = made.status
    sent_earlier(made, seconds=11)

    ground.advance(payment)

    assert waiting == "sent"
    assert again(made).status == "succeeded"
    assert refunds_at_gateway(ground, payment) == [6000]


def test_a_refusal_is_kept_in_the_gateways_words(ground: Ground) -> None:
    payment = charged(ground)
    ground.world.gateway_fault(REFUND, "status", status=400)

    made = refund(payment, 6000)

    assert made.status == "failed"
    assert made.detail != ""
    assert made.detail in made.problem
    assert left(payment) == 10000


def test_a_pending_refund_is_followed_to_its_end(ground: Ground) -> None:
    payment = charged(ground)
    at_gateway(ground, "refunds/behaviour", pending=True)
    try:
        good, bad = refund(payment, 6000), refund(payment, 1000)
    finally:
        at_gateway(ground, "refunds/behaviour", pending=False)
    before = good.status, bad.status, left(payment)
    at_gateway(ground, f"refunds/{good.gateway_object}/settle")
    at_gateway(ground, f"refunds/{bad.gateway_object}/fail", code="account_closed")

    ground.advance(payment)

    assert before == ("pending", "pending", 3000)
    assert (again(good).status, again(bad).status) == ("succeeded", "failed")
    assert left(payment) == 4000


def test_a_refund_that_the_bank_sends_back_has_failed_after_all(ground: Ground) -> None:
    payment = charged(ground)
    made = refund(payment, 6000)
    at_gateway(ground, f"refunds/{made.gateway_object}/fail", code="account_closed")

    ground.advance(payment)

    assert again(made).status == "failed"
    assert "sent 60.00 USD back to us" in made.problem
    assert left(payment) == 10000
    assert shown(payment) == [("refund", "failed", 6000)]


def test_the_payer_is_told_once_of_money_that_went_back(ground: Ground) -> None:
    user = new_user()
    order = with_user(ground.order((ground.bill("100.00"), "100.00")), user)
    payment = start_payment(order, key="k")
    ground.on_page(payment)
    ground.advance(payment)

    refund(payment, 6000)
    ground.advance(payment)

    with reading():
        (message,) = Message.objects.filter(kind="refunded")
    assert (message.to, message.facts["amount_minor"]) == (user.email, 6000)
