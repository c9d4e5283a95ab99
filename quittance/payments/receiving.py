"""Writes money down that came without being asked for, as by the payer's own bank: one payment.

No gateway is asked. Whoever brings the money knows that it is ours, so the payment begins and
succeeds in one transaction, with its entry in the ledger, its posting and its receipt as any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quittance.core import clock
from quittance.gateways.base import GatewayPayment, PaymentState
from quittance.payments.capture import apply_answer
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.orders import PaymentOrder
from quittance.payments.recording import record_order
from quittance.payments.transitions import move_attempt, move_payment
from quittance.tenancy.rows import because


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What is known of money that came."""

    object_id: str  # under which name it stands in the books of its account
    at: datetime
    label: str  # what the payer recognizes it by: "Bank transfer ••1234"
    detail: str = ""  # for the AR team only
    cause: str  # the evidence that the timeline shows


def receive_money(order: PaymentOrder, came: Came, *, key: str) -> tuple[Payment, bool]:
    """Write a payment down of money that is here, inside a transaction; say whether it is new.

    ``order.total`` is all that came: what pays no invoice stands in ``on_account_minor``, and there
    need be no line. A second call with the same ``key`` returns the first one. Raises what
    ``record_order`` raises; then roll back.
    """
    because(came.cause)
    payment, is_new = record_order(order, key=key, is_here=True)
    if not is_new:
        return payment, False
    attempt = payment.attempts.get()
    move_payment(payment, Payment.Status.IN_FLIGHT, cause=came.cause)
    move_attempt(attempt, GatewayAttempt.Status.SENT, cause=came.cause, sent_at=clock.now())
    word = GatewayPayment(
        gateway_object=came.object_id, reference=attempt.reference, state=PaymentState.SUCCEEDED,
        amount=order.total, method_label=came.label, detail=came.detail, succeeded_at=came.at,
    )  # fmt: skip
    return apply_answer(attempt.pk, word), True
