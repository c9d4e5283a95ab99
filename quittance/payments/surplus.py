"""What a clerk sends back of money that came and pays nothing: it did not fit, or came too much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from quittance.audit.record import record_event
from quittance.connections.open import gateway_for
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.gateways.base import GatewayPayment, PaymentState
from quittance.payments.asking import ask
from quittance.payments.capture import take_misfit
from quittance.payments.models import GatewayAttempt, Reversal
from quittance.payments.models.attempt import LIVE, WITH_MONEY
from quittance.payments.orders import IdempotencyConflict
from quittance.payments.reversals import gone, lock, refund_surplus
from quittance.payments.sending import send_refund
from quittance.tenancy.moving import ChangedMeanwhile
from quittance.tenancy.rows import reading, writing

A, R = GatewayAttempt.Status, Reversal.Status


class NothingCame(RuleBroken):
    """There is no money of this payment that could be sent back here."""


class NotOurs(RuleBroken):
    """This money belongs to another payment. Look at that one, or into the gateway's pages."""


class FirstOneIsOpen(RuleBroken):
    """The payer or the bank is still at work on this payment. Try again when it is over."""


def refund_quarantined(
    attempt_id: UUID, *, key: str, note: str = "", user_id: UUID | None = None
) -> Reversal:
    """Send back all money that came with an attempt and does not fit what was asked for (F20).

    Also what is left of a surplus whose refund failed. The gateway is asked first what came; that
    is written into the ledger together with the refund. Idempotent by ``key``. Raises
    ``NothingCame``, ``NotOurs``, ``FirstOneIsOpen``, ``IdempotencyConflict`` or the gateway's
    ``OutsideError``; then nothing was sent. What becomes of the refund, says the row.
    """
    facts: Mapping[str, Any] = {"key": key, "note": note[:500], "user_id": user_id}
    with reading():
        attempt = GatewayAttempt.objects.select_related("payment").get(pk=attempt_id)
        reversal = _earlier(attempt, key)
    if reversal is None and _is_misfit(attempt):
        reversal = _take(attempt, facts)
    elif reversal is None:
        reversal = _send_rest(attempt, facts)
    if reversal.status == R.REQUESTED:
        send_refund(reversal)
    with reading():
        reversal.refresh_from_db()
    return reversal


def _is_misfit(attempt: GatewayAttempt) -> bool:
    """Whether money came, by the gateway's word, that is not in our books yet."""
    in_books = attempt.status in WITH_MONEY
    return attempt.came_object not in {"", attempt.gateway_object if in_books else ""}


def _earlier(attempt: GatewayAttempt, key: str) -> Reversal | None:
    found = Reversal.objects.filter(idempotency_key=key).first()
    if found is not None and found.payment_id != attempt.payment_id:
        raise IdempotencyConflict(reversal=found.number)
    return found


def _take(attempt: GatewayAttempt, facts: Mapping[str, Any]) -> Reversal:
    """Write down what came, and that it goes back; the gateway says once more what came."""
    answer = gateway_for(attempt.gateway_account_id).read_payment(attempt.came_object)
    if answer.state is not PaymentState.SUCCEEDED:
        raise NothingCame
    if attempt.gateway_object not in {None, answer.gateway_object} and attempt.status in LIVE:
        now, _ = ask(attempt.payment, attempt)  # the first one: it may have ended meanwhile
        if not now.is_over:
            raise FirstOneIsOpen
    try:
        with writing():
            _must_be_ours(attempt, answer)
            reversal = take_misfit(attempt.pk, answer, refund=facts)
            _remember(reversal)
    except ChangedMeanwhile:  # another clerk was faster, or the same one with another click
        with reading():
            earlier = _earlier(attempt, facts["key"])
        if earlier is None:
            raise
        return earlier
    return reversal


def _must_be_ours(attempt: GatewayAttempt, answer: GatewayPayment) -> None:
    """Only our reference shows that money is this payment's: ids can be wrong, and are not ours."""
    others = GatewayAttempt.objects.exclude(payment_id=attempt.payment_id)
    same = others.filter(gateway_object=answer.gateway_object)
    if answer.reference != attempt.reference or same.exists():
        raise NotOurs


def _send_rest(attempt: GatewayAttempt, facts: Mapping[str, Any]) -> Reversal:
    """What is left of a surplus, because its refund failed."""
    with writing():
        attempt = lock(attempt.pk)
        left = attempt.came.minor - gone(attempt) if attempt.status == A.SURPLUS else 0
        if left <= 0:
            raise NothingCame
        reversal = refund_surplus(attempt, Money(left, attempt.came.currency), **facts)
        _remember(reversal)
    return reversal


def _remember(reversal: Reversal) -> None:
    record_event(
        "refund of surplus asked for", subject_kind="reversal", subject_id=reversal.pk,
        amount_minor=reversal.amount_minor, currency=reversal.currency,
    )  # fmt: skip
