"""What a payment, an attempt and an allocation may become: three tables, one way to move."""

from __future__ import annotations

from typing import Final

from quittance.payments.models import (
    Allocation,
    CreditUse,
    Dispute,
    GatewayAttempt,
    Payment,
    Reversal,
)
from quittance.tenancy.moving import move
from quittance.tenancy.rows import because

P, A, L = Payment.Status, GatewayAttempt.Status, Allocation.Status
R, D = Reversal.Status, Dispute.Status

PAYMENT: Final[dict[str, frozenset[str]]] = {
    P.CREATED: frozenset({P.IN_FLIGHT, P.CANCELLED}),
    P.IN_FLIGHT: frozenset({P.SUCCEEDED, P.FAILED, P.CANCELLED}),
    P.SUCCEEDED: frozenset(),  # money that comes back is a reversal, not a status
    P.FAILED: frozenset(),
    P.CANCELLED: frozenset(),
}
ATTEMPT: Final[dict[str, frozenset[str]]] = {
    A.PREPARED: frozenset({A.SENT, A.CANCELLED}),
    A.SENT: frozenset({A.UNKNOWN, A.OPEN, A.PROCESSING, A.SUCCEEDED, A.FAILED, A.SURPLUS}),
    # Only with evidence: the gateway's own word, or its silence after its waiting time.
    A.UNKNOWN: frozenset({A.OPEN, A.PROCESSING, A.SUCCEEDED, A.FAILED, A.CANCELLED, A.SURPLUS}),
    A.OPEN: frozenset({A.SENT, A.PROCESSING, A.SUCCEEDED, A.FAILED, A.CANCELLED, A.SURPLUS}),
    A.PROCESSING: frozenset({A.SUCCEEDED, A.FAILED, A.CANCELLED, A.SURPLUS}),
    A.SUCCEEDED: frozenset(),
    A.SURPLUS: frozenset(),
    A.FAILED: frozenset({A.SURPLUS}),  # money came although the payment was over
    A.CANCELLED: frozenset({A.SURPLUS}),
}
ALLOCATION: Final[dict[str, frozenset[str]]] = {
    L.RESERVED: frozenset({L.CONSUMED, L.RELEASED}),
    # Released after all: the ERP could not apply it, and a person decided otherwise.
    L.CONSUMED: frozenset({L.REFLECTED, L.RELEASED}),
    L.REFLECTED: frozenset(),
    L.RELEASED: frozenset(),
}
REVERSAL: Final[dict[str, frozenset[str]]] = {
    # One that was found in the gateway's books was never asked for.
    R.REQUESTED: frozenset({R.SENT, R.SUCCEEDED, R.FAILED}),
    R.SENT: frozenset({R.UNKNOWN, R.PENDING, R.SUCCEEDED, R.FAILED}),
    # Only with evidence, as for an attempt.
    R.UNKNOWN: frozenset({R.SENT, R.PENDING, R.SUCCEEDED, R.FAILED}),
    R.PENDING: frozenset({R.SUCCEEDED, R.FAILED}),
    R.SUCCEEDED: frozenset({R.FAILED}),  # the payer's bank sent the refund back
    R.FAILED: frozenset(),
}
DISPUTE: Final[dict[str, frozenset[str]]] = {
    D.OPEN: frozenset({D.UNDER_REVIEW, D.WON, D.LOST}),
    D.UNDER_REVIEW: frozenset({D.OPEN, D.WON, D.LOST}),
    D.WON: frozenset({D.LOST}),  # a second round at the bank
    D.LOST: frozenset({D.WON}),
}


def move_payment(payment: Payment, to: str, *, cause: str, **changes: object) -> bool:
    """Change a payment's status, inside a transaction. See ``move``."""
    return move(payment, PAYMENT, to, cause=cause, changes=changes)


def move_attempt(attempt: GatewayAttempt, to: str, *, cause: str, **changes: object) -> bool:
    """Change an attempt's status, inside a transaction. See ``move``."""
    return move(attempt, ATTEMPT, to, cause=cause, changes=changes)


def move_reversal(reversal: Reversal, to: str, *, cause: str, **changes: object) -> bool:
    """Change a reversal's status, inside a transaction. See ``move``."""
    return move(reversal, REVERSAL, to, cause=cause, changes=changes)


def move_dispute(dispute: Dispute, to: str, *, cause: str, **changes: object) -> bool:
    """Change a dispute's status, inside a transaction. See ``move``."""
    return move(dispute, DISPUTE, to, cause=cause, changes=changes)


def move_allocations(payment: Payment, to: str, *, cause: str) -> int:
    """Change the status of all allocations of ``payment`` that may go there; return how many."""
    because(cause)
    before = [status for status, after in ALLOCATION.items() if to in after]
    CreditUse.objects.filter(payment=payment, status__in=before).update(status=to)
    return Allocation.objects.filter(payment=payment, status__in=before).update(status=to)
