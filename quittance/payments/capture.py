"""Writes the gateway's word down, and with it everything that must not exist without it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import OutsideError
from quittance.core.money import Money
from quittance.gateways.base import GatewayPayment, PaymentState
from quittance.jobs.later import next_look
from quittance.notifications.messages import enqueue_message
from quittance.payments.books import book_capture, book_surplus
from quittance.payments.keeping import keep_nothing
from quittance.payments.models import Allocation, GatewayAttempt, GatewayMessage, Payment, Reversal
from quittance.payments.models.attempt import LIVE
from quittance.payments.postings import tell_erp
from quittance.payments.quarantine import (
    book_misfit,
    clear,
    does_not_fit,
    forget,
    is_anothers,
    mark,
)
from quittance.payments.returned import stop_what_was_refused
from quittance.payments.reversals import refund_surplus
from quittance.payments.transitions import (
    move_allocations,
    move_attempt,
    move_payment,
)
from quittance.receivables.models import Invoice
from quittance.tenancy.moving import ChangedMeanwhile
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import widened

A, P, L = GatewayAttempt.Status, Payment.Status, Allocation.Status
# A failure that only the payer can mend, and of which no page tells them.
_NOBODY_CLICKED: Final = {Payment.Origin.AUTOPAY, Payment.Origin.INSTALMENT}
_MISFIT: Final = "money came that does not fit, and a person sends it back"
LOOK_AGAIN: Final = timedelta(seconds=30)  # the webhook is usually faster
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
    another amount, currency or reference is quarantined: nothing moves, the AR team is told until
    an answer that fits comes.
    """
    attempt = lock_attempt(attempt_id)
    payment = attempt.payment
    problem = does_not_fit(attempt, answer)
    is_booked = attempt.status == A.SUCCEEDED and answer.gateway_object == attempt.gateway_object
    if attempt.status == A.SURPLUS or (is_booked and problem):
        return payment  # old news; what the gateway took otherwise, its own books tell
    if problem:
        mark(attempt, answer, problem)
        if not payment.is_over:
            _note(payment, next_at=next_look(5))
        return payment
    clear(attempt, answer)
    if is_booked:
        return payment
    known = {
        "gateway_object": answer.gateway_object,
        "redirect_url": answer.redirect_url,
        "reason": answer.reason,
        "detail": answer.detail[:500],
    }
    is_first_word = not attempt.gateway_object
    if answer.state is PaymentState.SUCCEEDED:
        _succeed(payment, attempt, answer, known)
    elif answer.state in {PaymentState.FAILED, PaymentState.CANCELLED}:
        _end(payment, attempt, answer, known)
    else:
        _wait(payment, attempt, answer, known)
    if is_first_word and _messages_wait(attempt, answer):
        _note(payment, next_at=clock.now())
    return payment


def correct_object(attempt_id: UUID, answer: GatewayPayment) -> None:
    """Take the payment that the gateway has under our reference for ours, inside a transaction.

    Only when the gateway knows no payment of ours under the id that it gave us first, when its
    waiting time is over, and when no other attempt has this one. Another amount is quarantined
    under the right id, so that a person can send it back.
    """
    attempt = lock_attempt(attempt_id)
    is_ours = answer.reference == attempt.reference
    if attempt.status not in LIVE or not is_ours or is_anothers(attempt, answer):
        return
    record_event(
        "the gateway knows nothing under its first id",
        subject_kind="payment", subject_id=attempt.payment_id,
        was=attempt.gateway_object, now=answer.gateway_object,
    )  # fmt: skip
    forget(attempt)
    GatewayAttempt.objects.filter(pk=attempt.pk).update(gateway_object=answer.gateway_object)


def give_up(attempt: GatewayAttempt, error: OutsideError, *, reason: str = "gateway_fault") -> None:
    """End a payment that the gateway surely did not begin, and free what it reserved.

    Who was not there to see it is told.
    """
    cause = f"the gateway did nothing: {error}"[:200]
    with widened(), writing():  # to tell who pays is no act of a buyer's own
        locked = lock_attempt(attempt.pk)
        if locked.status != A.SENT or locked.gateway_object:
            return  # another worker asked under the same key and was told more
        move_attempt(locked, A.FAILED, cause=cause, reason=reason, detail=str(error)[:500])
        _come_to_nothing(locked.payment, P.FAILED, cause=cause, reason=reason)


