"""What a clerk sends back: how much may go, written down before the gateway is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from quittance.audit.record import record_event
from quittance.connections.offers import BANK_TRANSFER
from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import CurrencyMismatch, Money, total
from quittance.gateways.base import Refunds
from quittance.payments.credits import used_of
from quittance.payments.disputes import UNDECIDED
from quittance.payments.models import Dispute, GatewayAttempt, Payment, Reversal
from quittance.payments.orders import IdempotencyConflict
from quittance.payments.return_windows import window_of
from quittance.payments.reversals import gone, lock, new_reversal
from quittance.payments.sending import send_refund
from quittance.tenancy.limits import one_person_may
from quittance.tenancy.rows import reading, writing

A, R = GatewayAttempt.Status, Reversal.Status


class NotRefundable(RuleBroken):
    """No money of this payment is with us, so none can be sent back."""


class AmountNotRefundable(RuleBroken):
    """The amount is more than what is left of this payment."""


class CannotRefundHere(RuleBroken):
    """This gateway takes no refunds from here. Make it in its own pages; it will be shown here."""


class Disputed(RuleBroken):
    """The payer's bank disputes this payment. A refund now could give the money back twice."""


class ReturnMayCome(RuleBroken):
    """The payer's bank may still take this debit back, and would then have the money twice."""


class AboveTheLimit(RuleBroken):
    """With what was given back before this is more than one person may. Ask a manager."""


def given_back(payment: Payment, *, but: str = "") -> Money:
    """Return what our people gave back of a payment, but for the refund with the key ``but``.

    In a transaction of the caller. A limit counts it: else it would be none, in small parts.
    """
    ours = payment.reversals.filter(origin=Reversal.Origin.CLERK).exclude(status=R.FAILED)
    return total([each.amount for each in ours.exclude(idempotency_key=but)], payment.currency)


def refundable(payment: Payment) -> Money:
    """Return how much of a payment can still go back, in a transaction of the caller.

    What a payer uses as credit for other invoices cannot, until the ERP shows it there.
    """
    attempt = payment.attempts.filter(status=A.SUCCEEDED).first()
    left = attempt.amount_minor - gone(attempt) - used_of(payment) if attempt else 0
    return Money(max(0, left), payment.currency)


def returnable_until(payment: Payment) -> datetime | None:
    """Return until when a refund could give money twice, in a transaction of the caller.

    ``None``: the payer's bank takes it back only by a dispute, which a refund avoids, or not at
    all. While it is not known whose account it is, the longest window counts.
    """
    window = window_of(payment)
    return None if window is None or window.by_dispute else window.until


def refund_payment(
    payment_id: UUID,
    amount: Money,
    *,
    key: str,
    reopens: bool,
    note: str = "",
    user_id: UUID | None = None,
    despite_return: bool = False,
    any_amount: bool = False,
) -> Reversal:
    """Send ``amount`` of a payment back: write it down, ask the gateway, write its answer down.

    Idempotent: a second call with the same ``key`` returns the first refund. With ``reopens`` the
    invoices are owed again. ``despite_return``: the clerk knows that the payer's bank may still
    take the debit back. One person's limit holds (tenancy/limits.py) over all that was given back
    of the payment, unless with ``any_amount`` a manager asks. Raises ``NotRefundable``,
    ``AmountNotRefundable``, ``CurrencyMismatch``, ``AboveTheLimit``, ``CannotRefundHere``,
    ``Disputed``, ``ReturnMayCome``, ``IdempotencyConflict``, or ``Misconfigured`` for a gateway
    that is switched off; then nothing was sent. What the gateway refuses comes back ``FAILED`` with
    its words in ``detail``; a lost answer, ``UNKNOWN``.
    """
    wish = _Wish(payment_id, amount, key, reopens, note[:500], user_id, despite_return, any_amount)
    with reading():
        reversal = _earlier(wish)
    if reversal is None:
        _gateway_can(wish)
        reversal = _record(wish)
    if reversal.status == R.REQUESTED:
        send_refund(reversal)
    with reading():
        reversal.refresh_from_db()
    return reversal


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a clerk asks for, once."""

    payment_id: UUID
    amount: Money
    key: str
    reopens: bool
    note: str
    user_id: UUID | None
    despite_return: bool
    any_amount: bool


def _earlier(wish: _Wish) -> Reversal | None:
    """Return the refund that this form has made already. Raises ``IdempotencyConflict``."""
    found = Reversal.objects.filter(idempotency_key=wish.key).first()
    if found is None:
        return None
    same = (found.payment_id, found.amount, found.reopens, found.note)
    if same != (wish.payment_id, wish.amount, wish.reopens, wish.note):
        raise IdempotencyConflict(
            "This form was sent before with other contents. Nothing more was sent back.",
            reversal=found.number,
        )
    return found


def _gateway_can(wish: _Wish) -> None:
    with reading():
        attempt = GatewayAttempt.objects.filter(
            payment_id=wish.payment_id, status=A.SUCCEEDED
        ).first()
    if attempt is None:
        raise NotRefundable
    if attempt.method == BANK_TRANSFER:
        raise CannotRefundHere(
            "This payment came by bank transfer, so no provider can send it back from here. Send it"
            " from your own bank, and book that in the ERP. Nothing was sent."
        )
    if not isinstance(gateway_for(attempt.gateway_account_id), Refunds):
        raise CannotRefundHere


def _record(wish: _Wish) -> Reversal:
    try:
        with writing():
            return _write(wish)
    except IntegrityError:
        # The same key at once for another payment: the other form is written.
        with writing():
            return _write(wish)


def _write(wish: _Wish) -> Reversal:
    succeeded = GatewayAttempt.objects.filter(payment_id=wish.payment_id, status=A.SUCCEEDED)
    attempt = lock(succeeded.values_list("pk", flat=True).get())
    # Whoever was first holds the lock until its refund is there to be seen.
    earlier = _earlier(wish)
    if earlier:
        return earlier
    _check(attempt.payment, wish)
    reversal = new_reversal(
        attempt, wish.amount, key=wish.key, kind=Reversal.Kind.REFUND,
        origin=Reversal.Origin.CLERK, reopens=wish.reopens, note=wish.note, user_id=wish.user_id,
    )  # fmt: skip
    record_event(
        "refund asked for", subject_kind="reversal", subject_id=reversal.pk,
        amount_minor=wish.amount.minor,
        currency=wish.amount.currency, reopens=wish.reopens, despite_return=wish.despite_return,
    )  # fmt: skip
    return reversal


def _check(payment: Payment, wish: _Wish) -> None:
    if wish.amount.currency != payment.currency:
        raise CurrencyMismatch(payment=payment.number)
    if wish.amount.minor <= 0:
        raise AmountNotRefundable("Choose an amount above zero.")
    if Dispute.objects.filter(payment=payment, status__in=UNDECIDED).exists():
        raise Disputed
    used = Money(used_of(payment, lock=True), payment.currency)
    left = refundable(payment)
    if wish.amount.minor > left.minor:
        words = f"{left} of payment {payment.number} can still go back, not {wish.amount}."
        if used.minor:
            words += f" {used} of it is used as credit for other invoices and is not applied yet."
        raise AmountNotRefundable(words)
    if not (wish.any_amount or one_person_may(wish.amount + given_back(payment))):
        raise AboveTheLimit
    until = returnable_until(payment)
    if until is not None and clock.now() < until and not wish.despite_return:
        raise ReturnMayCome(
            f"The payer's bank may take this debit back until {until.date().isoformat()}. If it"
            " does after a refund, the payer has the money twice. Refund it only if you have to."
        )
