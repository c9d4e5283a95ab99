"""Ends a payment for which credits pay all: no gateway is asked, because no money moves."""

from __future__ import annotations

from uuid import UUID

from quittance.core import clock
from quittance.identity.models import User
from quittance.notifications.messages import enqueue_message
from quittance.payments.models import Allocation, Payment
from quittance.payments.postings import tell_erp
from quittance.payments.transitions import move_allocations, move_payment
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import widened

_CAUSE = "credits pay for all of it"


def succeed_without_money(payment: Payment, *, mail_to: str) -> None:
    """Take a new payment of nothing to its end, inside the transaction that wrote it down.

    What is left to do is the seller's: their people apply the credits in the ERP. ``mail_to``: who
    is told so; "" for nobody.
    """
    now = clock.now()
    move_payment(payment, Payment.Status.IN_FLIGHT, cause=_CAUSE)
    move_payment(
        payment, Payment.Status.SUCCEEDED, cause=_CAUSE, succeeded_at=now, ended_at=now, next_at=now
    )
    move_allocations(payment, Allocation.Status.CONSUMED, cause=_CAUSE)
    tell_erp(payment, None)
    if mail_to:
        used = sum(payment.credit_uses.values_list("amount_minor", flat=True))
        enqueue_message(
            key=f"receipt:{payment.pk}", kind="credits_used", to=mail_to,
            facts={
                "payment_id": str(payment.pk), "number": payment.number, "amount_minor": used,
                "currency": payment.currency,
            },
            account_id=payment.customer_account_id,
        )  # fmt: skip


def address_of(user_id: UUID | None) -> str:
    """Return where to write to who pays; a buyer's own scope may not read even their own row."""
    if user_id is None:
        return ""
    with widened(), reading():
        return User.objects.filter(pk=user_id).values_list("email", flat=True).first() or ""