def cancel_untouched(payment: Payment, *, cause: str) -> None:
    """Cancel a payment for which the gateway was surely never asked, inside a transaction."""
    for attempt in payment.attempts.filter(status=A.PREPARED):
        move_attempt(attempt, A.CANCELLED, cause=cause)
    _close(payment, P.CANCELLED, cause=cause, reason="abandoned")


def end_without_trace(attempt_id: UUID, *, cause: str, forgotten: str = "") -> Payment:
    """End an attempt of which the gateway surely has nothing, inside a transaction.

    ``forgotten``: the id of its object that the gateway knew once, and surely does not any more.
    """
    attempt = lock_attempt(attempt_id)
    if attempt.gateway_object and (attempt.gateway_object != forgotten or attempt.word_at):
        return attempt.payment  # meanwhile it was found, or our word may take the money
    if attempt.status == A.SENT:
        move_attempt(attempt, A.UNKNOWN, cause="no answer was kept")
    if attempt.status == A.UNKNOWN:
        move_attempt(attempt, A.FAILED, cause=cause, reason="gateway_fault")
        _come_to_nothing(attempt.payment, P.FAILED, cause=cause, reason="gateway_fault")
    if attempt.status == A.OPEN and forgotten:
        move_attempt(attempt, A.CANCELLED, cause=cause, reason="abandoned")
        _come_to_nothing(attempt.payment, P.CANCELLED, cause=cause, reason="abandoned")
    return attempt.payment


def lock_attempt(attempt_id: UUID) -> GatewayAttempt:
    """Return an attempt with its payment, locked in the order of the house.

    The invoices by id, the payment, the attempt. For the rest of a transaction.
    """
    paid = Allocation.objects.filter(payment__attempts=attempt_id).values("invoice_id")
    list(Invoice.objects.filter(pk__in=paid).order_by("pk").select_for_update().values("pk"))
    payment = Payment.objects.select_for_update(of=("self",)).get(attempts=attempt_id)
    attempt = GatewayAttempt.objects.select_for_update().get(pk=attempt_id)
    attempt.payment = payment
    return attempt


def _messages_wait(attempt: GatewayAttempt, answer: GatewayPayment) -> bool:
    """Webhooks may be faster than the answer that says which object is ours: ask once more then."""
    return GatewayMessage.objects.filter(
        gateway_account_id=attempt.gateway_account_id, gateway_object=answer.gateway_object,
        done_at__isnull=True,
    ).exists()  # fmt: skip


def take_misfit(attempt_id: UUID, answer: GatewayPayment, *, refund: Mapping[str, Any]) -> Reversal:
    """Take over money that came and does not fit, and send it back, inside a transaction.

    ``refund`` says who sends it and under which key. A payment that waited for this money ends; a
    second object at the gateway gets an attempt of its own, so that each has its own books. Raises
    ``ChangedMeanwhile`` when somebody has taken it over before.
    """
    attempt = lock_attempt(attempt_id)
    payment = attempt.payment
    if attempt.came_object != answer.gateway_object or attempt.status == A.SURPLUS:
        raise ChangedMeanwhile
    came = {
        "gateway_object": answer.gateway_object,
        "came_object": answer.gateway_object,
        "came_minor": answer.amount.minor,
        "came_currency": answer.amount.currency,
    }
    if attempt.gateway_object not in {None, answer.gateway_object}:
        attempt = _second_attempt(attempt)
    reversal = _keep_surplus(payment, attempt, cause=_MISFIT, known=came, refund=refund)
    _close(payment, P.FAILED, cause=_MISFIT, reason="gateway_fault")
    _note(payment, next_at=clock.now())  # whoever asked may die before the refund is sent
    return reversal


def _second_attempt(first: GatewayAttempt) -> GatewayAttempt:
    """Return an attempt for the second object, already sent; the first one is rid of it."""
    payment, ordinal = first.payment, first.payment.attempts.count() + 1
    second = GatewayAttempt.objects.create(
        customer_account_id=first.customer_account_id, payment=payment,
        gateway_account_id=first.gateway_account_id, ordinal=ordinal,
        reference=f"{payment.pk}:{ordinal}", amount_minor=first.amount_minor,
        currency=first.currency, method=first.method, return_url=first.return_url,
        cancel_url=first.cancel_url, locale=first.locale, sent_at=first.sent_at,
    )  # fmt: skip
    move_attempt(second, A.SENT, cause=_MISFIT)
    forget(first)
    return second


