"""What stands in the tables of a payment, in few words."""

from __future__ import annotations

import datetime as dt

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.gateways.base import GatewayPayment, PaymentState
from quittance.ledger.models import LedgerTransaction
from quittance.ledger.record import balances
from quittance.notifications.models import Message
from quittance.payments.models import Allocation, GatewayAttempt, Payment
from quittance.posting.models import ErpPosting
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing


def attempt_of(payment: Payment) -> GatewayAttempt:
    """The only attempt of a payment."""
    with reading():
        return GatewayAttempt.objects.get(payment_id=payment.pk)


def allocation_statuses(payment: Payment) -> list[str]:
    """The statuses of a payment's allocations."""
    with reading():
        return sorted(
            Allocation.objects.filter(payment_id=payment.pk).values_list("status", flat=True)
        )


def statuses(payment: Payment) -> tuple[str, str, list[str]]:
    """The statuses of a payment, its attempt and its allocations."""
    with reading():
        status = Payment.objects.get(pk=payment.pk).status
    return status, attempt_of(payment).status, allocation_statuses(payment)


def in_flight(invoice: Invoice) -> int:
    """How much of an invoice is reserved or paid and not yet shown by the mirror."""
    from quittance.payments.owed import in_flight_minor

    with reading():
        return in_flight_minor([invoice.pk]).get(invoice.pk, 0)


def payments_of(invoice: Invoice) -> list[Payment]:
    """Every payment that pays something of this invoice."""
    with reading():
        return list(Payment.objects.filter(allocations__invoice_id=invoice.pk))


def ledger_keys() -> list[str]:
    """The kinds of movements that the ledger holds."""
    with reading():
        keys = LedgerTransaction.objects.values_list("key", flat=True)
        return sorted(key.partition(":")[0] for key in keys)


def balance(account: str) -> dict[str, Money]:
    """What stands on an account of the ledger."""
    with reading():
        return balances(account)


def traces(payment: Payment) -> tuple[int, int, int]:
    """How many ledger movements, postings and messages the payment has brought about."""
    with reading():
        return (
            LedgerTransaction.objects.filter(key__contains=str(payment.pk)).count(),
            ErpPosting.objects.filter(source_id=payment.pk).count(),
            Message.objects.filter(key__contains=str(payment.pk)).count(),
        )


def make_older(payment: Payment, **age: float) -> None:
    """Let a payment and what it sent have happened earlier."""
    earlier = clock.now() - dt.timedelta(**age)
    with writing():
        Payment.objects.filter(pk=payment.pk).update(created_at=earlier)
        GatewayAttempt.objects.filter(payment_id=payment.pk).update(
            created_at=earlier, sent_at=earlier
        )


def answer_for(
    attempt: GatewayAttempt,
    state: PaymentState,
    *,
    amount: Money | None = None,
    reference: str = "",
    gateway_object: str = "",
) -> GatewayPayment:
    """The gateway's word on an attempt; it fits unless told otherwise."""
    return GatewayPayment(
        gateway_object=gateway_object or attempt.gateway_object or f"pay_{new_id().hex}",
        reference=reference or attempt.reference,
        state=state,
        amount=amount or attempt.amount,
    )
