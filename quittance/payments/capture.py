"""Writes the gateway's word down, and with it everything that must not exist without it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from quittance.core import clock
from quittance.core.errors import OutsideError
from quittance.gateways.base import GatewayPayment, PaymentState
from quittance.jobs.later import next_look
from quittance.ledger import accounts
from quittance.ledger.record import record
from quittance.notifications.messages import enqueue_message
from quittance.payments.models import Allocation, GatewayAttempt, GatewayMessage, Payment
from quittance.payments.postings import tell_erp
from quittance.payments.transitions import move_allocations, move_attempt, move_payment
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import writing

A, P, L = GatewayAttempt.Status, Payment.Status, Allocation.Status
LOOK_AGAIN: Final = timedelta(seconds=30)  # the webhook is usually faster
_OVER: Final = {A.SUCCEEDED, A.SURPLUS}
_TO: Final[Mapping[PaymentState, GatewayAttempt.Status]] = {
    PaymentState.OPEN: A.OPEN,
    PaymentState.PROCESSING: A.PROCESSING,
    PaymentState.SUCCEEDED: A.SUCCEEDED,
    PaymentState.FAILED: A.FAILED,
    PaymentState.CANCELLED: A.CANCELLED,
}


def apply_answer(attempt_id: UUID, answer: GatewayPayment) -> Payment:
    """Write down what the gateway says of an attempt, inside a transaction.

    Run it as often as you like, in any order: what is old news changes nothing. Success makes the
    ledger's entry, the ERP's posting and the receipt in this same transaction. An answer about
    another amount, currency or reference is quarantined: nothing moves, the AR team is told.
    """
    attempt = _locked(attempt_id)
    payment = attempt.payment
    problem = _does_not_fit(attempt, answer)
    if problem:
        _quarantine(attempt, answer, problem)
        return payment
    known = {
        "gateway_object": answer.gateway_object,
        "redirect_url": answer.redirect_url,
        "reason": answer.reason,
        "detail": answer.detail[:500],
    }
    if attempt.status in _OVER:
        return payment
    early = _take_early_messages(attempt, answer)
    if answer.state is PaymentState.SUCCEEDED:
        _succeed(payment, attempt, answer, known)
    elif answer.state in {PaymentState.FAILED, PaymentState.CANCELLED}:
        _end(payment, attempt, answer, known)
    else:
        _wait(payment, attempt, answer, known)
    if early and not payment.is_over:
        Payment.objects.filter(pk=payment.pk).update(next_at=clock.now())
    return payment


def give_up(attempt: GatewayAttempt, error: OutsideError) -> None:
    """End a payment that the gateway surely did not begin, and free what it reserved."""
    cause = f"the gateway did nothing: {error}"[:200]
    with writing():
        locked = _locked(attempt.pk)
        move_attempt(locked, A.FAILED, cause=cause, reason="gateway_fault", detail=str(error)[:500])
        _close(locked.payment, P.FAILED, cause=cause, reason="gateway_fault")


def cancel_untouched(payment: Payment, *, cause: str) -> None:
    """Cancel a payment for which the gateway was surely never asked, inside a transaction."""
    for attempt in payment.attempts.filter(status=A.PREPARED):
        move_attempt(attempt, A.CANCELLED, cause=cause)
    _close(payment, P.CANCELLED, cause=cause, reason="abandoned")


def end_without_trace(attempt_id: UUID, *, cause: str) -> None:
    """End an attempt of which the gateway surely has nothing, inside a transaction."""
    attempt = _locked(attempt_id)
    if attempt.status == A.SENT:
        move_attempt(attempt, A.UNKNOWN, cause="no answer was kept")
    if attempt.status != A.UNKNOWN:
        return
    move_attempt(attempt, A.FAILED, cause=cause, reason="gateway_fault")
    _close(attempt.payment, P.FAILED, cause=cause, reason="gateway_fault")


def _locked(attempt_id: UUID) -> GatewayAttempt:
    """Lock in the order of the house: the invoices by id, the payment, the attempt."""
    attempt = GatewayAttempt.objects.get(pk=attempt_id)
    paid = Allocation.objects.filter(payment_id=attempt.payment_id).values("invoice_id")
    list(Invoice.objects.filter(pk__in=paid).order_by("pk").select_for_update().values("pk"))
    payment = Payment.objects.select_for_update().get(pk=attempt.payment_id)
    attempt = GatewayAttempt.objects.select_for_update().get(pk=attempt_id)
    attempt.payment = payment
    return attempt


def _does_not_fit(attempt: GatewayAttempt, answer: GatewayPayment) -> str:
    if answer.reference != attempt.reference:
        return f"The gateway's payment carries the reference {answer.reference}."
    if answer.amount != attempt.amount:
        return f"The gateway says {answer.amount}, we asked for {attempt.amount}."
    if attempt.gateway_object and answer.gateway_object != attempt.gateway_object:
        return f"The gateway has a second payment, {answer.gateway_object}, for this one."
    return ""


def _take_early_messages(attempt: GatewayAttempt, answer: GatewayPayment) -> int:
    """Webhooks may be faster than the answer that says which object is ours: ask once more then."""
    waiting = GatewayMessage.objects.filter(
        gateway_account_id=attempt.gateway_account_id, gateway_object=answer.gateway_object,
        done_at__isnull=True,
    )  # fmt: skip
    return waiting.update(done_at=clock.now())


def _quarantine(attempt: GatewayAttempt, answer: GatewayPayment, problem: str) -> None:
    detail = f"{answer.state} {answer.gateway_object}: {answer.detail}"[:500]
    GatewayAttempt.objects.filter(pk=attempt.pk).update(problem=problem[:500], detail=detail)
    if not attempt.payment.is_over:
        Payment.objects.filter(pk=attempt.payment_id).update(next_at=next_look(5))


def _succeed(
    payment: Payment, attempt: GatewayAttempt, answer: GatewayPayment, known: Mapping[str, str]
) -> None:
    cause = "the gateway says that the money is ours"
    if payment.status != P.IN_FLIGHT:
        return _surplus(payment, attempt, answer, known)
    now = clock.now()
    # An answer that fits puts an earlier one that did not out of the world.
    move_attempt(attempt, A.SUCCEEDED, cause=cause, **{**known, "problem": ""})
    move_payment(
        payment, P.SUCCEEDED, cause=cause, succeeded_at=answer.succeeded_at or now, ended_at=now,
        method_label=answer.method_label[:60], next_at=now, failures=0,
    )  # fmt: skip
    move_allocations(payment, L.CONSUMED, cause=cause)
    _tell_ledger(payment, attempt)
    tell_erp(payment, attempt)
    return _tell_payer(payment)


def _surplus(
    payment: Payment, attempt: GatewayAttempt, answer: GatewayPayment, known: Mapping[str, str]
) -> None:
    """Money came although the payment was over: it is kept apart and shown to the AR team."""
    move_attempt(
        attempt, A.SURPLUS, cause="money came although the payment was over",
        **{**known, "problem": "Money came after this payment had ended. Refund it."},
    )  # fmt: skip
    record(
        f"surplus:{attempt.pk}",
        f"Surplus of payment {payment.number}",
        {
            accounts.gateway_clearing(attempt.gateway_account_id): answer.amount,
            accounts.surplus(attempt.gateway_account_id): -answer.amount,
        },
    )


def _end(
    payment: Payment, attempt: GatewayAttempt, answer: GatewayPayment, known: Mapping[str, str]
) -> None:
    cause = f"the gateway says: {answer.state}"
    to = _TO[answer.state]
    if attempt.status in {A.FAILED, A.CANCELLED}:
        return
    if attempt.status == A.SENT and to == A.CANCELLED:
        move_attempt(attempt, A.UNKNOWN, cause=cause)
    move_attempt(attempt, to, cause=cause, **known)
    status = P.FAILED if to == A.FAILED else P.CANCELLED
    _close(payment, status, cause=cause, reason=answer.reason)


def _wait(
    payment: Payment, attempt: GatewayAttempt, answer: GatewayPayment, known: Mapping[str, str]
) -> None:
    to = _TO[answer.state]
    if to == attempt.status or attempt.status in {A.FAILED, A.CANCELLED}:
        return
    if attempt.status == A.PROCESSING and to == A.OPEN:
        return  # old news that came late
    move_attempt(attempt, to, cause=f"the gateway says: {answer.state}", **known)
    payment.method_label = answer.method_label[:60] or payment.method_label
    Payment.objects.filter(pk=payment.pk).update(
        next_at=clock.now() + LOOK_AGAIN, failures=0, method_label=payment.method_label
    )


def _close(payment: Payment, status: Payment.Status, *, cause: str, reason: str) -> None:
    if payment.is_over:
        return
    move_payment(payment, status, cause=cause, reason=reason, ended_at=clock.now(), next_at=None)
    move_allocations(payment, L.RELEASED, cause=cause)


def _tell_ledger(payment: Payment, attempt: GatewayAttempt) -> None:
    legal_entity_id = payment.customer_account.legal_entity_id
    record(
        f"captured:{payment.pk}",
        f"Payment {payment.number} captured",
        {
            accounts.gateway_clearing(attempt.gateway_account_id): payment.amount,
            accounts.unposted_receipts(legal_entity_id): -payment.amount,
        },
    )


def _tell_payer(payment: Payment) -> None:
    if payment.user is None:
        return
    enqueue_message(
        key=f"receipt:{payment.pk}",
        kind="receipt",
        to=payment.user.email,
        facts={
            "payment_id": str(payment.pk),
            "number": payment.number,
            "amount_minor": payment.amount_minor,
            "currency": payment.currency,
        },
    )
