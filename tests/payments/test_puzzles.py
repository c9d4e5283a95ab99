"""An answer that does not fit puzzles only until one comes that fits, or a person decides."""

from __future__ import annotations

import pytest

from quittance.core.money import Money
from quittance.gateways.base import PaymentState
from quittance.payments.cancel import cancel_payment
from quittance.payments.capture import apply_answer
from quittance.payments.models import Payment
from quittance.payments.puzzles import (
    MoneyCame,
    NothingPuzzles,
    NotYetOver,
    ReasonMissing,
    ask_again,
    set_aside,
)
from quittance.reconciliation.rows import Kind
from quittance.tenancy.rows import writing
from tests.ground import Ground
from tests.payments.rows import answer_for, attempt_of, make_older
from tests.reconciliation.rows import queue

pytestmark = pytest.mark.failure("F20")
S = PaymentState
CENTS, EUROS = Money(9999, "USD"), Money(10000, "EUR")


def said(payment: Payment, state: PaymentState, **strange: object) -> None:
    """Have the gateway say something of a payment."""
    attempt = attempt_of(payment)
    with writing():
        apply_answer(attempt.pk, answer_for(attempt, state, **strange))  # type: ignore[arg-type]


def puzzles() -> int:
    return sum(row.kind == Kind.ANSWER_PUZZLING for row in queue())


def waiting_payment(ground: Ground) -> Payment:
    return ground.pay((ground.bill("100.00"), "100.00"))


@pytest.mark.parametrize("strange", [{"amount": CENTS}, {"amount": EUROS}, {"reference": "x"}])
@pytest.mark.parametrize("first", [S.OPEN, S.PROCESSING, S.SUCCEEDED])
@pytest.mark.parametrize("then", [S.OPEN, S.PROCESSING, S.SUCCEEDED, S.FAILED, S.CANCELLED])
def test_an_answer_that_fits_clears_one_that_did_not(
    ground: Ground, strange: dict[str, object], first: PaymentState, then: PaymentState
) -> None:
    payment = waiting_payment(ground)

    said(payment, first, **strange)
    before = puzzles()
    said(payment, then)

    attempt = attempt_of(payment)
    assert before == 1
    assert (attempt.problem, attempt.came_object, attempt.came_minor) == ("", "", None)
    assert puzzles() == 0


@pytest.mark.parametrize("end", [S.FAILED, S.CANCELLED])
def test_a_puzzle_about_a_payment_that_is_over_is_cleared_too(
    ground: Ground, end: PaymentState
) -> None:
    payment = waiting_payment(ground)
    said(payment, end)

    said(payment, S.OPEN, amount=CENTS)
    before = puzzles()
    said(payment, end)

    assert (before, puzzles()) == (1, 0)


def test_a_puzzle_about_a_payment_that_is_in_is_cleared_by_the_word_that_it_is(
    ground: Ground,
) -> None:
    payment = waiting_payment(ground)
    said(payment, S.SUCCEEDED)

    said(payment, S.OPEN, gateway_object="pay_second")
    before = puzzles()
    said(payment, S.SUCCEEDED)

    assert (before, puzzles()) == (1, 0)


def test_money_that_the_gateway_takes_back_in_its_next_word_did_not_come(ground: Ground) -> None:
    payment = waiting_payment(ground)

    said(payment, S.SUCCEEDED, amount=CENTS)
    said(payment, S.FAILED, amount=CENTS)

    attempt = attempt_of(payment)
    assert (attempt.came_object, attempt.came_minor) == ("", None)
    assert "99.99 USD" in attempt.problem


def test_a_strangers_money_is_not_kept_as_ours(ground: Ground) -> None:
    payment = waiting_payment(ground)

    said(payment, S.SUCCEEDED, reference="webshop:1")

    attempt = attempt_of(payment)
    assert "webshop:1" in attempt.problem
    assert attempt.came_object == ""


def test_late_money_waits_until_a_person_has_decided_about_what_else_came(ground: Ground) -> None:
    payment = waiting_payment(ground)
    said(payment, S.FAILED)
    said(payment, S.SUCCEEDED, gateway_object="pay_second", amount=CENTS)

    said(payment, S.SUCCEEDED)

    attempt = attempt_of(payment)
    assert (attempt.status, attempt.came_object, attempt.came) == ("failed", "pay_second", CENTS)


def test_a_second_payment_that_the_gateway_does_not_have_was_a_wrong_word_of_its_own(
    ground: Ground,
) -> None:
    payment = waiting_payment(ground)
    said(payment, S.SUCCEEDED, gateway_object="pay_999999999999999999999999")
    make_older(payment, minutes=5)
    ground.on_page(payment)

    payment = ground.advance(payment)

    assert payment.status == "succeeded"
    assert (attempt_of(payment).problem, puzzles()) == ("", 0)


def test_it_is_not_taken_for_wrong_before_the_gateways_own_waiting_time(ground: Ground) -> None:
    payment = waiting_payment(ground)
    said(payment, S.SUCCEEDED, gateway_object="pay_999999999999999999999999")

    payment = ground.advance(payment)

    assert attempt_of(payment).came_object == "pay_999999999999999999999999"
    assert payment.next_at is not None


def test_a_person_has_the_gateway_asked_again_and_the_payment_goes_on(ground: Ground) -> None:
    payment = waiting_payment(ground)
    said(payment, S.OPEN, amount=CENTS)
    attempt = attempt_of(payment)
    ground.on_page(payment)

    assert ask_again(attempt.pk)

    assert ground.again(payment).status == "succeeded"
    assert puzzles() == 0
    with pytest.raises(NothingPuzzles):
        ask_again(attempt.pk)


def test_asking_again_tells_when_the_gateway_says_the_same(ground: Ground) -> None:
    payment = waiting_payment(ground)
    said(payment, S.OPEN, amount=CENTS)
    ground.world.gateway_fault("GET /v1/payments/*", "alter", changes={"amount_minor": 9999})

    assert not ask_again(attempt_of(payment).pk)

    assert puzzles() == 1
    assert ground.again(payment).status == "in_flight"


def test_an_answer_without_money_about_a_payment_that_is_over_is_set_aside_with_a_note(
    ground: Ground,
) -> None:
    payment = waiting_payment(ground)
    said(payment, S.OPEN, amount=CENTS)
    attempt = attempt_of(payment)
    with pytest.raises(NotYetOver):
        set_aside(attempt.pk, note="It is a test.")
    said(payment, S.OPEN)
    cancel_payment(payment.pk)
    said(payment, S.OPEN, amount=CENTS)

    with pytest.raises(ReasonMissing):
        set_aside(attempt.pk, note="  ")
    set_aside(attempt.pk, note="The gateway has mended it by hand.")

    assert puzzles() == 0
    with pytest.raises(NothingPuzzles):
        set_aside(attempt.pk, note="Twice.")


def test_an_answer_with_money_is_never_set_aside(ground: Ground) -> None:
    payment = waiting_payment(ground)
    said(payment, S.FAILED)
    said(payment, S.SUCCEEDED, amount=EUROS)

    with pytest.raises(MoneyCame):
        set_aside(attempt_of(payment).pk, note="Let it be.")

    assert puzzles() == 1
