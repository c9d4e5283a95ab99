"""Ends a payment for which credits pay all: no gateway is asked, because no money moves."""

from __future__ import annotations

from quittance.core import clock
from quittance.payments.models import Allocation, Payment
from quittance.payments.postings import tell_erp
from quittance.payments.transitions import move_allocations, move_payment

_CAUSE = "credits pay for all of it"


def succeed_without_money(payment: Payment) -> None:
    """Take a new payment of nothing to its end, inside the transaction that wrote it down.

    What is left to do is the seller's: their people apply the credits in the ERP.
    """
    now = clock.now()
    move_payment(payment, Payment.Status.IN_FLIGHT, cause=_CAUSE)
    move_payment(
        payment, Payment.Status.SUCCEEDED, cause=_CAUSE, succeeded_at=now, ended_at=now, next_at=now
    )
    move_allocations(payment, Allocation.Status.CONSUMED, cause=_CAUSE)
    tell_erp(payment, None)