def _keep_surplus(
    payment: Payment,
    attempt: GatewayAttempt,
    *,
    cause: str,
    known: Mapping[str, object],
    refund: Mapping[str, Any] | None = None,
) -> Reversal:
    """Write down money that must go back: the ledger, the refund and the mail in one step.

    Source: F21 of reliability.md. It is refunded for all that came, once: the key says so.
    """
    words = "Money came after this payment had ended. Refund under way."
    was_apart = attempt.misfit is not None
    move_attempt(attempt, A.SURPLUS, cause=cause, **{**known, "problem": words})
    if was_apart:
        book_misfit(attempt)  # it is kept apart no more: it is a surplus now
    book_surplus(payment, attempt)
    if payment.mail_to:
        enqueue_message(
            key=f"surplus:{attempt.pk}", kind="surplus", to=payment.mail_to,
            facts=_facts(payment, attempt.came),
        )  # fmt: skip
    return refund_surplus(attempt, attempt.came, **(refund or {}))


def _succeed(
    payment: Payment, attempt: GatewayAttempt, answer: GatewayPayment, known: Mapping[str, str]
) -> None:
    if payment.status != P.IN_FLIGHT or attempt.status in {A.FAILED, A.CANCELLED}:
        if attempt.came_object:
            return None  # what else came is decided first: an attempt tells of one sum only
        cause = "money came although the payment was over"
        _keep_surplus(payment, attempt, cause=cause, known=known)
        return None
    cause = "the gateway says that the money is ours"
    now = clock.now()
    move_attempt(attempt, A.SUCCEEDED, cause=cause, **known)
    move_payment(
        payment, P.SUCCEEDED, cause=cause, succeeded_at=answer.succeeded_at or now, ended_at=now,
        method_label=answer.method_label[:60] or payment.method_label, next_at=now, failures=0,
    )  # fmt: skip
    move_allocations(payment, L.CONSUMED, cause=cause)
    book_capture(payment, attempt)
    tell_erp(payment, attempt)
    return _tell_payer(payment)


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
    if status == P.FAILED:
        _come_to_nothing(payment, status, cause=cause, reason=answer.reason)
        stop_what_was_refused(attempt, answer.reason)
    else:
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
    label = answer.method_label[:60] or payment.method_label
    failures = payment.failures if attempt.word_at else 0  # our word may fail again and again
    _note(payment, next_at=clock.now() + LOOK_AGAIN, failures=failures, method_label=label)


def _close(payment: Payment, status: Payment.Status, *, cause: str, reason: str) -> None:
    if payment.is_over or payment.attempts.filter(status__in=LIVE).exists():
        return  # or the payer has begun anew, another way
    move_payment(payment, status, cause=cause, reason=reason, ended_at=clock.now(), next_at=None)
    move_allocations(payment, L.RELEASED, cause=cause)
    keep_nothing(payment, reason=reason)


def _come_to_nothing(payment: Payment, status: Payment.Status, *, cause: str, reason: str) -> None:
    """Close a payment that took nothing. Whose payer was not there to see it fail is told (F30)."""
    _close(payment, status, cause=cause, reason=reason)
    if payment.status == status and payment.origin in _NOBODY_CLICKED:
        _ask_for_help(payment, reason)


def _note(payment: Payment, **changes: object) -> None:
    Payment.objects.filter(pk=payment.pk).update(**changes)
    for name, value in changes.items():
        setattr(payment, name, value)


def _tell_payer(payment: Payment) -> None:
    if not payment.mail_to:
        return
    facts = _facts(payment, payment.amount)
    if payment.origin == Payment.Origin.PAY_LINK:  # who has no account here has this mail only
        rows = payment.allocations.filter(invoice__isnull=False).order_by("invoice__number")
        facts["invoices"] = list(rows.values_list("invoice__number", flat=True))
    enqueue_message(
        key=f"receipt:{payment.pk}", kind="receipt", to=payment.mail_to, facts=facts,
        account_id=payment.customer_account_id,
    )  # fmt: skip


def _ask_for_help(payment: Payment, reason: str) -> None:
    """Nobody was there to see it fail: the payer is asked to pay by hand (F30)."""
    if payment.user is None:
        return
    enqueue_message(
        key=f"not_charged:{payment.pk}", kind="not_charged", to=payment.user.email,
        facts={**_facts(payment, payment.amount), "reason": reason},
    )  # fmt: skip


def _facts(payment: Payment, amount: Money) -> dict[str, object]:
    return {
        "payment_id": str(payment.pk),
        "number": payment.number,
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "by_link": payment.origin == Payment.Origin.PAY_LINK,
    }
