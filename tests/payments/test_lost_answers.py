"""The gateway does not answer, answers no, or answers something else."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models import F

from quittance.audit.models import StatusChange
from quittance.connections.open import close_adapters
from quittance.core import clock
from quittance.core.errors import Misconfigured, Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways.base import PaymentState
from quittance.jobs.later import ASKING
from quittance.payments import asking
from quittance.payments.capture import apply_answer
from quittance.payments.checkout import redirect_url, start_payment
from quittance.payments.models import GatewayAttempt, Payment
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from tests.ground import Ground, World, make_ground
from tests.payments.rows import (
    answer_for,
    attempt_of,
    died_after_asking,
    died_before_asking,
    in_flight,
    make_older,
    payments_of,
    statuses,
    traces,
    written_down,
)

CREATE, FIND = "POST /v1/payments", "GET /v1/payments"


@pytest.mark.failure("F13")
def test_the_intent_is_committed_before_the_gateway_is_asked(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    ground.world.gateway_fault(CREATE, "delay", seconds=1)

    def pay() -> Payment:
        try:
            return ground.pay((invoice, "100.00"))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        paying = thread.submit(copy_context().run, pay)
        while not payments_of(invoice) or attempt_of(payments_of(invoice)[0]).status != "sent":
            time.sleep(0.01)
        seen = statuses(payments_of(invoice)[0])
        was_waiting = not paying.done()
        payment = paying.result()

    assert was_waiting
    assert seen == ("in_flight", "sent", ["reserved"])
    assert statuses(payment) == ("in_flight", "open", ["reserved"])


@pytest.mark.failure("F15")
@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "malformed_json", "error_after"])
def test_a_lost_answer_is_unknown_and_not_failed(ground: Ground, fault: str) -> None:
    invoice = ground.bill("100.00")
    ground.world.gateway_fault(CREATE, fault)

    payment = ground.pay((invoice, "100.00"))

    assert statuses(payment) == ("in_flight", "unknown", ["reserved"])
    assert in_flight(invoice) == 10000


@pytest.mark.failure("F14", "F15")
@pytest.mark.parametrize("fault", ["drop_after", "malformed_json", "error_after"])
def test_a_gateway_that_had_acted_is_found_by_our_reference(ground: Ground, fault: str) -> None:
    ground.world.gateway_fault(CREATE, fault)
    payment = ground.pay((ground.bill("100.00"), "100.00"))

    ground.advance(payment)
    was = statuses(payment)
    ground.on_page(payment)
    ground.advance(payment)

    assert was == ("in_flight", "open", ["reserved"])
    assert ground.again(payment).status == "succeeded"
    assert len(ground.world.gateway_ledger(attempt_of(payment).reference)) == 1


@pytest.mark.failure("F15")
def test_a_gateway_that_acts_late_is_believed_when_it_has(quiet_world: World) -> None:
    control = quiet_world.gateway.control_url
    with make_ground(quiet_world) as ground:
        ground.world.gateway_fault(CREATE, "late_commit", seconds=10)
        payment = ground.pay((ground.bill("100.00"), "100.00"))

        ground.advance(payment)
        before = statuses(payment)
        quiet_world.client.post(f"{control}/clock", json={"seconds": 10}).raise_for_status()
        ground.advance(payment)

        assert before == ("in_flight", "unknown", ["reserved"])
        assert statuses(payment) == ("in_flight", "open", ["reserved"])
    close_adapters()


@pytest.mark.failure("F15")
def test_that_there_is_nothing_counts_only_after_the_gateways_settle_time(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    ground.world.gateway_fault(CREATE, "drop_before")
    payment = ground.pay((invoice, "100.00"))

    ground.advance(payment)
    early = statuses(payment)
    asks_again_at = payment.next_at
    make_older(payment, seconds=11)
    ground.advance(payment)

    assert early == ("in_flight", "unknown", ["reserved"])
    assert asks_again_at is not None
    assert clock.now() < asks_again_at + ASKING
    assert statuses(payment) == ("failed", "failed", ["released"])
    assert in_flight(invoice) == 0


@pytest.mark.failure("F15")
def test_the_settle_time_begins_when_a_slow_call_was_given_up(ground: Ground) -> None:
    """What left late is done late: by its beginning, silence would count too early."""
    ground.world.gateway_fault(CREATE, "drop_before", seconds=1.5)

    payment = ground.pay((ground.bill("100.00"), "100.00"))
    later = timedelta(seconds=9)  # the gateway settles ten seconds after the call
    with writing():
        GatewayAttempt.objects.filter(payment=payment).update(sent_at=F("sent_at") - later)
    ground.advance(payment)

    assert statuses(payment) == ("in_flight", "unknown", ["reserved"])


def test_a_failure_names_its_evidence(ground: Ground) -> None:
    ground.world.gateway_fault(CREATE, "drop_before")
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    make_older(payment, seconds=30)
    ground.advance(payment)

    with reading():
        change = StatusChange.objects.get(subject_id=payment.pk, to_status="failed")

    assert change.cause == "the gateway has no such payment 10 s after it was asked"


@pytest.mark.failure("F15")
def test_while_somebody_may_still_be_asking_silence_is_no_evidence(ground: Ground) -> None:
    payment = died_before_asking(ground)
    make_older(payment, seconds=15)  # longer than the gateway's settle time

    ground.advance(payment)

    assert statuses(payment) == ("in_flight", "sent", ["reserved"])
    next_at, sent_at = ground.again(payment).next_at, attempt_of(payment).sent_at
    assert next_at == sent_at + ASKING + timedelta(seconds=10)  # type: ignore[operator]


@pytest.mark.failure("F15")
def test_an_empty_answer_that_was_long_under_way_is_no_evidence(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """History 1738948288: a look slept 400 s on its answer; the gateway had the payment by then."""
    monkeypatch.setattr(asking, "FRESH", timedelta(seconds=0.5))
    payment = died_before_asking(ground)
    make_older(payment, seconds=ASKING.total_seconds() + 11)
    ground.world.gateway_fault(FIND, "delay", seconds=1)

    ground.advance(payment)
    after_the_slow_answer = statuses(payment)
    ground.advance(payment)

    assert after_the_slow_answer == ("in_flight", "sent", ["reserved"])
    assert statuses(payment) == ("failed", "failed", ["released"])


@pytest.mark.failure("F15")
def test_what_was_looked_for_too_early_is_no_evidence_by_a_late_answer(ground: Ground) -> None:
    payment = died_before_asking(ground)
    make_older(payment, seconds=ASKING.total_seconds() + 9)  # it counts from the tenth on
    ground.world.gateway_fault(FIND, "delay", seconds=2)

    ground.advance(payment)

    assert statuses(payment) == ("in_flight", "sent", ["reserved"])


@pytest.mark.failure("F13")
def test_a_worker_that_died_before_it_asked_leaves_a_payment_that_fails(ground: Ground) -> None:
    payment = died_before_asking(ground)
    make_older(payment, seconds=ASKING.total_seconds() + 11)

    ground.advance(payment)

    assert statuses(payment) == ("failed", "failed", ["released"])


@pytest.mark.failure("F14")
def test_a_worker_that_died_after_it_asked_leaves_a_payment_that_goes_on(ground: Ground) -> None:
    payment, object_ = died_after_asking(ground)

    ground.advance(payment)
    ground.on_page(payment)
    ground.advance(payment)

    assert attempt_of(payment).gateway_object == object_
    assert payment.status == "succeeded"
    assert len(ground.world.gateway_ledger(attempt_of(payment).reference)) == 1


@pytest.mark.parametrize(
    ("status", "error"), [(400, Refused), (401, Misconfigured), (429, Unavailable)]
)
def test_a_gateway_that_surely_did_nothing_frees_the_invoice(
    ground: Ground, status: int, error: type[Exception]
) -> None:
    invoice = ground.bill("100.00")
    ground.world.gateway_fault(CREATE, "status", status=status)

    with pytest.raises(error):
        ground.pay((invoice, "100.00"))

    (payment,) = payments_of(invoice)
    assert statuses(payment) == ("failed", "failed", ["released"])
    with reading():
        change = StatusChange.objects.get(subject_id=payment.pk, to_status="failed")
    assert change.cause.startswith("the gateway did nothing: ")
    assert ground.pay((invoice, "100.00")).status == "in_flight"


def test_a_buyers_own_payment_goes_the_same_ways(ground: Ground) -> None:
    first, second = ground.bill("100.00"), ground.bill("50.00")
    with narrowed_to([ground.account().pk]):
        ground.world.gateway_fault(CREATE, "drop_before")
        lost = ground.pay((first, "100.00"))
        ground.world.gateway_fault(CREATE, "status", status=400)
        with pytest.raises(Refused):
            ground.pay((second, "50.00"))

    assert statuses(lost) == ("in_flight", "unknown", ["reserved"])
    assert statuses(payments_of(second)[0]) == ("failed", "failed", ["released"])


@pytest.mark.failure("F13")
def test_a_payment_that_was_never_asked_for_is_cancelled(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = written_down(ground, invoice)
    ground.advance(payment)
    early = statuses(payment)
    make_older(payment, minutes=3)

    ground.advance(payment)

    assert early == ("created", "prepared", ["reserved"])
    assert statuses(payment) == ("cancelled", "cancelled", ["released"])


def test_a_second_click_asks_for_a_payment_that_was_never_asked_for(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    key = str(uuid.uuid4())
    first = written_down(ground, invoice, key=key)

    second = ground.pay((invoice, "100.00"), key=key)

    assert second.pk == first.pk
    assert statuses(first) == ("in_flight", "open", ["reserved"])


def test_a_click_that_was_overtaken_by_the_sweep_returns_what_is_there(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    key = str(uuid.uuid4())
    first = written_down(ground, invoice, key=key)
    make_older(first, minutes=3)
    ground.advance(first)

    second = start_payment(ground.order((invoice, "100.00")), key=key)

    assert (second.pk, second.status) == (first.pk, "cancelled")
    assert redirect_url(second) == ""


@pytest.mark.failure("F20")
@pytest.mark.parametrize("state", list(PaymentState))
@pytest.mark.parametrize("wrong", ["amount", "currency", "reference", "object"])
def test_an_answer_that_does_not_fit_moves_nothing(
    ground: Ground, state: PaymentState, wrong: str
) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    attempt = attempt_of(payment)
    before = statuses(payment)
    answer = {
        "amount": answer_for(attempt, state, amount=Money(10001, "USD")),
        "currency": answer_for(attempt, state, amount=Money(10000, "EUR")),
        "reference": answer_for(attempt, state, reference="another"),
        "object": answer_for(attempt, state, gateway_object="pay_second"),
    }[wrong]

    with writing():
        apply_answer(attempt.pk, answer)

    assert statuses(payment) == before
    assert traces(payment) == (0, 0, 0)
    assert attempt_of(payment).problem != ""


@pytest.mark.failure("F20")
def test_a_wrong_first_answer_is_quarantined_and_keeps_the_reservation(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    ground.world.gateway_fault(CREATE, "alter", changes={"amount_minor": 9999})

    payment = ground.pay((invoice, "100.00"))

    assert statuses(payment) == ("in_flight", "sent", ["reserved"])
    assert "99.99 USD" in attempt_of(payment).problem
    assert redirect_url(payment) == ""


def test_a_wrong_answer_about_a_payment_that_is_over_asks_for_no_further_looks(
    ground: Ground,
) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    attempt = attempt_of(payment)
    with writing():
        apply_answer(attempt.pk, answer_for(attempt, PaymentState.CANCELLED))
        apply_answer(
            attempt.pk, answer_for(attempt, PaymentState.SUCCEEDED, amount=Money(1, "USD"))
        )

    assert ground.again(payment).status == "cancelled"
    assert payment.next_at is None
    assert attempt_of(payment).problem != ""
