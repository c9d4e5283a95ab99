"""Asks the gateway what became of a payment, and has its word written down."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import Refused
from quittance.gateways.base import Gateway, GatewayPayment, PaymentState
from quittance.jobs.later import next_look
from quittance.payments.capture import apply_answer, end_without_trace
from quittance.payments.checkout import ASKING
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.models.attempt import LIVE
from quittance.tenancy.rows import writing

A, P = GatewayAttempt.Status, Payment.Status
OPEN_FOR: Final = timedelta(minutes=60)  # then a payer who went away does not hold the invoices
OPEN_LOOK: Final = timedelta(minutes=15)  # longest time between two looks: the payer's move
PROCESSING_LOOK: Final = timedelta(hours=6)  # the same, while it is the bank's: it takes days


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

    Raises ``OutsideError``.
    """
    gateway = gateway_for(attempt.gateway_account_id)
    found = _look_up(gateway, attempt)
    if found is None:
        return _nothing_there(payment, attempt, gateway.capabilities.settle_seconds)
    answer = found
    is_old = payment.created_at < clock.now() - OPEN_FOR
    if answer.state is PaymentState.OPEN and is_old and not payment.is_over:
        answer = gateway.cancel_payment(answer.gateway_object)
    with writing():
        now = apply_answer(attempt.pk, answer)
    if now.is_over:
        return now, None
    # Waiting is no failure, but it too gets slower: the webhook is what usually comes first.
    at_most = OPEN_LOOK if answer.state is PaymentState.OPEN else PROCESSING_LOOK
    return now, min(next_look(payment.failures), clock.now() + at_most)


def _look_up(gateway: Gateway, attempt: GatewayAttempt) -> GatewayPayment | None:
    """Read the gateway's payment, or find it by our reference. Raises ``OutsideError``.

    An id that the gateway does not know was a wrong word of its own: our reference tells which
    payment is ours, and ``apply_answer`` has a person look at it.
    """
    if not attempt.gateway_object:
        return gateway.find_payment(attempt.reference)
    try:
        return gateway.read_payment(attempt.gateway_object)
    except Refused:
        found = gateway.find_payment(attempt.reference)
        if found is None:
            raise
        return found


def _nothing_there(
    payment: Payment, attempt: GatewayAttempt, settle_seconds: int
) -> tuple[Payment, datetime | None]:
    """The gateway has nothing under our reference: final only after its waiting time.

    While the attempt is only ``SENT``, somebody may still be on the way to it, or waiting for it.
    """
    if attempt.status not in LIVE:
        return payment, None
    sent_at = attempt.sent_at or attempt.created_at
    final_at = sent_at + timedelta(seconds=settle_seconds)
    if attempt.status == A.SENT:
        final_at = max(final_at, sent_at + ASKING)
    if clock.now() < final_at:
        return payment, final_at
    cause = f"the gateway has no such payment {settle_seconds} s after it was asked"
    with writing():
        return end_without_trace(attempt.pk, cause=cause), None
