"""A gateway may forget a payment that nobody paid; one that is switched off is asked nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quittance.connections.models import GatewayAccount
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.payments.capture import end_without_trace
from quittance.payments.models import GatewayAttempt, GatewayMessage, Payment
from quittance.payments.transitions import move_attempt
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.payments.backwards import charged, shown, with_payment
from tests.payments.rows import attempt_of, make_older, statuses


def forgotten(ground: Ground, *, hours: int) -> Payment:
    """An open payment of which the gateway knows nothing, neither by its own id nor by ours."""
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    make_older(payment, hours=hours)
    with writing():
        GatewayAttempt.objects.filter(payment=payment).update(
            gateway_object=f"pay_{new_id().hex}", reference=f"forgotten:{new_id().hex}"
        )
    return payment


def test_a_payment_that_the_gateway_has_forgotten_frees_its_invoices(ground: Ground) -> None:
    payment = forgotten(ground, hours=2)

    ground.advance(payment)

    assert statuses(payment) == ("cancelled", "cancelled", ["released"])
    assert payment.reason == "abandoned"


@pytest.mark.failure("F11")
def test_within_the_payers_hour_nothing_counts_as_forgotten(ground: Ground) -> None:
    payment = forgotten(ground, hours=0)

    ground.advance(payment)

    assert statuses(payment) == ("in_flight", "open", ["reserved"])
    assert payment.next_at is not None


def test_what_the_bank_had_is_not_forgotten_but_waits_for_a_person(ground: Ground) -> None:
    payment = forgotten(ground, hours=2)
    with writing():
        move_attempt(payment.attempts.get(), "processing", cause="the bank has it")

    ground.advance(payment)

    assert statuses(payment) == ("in_flight", "processing", ["reserved"])
    assert payment.next_at is not None


def test_a_payment_with_which_money_came_is_never_taken_for_forgotten(ground: Ground) -> None:
    payment = forgotten(ground, hours=2)
    with writing():
        GatewayAttempt.objects.filter(payment=payment).update(
            came_object="pay_other", came_minor=10000, came_currency="USD"
        )

    ground.advance(payment)

    assert statuses(payment) == ("in_flight", "open", ["reserved"])


@pytest.mark.failure("F15")
@pytest.mark.parametrize("status", ["open", "sent", "unknown"])
def test_what_our_word_may_have_taken_is_never_taken_for_forgotten(
    ground: Ground, status: str
) -> None:
    payment = forgotten(ground, hours=2)
    with writing():
        attempt = payment.attempts.get()
        for each in ("sent", "unknown", "open") if status == "open" else ("sent", status):
            move_attempt(attempt, each, cause="our word", word_at=clock.now())
    known = attempt_of(payment).gateway_object or ""

    ground.advance(payment)
    with writing():  # as a worker would that read the row before our word
        end_without_trace(attempt.pk, cause="old news", forgotten=known)

    assert statuses(payment) == ("in_flight", status, ["reserved"])
    assert ground.again(payment).next_at is not None


def test_an_id_is_put_right_when_the_waiting_time_after_our_last_word_is_over(
    ground: Ground,
) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    right, wrong = attempt_of(payment).gateway_object, f"pay_{new_id().hex}"
    make_older(payment, hours=2)
    seen = []
    for ago in (timedelta(0), timedelta(minutes=1)):
        with writing():
            GatewayAttempt.objects.filter(payment=payment).update(
                gateway_object=wrong, word_at=clock.now() - ago
            )
        ground.advance(payment)
        seen.append(attempt_of(payment).gateway_object)

    assert seen == [wrong, right]


def test_the_books_of_an_account_that_is_switched_off_are_not_looked_into(ground: Ground) -> None:
    payment = charged(ground)
    with_payment(ground, payment, "refund", amount_minor=4000)
    object_ = attempt_of(payment).gateway_object or ""
    with writing():
        heard = GatewayMessage.objects.create(
            gateway_account_id=ground.gateway_account_id, event_id="evt_1", kind="refund.created",
            gateway_object=object_,
        )  # fmt: skip
    _switch(ground, on=False)

    payment = ground.advance(payment)
    quiet = shown(payment), payment.failures
    with reading():
        heard.refresh_from_db()
    _switch(ground, on=True)
    ground.advance(payment)

    assert quiet == ([], 0)
    assert heard.done_at is not None
    assert shown(payment) == [("refund", "succeeded", 4000)]


def _switch(ground: Ground, *, on: bool) -> None:
    with writing():
        GatewayAccount.objects.filter(pk=ground.gateway_account_id).update(is_active=on)
