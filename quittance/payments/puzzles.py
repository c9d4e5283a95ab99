"""What becomes of an answer that puzzled us: the gateway is asked again, or a person decides."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from quittance.audit.record import record_event
from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import Refused, RuleBroken
from quittance.gateways.base import GatewayPayment, PaymentState
from quittance.payments.asking import ask
from quittance.payments.capture import lock_attempt
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.quarantine import forget, is_anothers
from quittance.tenancy.rows import because, reading, writing

A = GatewayAttempt.Status


class NothingPuzzles(RuleBroken):
    """Nothing puzzles us here any more: the gateway has said what fits, or somebody was faster."""


class NotYetOver(RuleBroken):
    """This payment is not over: ask the gateway again. It is also asked again by itself."""


class MoneyCame(RuleBroken):
    """Money came with this answer. Send it back, or ask the gateway again; nothing was changed."""


class ReasonMissing(RuleBroken):
    """Write down why this is all right, so that the next one need not ask again."""


def ask_again(attempt_id: UUID) -> bool:
    """Ask the gateway now about an attempt whose answer did not fit; say whether it fits now.

    Raises ``NothingPuzzles``, or the gateway's ``OutsideError``; then all is as it was.
    """
    with reading():
        attempt = _marked(attempt_id)
    ask(attempt.payment, attempt)
    with reading():
        attempt.refresh_from_db()
    look_at_what_came(attempt)
    with writing():
        # What follows from a word that fits is a worker's: the posting, or what must go back.
        Payment.objects.filter(pk=attempt.payment_id).update(next_at=clock.now())
        fits = GatewayAttempt.objects.filter(pk=attempt_id, problem="").exists()
        record_event(
            "gateway asked again", subject_kind="payment", subject_id=attempt.payment_id, fits=fits
        )
    return fits


def set_aside(attempt_id: UUID, *, note: str) -> None:
    """Take the mark off an attempt of a payment that is over and with which no money came.

    It comes back when the gateway says again what does not fit. Raises ``NothingPuzzles``,
    ``NotYetOver``, ``MoneyCame``, ``ReasonMissing``.
    """
    words = " ".join(note.split())[:500]
    if not words:
        raise ReasonMissing
    with writing():
        _marked(attempt_id)
        attempt = lock_attempt(attempt_id)
        if not attempt.problem:
            raise NothingPuzzles
        if attempt.came_object:
            raise MoneyCame
        if not attempt.payment.is_over:
            raise NotYetOver
        was = attempt.problem
        because(words)
        forget(attempt)
        record_event(
            "puzzle set aside",
            subject_kind="payment",
            subject_id=attempt.payment_id,
            note=words,
            was=was,
        )


def look_at_what_came(attempt: GatewayAttempt) -> datetime | None:
    """Ask about money that is said to have come as another object than the attempt's own.

    A payment that the gateway does not know under that id, that is somebody else's or brought no
    money was a wrong word of its own: the mark goes. Returns when to ask again while that is too
    young to say. Raises ``OutsideError``.
    """
    if attempt.status == A.SURPLUS or attempt.came_object in {"", attempt.gateway_object}:
        return None  # nothing came so, or asking about the attempt has asked about it
    gateway = gateway_for(attempt.gateway_account_id)
    try:
        answer = gateway.read_payment(attempt.came_object)
    except Refused:
        answer = None
    if answer is None:  # too young, perhaps, for the machine that answers
        sent_at = attempt.sent_at or attempt.created_at
        settled_at = sent_at + timedelta(seconds=gateway.capabilities.settle_seconds)
        if clock.now() < settled_at:
            return settled_at
    with writing():
        locked = lock_attempt(attempt.pk)
        if locked.status != A.SURPLUS and locked.came_object == attempt.came_object:
            _believe(locked, answer)
    return None


def _believe(attempt: GatewayAttempt, answer: GatewayPayment | None) -> None:
    is_ours = (
        answer is not None
        and answer.reference == attempt.reference
        and not is_anothers(attempt, answer)
    )
    if is_ours and answer is not None and answer.state is PaymentState.SUCCEEDED:
        return
    record_event(
        "no money came under another id after all",
        subject_kind="payment", subject_id=attempt.payment_id,
        was=attempt.came_object,
    )  # fmt: skip
    because("the gateway has no such money of ours")
    forget(attempt)
    Payment.objects.filter(pk=attempt.payment_id).update(next_at=clock.now())


def _marked(attempt_id: UUID) -> GatewayAttempt:
    rows = GatewayAttempt.objects.select_related("payment").exclude(status=A.SURPLUS)
    attempt = rows.exclude(problem="").filter(pk=attempt_id).first()
    if attempt is None:
        raise NothingPuzzles
    return attempt
