"""Takes a payment as far as it goes now: asks what is unknown, posts what is ours."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import OutsideError, Unavailable
from quittance.gateways.base import PaymentState
from quittance.jobs.later import next_look
from quittance.payments.capture import apply_answer, cancel_untouched, end_without_trace
from quittance.payments.checkout import ASKING
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.postings import advance_postings
from quittance.tenancy.rows import reading, writing

log = logging.getLogger(__name__)
A, P = GatewayAttempt.Status, Payment.Status
UNTOUCHED_FOR: Final = timedelta(minutes=2)  # then nobody is on the way to ask the gateway
OPEN_FOR: Final = timedelta(minutes=60)  # then a payer who went away does not hold the invoices
OPEN_LOOK: Final = timedelta(minutes=15)  # longest time between two looks: the payer's move
PROCESSING_LOOK: Final = timedelta(hours=1)  # the same, while it is the bank's: it takes days


def advance_payment(payment_id: UUID) -> None:
    """Do whatever is next for one payment. Run it as often as you like, from anywhere.

    The row says what is to be done; a job is only the hand that does it. An outside failure is not
    raised: it is written down as the time of the next look.
    """
    with reading():
        payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        return
    try:
        if payment.status == P.CREATED:
            _cancel_if_untouched(payment)
        elif payment.status == P.SUCCEEDED or _ask(payment):
            _look_at(payment, advance_postings(payment), failures=0)
    except OutsideError as error:
        _look_later(payment, error)


def _cancel_if_untouched(payment: Payment) -> None:
    if payment.created_at > clock.now() - UNTOUCHED_FOR:
        _look_at(payment, payment.created_at + UNTOUCHED_FOR)
        return
    with writing():
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        if payment.status == P.CREATED:
            cancel_untouched(payment, cause="nothing was ever sent to the gateway")


def _ask(payment: Payment) -> bool:
    """Ask the gateway what became of the payment; write its word down; say whether it succeeded."""
    with reading():
        attempt = payment.attempts.order_by("-ordinal").first()
    if attempt is None:
        return False
    gateway = gateway_for(attempt.gateway_account_id)
    if attempt.gateway_object:
        answer = gateway.read_payment(attempt.gateway_object)
    else:
        found = gateway.find_payment(attempt.reference)
        if found is None:
            _nothing_there(attempt, gateway.capabilities.settle_seconds)
            return False
        answer = found
    if answer.state is PaymentState.OPEN and payment.created_at < clock.now() - OPEN_FOR:
        answer = gateway.cancel_payment(answer.gateway_object)
    with writing():
        now = apply_answer(attempt.pk, answer)
    if now.status == P.IN_FLIGHT:
        # Waiting is no failure, but it too gets slower: the webhook is what usually comes first.
        _look_at(
            payment, _next_look(payment, answer.state), failures=payment.failures + 1,
            while_=P.IN_FLIGHT,
        )  # fmt: skip
    return now.status == P.SUCCEEDED


def _next_look(payment: Payment, state: PaymentState) -> datetime:
    """When to ask again, should the webhook be lost: F24 of reliability.md allows 15 minutes."""
    at_most = OPEN_LOOK if state is PaymentState.OPEN else PROCESSING_LOOK
    return min(next_look(payment.failures), clock.now() + at_most)


def _nothing_there(attempt: GatewayAttempt, settle_seconds: int) -> None:
    """The gateway has nothing under our reference: final only after its waiting time.

    While the attempt is only ``SENT``, somebody may still be on the way to it, or waiting for it.
    """
    sent_at = attempt.sent_at or attempt.created_at
    final_at = sent_at + timedelta(seconds=settle_seconds)
    if attempt.status == A.SENT:
        final_at = max(final_at, sent_at + ASKING)
    if clock.now() < final_at:
        _look_at(attempt.payment_id, final_at)
        return
    with writing():
        end_without_trace(
            attempt.pk,
            cause=f"the gateway has no such payment {settle_seconds} s after it was asked",
        )


def _look_later(payment: Payment, error: OutsideError) -> None:
    wait = error.retry_after_seconds if isinstance(error, Unavailable) else None
    log.warning("payment %s waits: %s", payment.pk, error)
    _look_at(
        payment,
        next_look(payment.failures, at_least_seconds=wait),
        failures=payment.failures + 1,
    )


def _look_at(
    payment: Payment | UUID,
    moment: datetime | None,
    *,
    while_: Payment.Status | None = None,
    **changes: object,
) -> None:
    """Say when to look next; ``while_``: unless somebody has moved the payment on meanwhile."""
    key = payment if isinstance(payment, UUID) else payment.pk
    rows = Payment.objects.filter(pk=key).exclude(status__in=[P.FAILED, P.CANCELLED])
    with writing():
        (rows.filter(status=while_) if while_ else rows).update(next_at=moment, **changes)
