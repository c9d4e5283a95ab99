"""What stands in the tables of a payment, in few words."""

from __future__ import annotations

import datetime as dt

from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.gateways.base import GatewayPayment, PaymentState
from quittance.ledger.models import LedgerTransaction
from quittance.ledger.record import balances
from quittance.notifications.models import Message
from quittance.payments.asked import request_of
from quittance.payments.models import Allocation, GatewayAttempt, Payment
from quittance.payments.owed import in_flight_minor
from quittance.payments.recording import record_order
from quittance.payments.transitions import move_attempt, move_payment
from quittance.posting.models import ErpPosting
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground


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
    """How many captures in the ledger, postings and messages the payment has brought about."""
    with reading():
        return (
            LedgerTransaction.objects.filter(key=f"captured:{payment.pk}").count(),
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


def written_down(ground: Ground, invoice: Invoice, *, key: str = "") -> Payment:
    """A payment of a process that died right after it had written it down."""
    order = ground.order((invoice, "100.00"))
    with writing():
        payment, _ = record_order(order, key=key or str(new_id()))
    return payment


def died_before_asking(ground: Ground) -> Payment:
    """A payment of a process that died between "the gateway is asked" and asking."""
    payment = written_down(ground, ground.bill("100.00"))
    with writing():
        move_payment(payment, Payment.Status.IN_FLIGHT, cause="asked")
        move_attempt(
            payment.attempts.get(), GatewayAttempt.Status.SENT, cause="asked", sent_at=clock.now()
        )
    return payment


def died_after_asking(ground: Ground) -> tuple[Payment, str]:
    """A payment of a process that died before it wrote the answer down; and what it would say."""
    payment = died_before_asking(ground)
    with reading():
        attempt = payment.attempts.select_related("payment").get()
    answer = gateway_for(ground.gateway_account_id).create_payment(request_of(attempt))
    return payment, answer.gateway_object
