"""Asks the gateway what became of a payment, and has its word written down."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import Refused
from quittance.gateways.base import Gateway, GatewayPayment, PaymentState
from quittance.jobs.later import ASKING, next_look
from quittance.payments.again import begin_again, may_begin_again
from quittance.payments.capture import apply_answer, correct_object, end_without_trace
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.models.attempt import LIVE
from quittance.payments.quarantine import does_not_fit
from quittance.payments.taking import our_move
from quittance.tenancy.moving import ChangedMeanwhile
from quittance.tenancy.rows import reading, writing

A, P = GatewayAttempt.Status, Payment.Status
OPEN_FOR: Final = timedelta(minutes=60)  # then a payer who went away does not hold the invoices
OPEN_LOOK: Final = timedelta(minutes=15)  # longest time between two looks: the payer's move
PROCESSING_LOOK: Final = timedelta(hours=6)  # the same, while it is the bank's: it takes days
FRESH: Final = timedelta(seconds=30)  # an answer that was longer under way tells nothing of now


def attempts_to_ask(
    payment: Payment, attempts: Iterable[GatewayAttempt], heard: Collection[str]
) -> list[GatewayAttempt]:
    """Return those ``attempts`` of a payment of which the gateway may know more.

    Those alive; and since money may come late, those that came to nothing, once the payment is over
    or a message was ``heard`` about their object.
    """
    found = []
    for attempt in attempts:
        alive = attempt.status in LIVE and attempt.status != A.PREPARED
        ended = attempt.status in {A.FAILED, A.CANCELLED} and attempt.sent_at is not None
        if alive or (ended and (payment.is_over or attempt.gateway_object in heard)):
            found.append(attempt)
    return found


def ask(payment: Payment, attempt: GatewayAttempt) -> tuple[Payment, datetime | None]:
    """Ask about one attempt and write the word down; return the payment and when to ask again.

    What we start ourselves and the gateway has not begun is asked for once more. Raises
    ``OutsideError``.
    """
    gateway = gateway_for(attempt.gateway_account_id)
    looked_at = clock.now()
    try:
        found, is_known = _begun_or_looked_up(gateway, attempt)
    except ChangedMeanwhile:
        return payment, next_look(payment.failures)
    settled_at = _asked_at(attempt) + timedelta(seconds=gateway.capabilities.settle_seconds)
    if found is None:
        return _nothing_there(payment, attempt, settled_at, looked_at)
    if not is_known and settled_at <= looked_at:
        with writing():
            correct_object(attempt.pk, found)
    is_open = found.state is PaymentState.OPEN and not payment.is_over
    fits = is_open and _fits(attempt, found)
    misfit_again = is_open and not fits and bool(attempt.problem)
    is_old = payment.created_at < clock.now() - OPEN_FOR
    answer = our_move(gateway, attempt, found, is_old=is_old) if fits else found
    with writing():
        now = apply_answer(attempt.pk, answer)
    if now.is_over:
        return now, None
    # Waiting is no failure, but it too gets slower: the webhook is what usually comes first. What
    # did not fit before, and still does not, waits for a person.
    is_payers_move = answer.state is PaymentState.OPEN and not misfit_again
    at_most = OPEN_LOOK if is_payers_move else PROCESSING_LOOK
    return now, min(next_look(payment.failures), clock.now() + at_most)


def _begun_or_looked_up(
    gateway: Gateway, attempt: GatewayAttempt
) -> tuple[GatewayPayment | None, bool]:
    """Begin it again if that is ours to do, else look it up; raise ``ChangedMeanwhile`` too."""
    if may_begin_again(gateway, attempt):
        return begin_again(gateway, attempt), True
    return _look_up(gateway, attempt)


def _fits(attempt: GatewayAttempt, answer: GatewayPayment) -> bool:
    """Whether it is ours, and not perhaps a stranger's, by what the row says now."""
    with reading():
        attempt.refresh_from_db()
        return not does_not_fit(attempt, answer)


def _look_up(gateway: Gateway, attempt: GatewayAttempt) -> tuple[GatewayPayment | None, bool]:
    """Read the gateway's payment, or find it by our reference; say whether our id for it is right.

    An id that it does not know, or that is a stranger's payment, was a wrong word of its own, is
    too young for the machine that answers, or was forgotten by it: our reference tells which
    payment is ours, if there is one. Raises ``OutsideError``; ``Refused`` for a payment that it
    does not know any more although the bank has it, money came with it, or our word may have taken
    the money: a person looks at it.
    """
    if not attempt.gateway_object:
        return gateway.find_payment(attempt.reference), True
    try:
        told = gateway.read_payment(attempt.gateway_object)
    except Refused:
        found = gateway.find_payment(attempt.reference)
        word = attempt.word_at and attempt.status in LIVE
        if found is None and (word or attempt.status == A.PROCESSING or attempt.came_object):
            raise
        return found, False
    if told.reference == attempt.reference:
        return told, True
    found = gateway.find_payment(attempt.reference)
    if found is None or found.gateway_object == told.gateway_object:
        return told, True  # a person looks at it
    return found, False


def _asked_at(attempt: GatewayAttempt) -> datetime:
    """Return when the gateway was last asked to do something, which it may still do late.

    After a lost answer that is when the call ended; before, when it was about to begin.
    """
    return attempt.word_at or attempt.sent_at or attempt.created_at


def _nothing_there(
    payment: Payment, attempt: GatewayAttempt, settled_at: datetime, looked_at: datetime
) -> tuple[Payment, datetime | None]:
    """The gateway had nothing under our reference: final only if looked for after its waiting time.

    While the attempt is only ``SENT``, somebody may still be on the way to it, or waiting for it.
    One that it knew once, and has forgotten, is final when the payer's hour is over as well. While
    a process of ours slept on the answer, another may have gone on: it is looked for once more.
    """
    if attempt.status not in LIVE:
        return payment, None
    final_at = settled_at
    if attempt.status == A.SENT:
        final_at += ASKING
    if attempt.gateway_object:
        final_at = max(final_at, payment.created_at + OPEN_FOR)
    if looked_at < final_at:
        return payment, final_at
    if looked_at + FRESH < clock.now():
        return payment, next_look(payment.failures)
    seconds = round((final_at - _asked_at(attempt)).total_seconds())
    cause = f"the gateway has no such payment {seconds} s after it was asked"
    with writing():
        forgotten = attempt.gateway_object or ""
        now = end_without_trace(attempt.pk, cause=cause, forgotten=forgotten)
    return now, None if now.is_over else next_look(payment.failures)
