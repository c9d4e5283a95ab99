"""Writes a payment down before anybody outside is asked: the intent, and what it reserves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id, new_number
from quittance.core.money import CurrencyMismatch, Money, total
from quittance.payments.models import Allocation, GatewayAttempt, Payment, PaymentAccount
from quittance.payments.owed import Owed, free_to_pay
from quittance.receivables.models import Invoice
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import because
from quittance.tenancy.scope import current_organization_id


class AmountNotOwed(RuleBroken):
    """The amount is more than what is still open on the invoice."""


class InvoiceNotPayable(RuleBroken):
    """The invoice is not there, or nothing is open on it."""


class IdempotencyConflict(RuleBroken):
    """This form was sent before with other amounts. Nothing was charged for this one."""


class Suspended(RuleBroken):
    """This portal takes no new payments at the moment. Nothing was charged."""


class EmptyOrder(RuleBroken):
    """Choose at least one invoice and an amount above zero."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """How much of one invoice is to be paid, and why less, if less."""

    invoice_id: UUID
    amount: Money
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """What a payer confirmed: everything that the payment needs, once."""

    customer_account_id: UUID
    gateway_account_id: UUID
    user_id: UUID | None
    origin: Payment.Origin
    currency: str
    method: str
    lines: Sequence[OrderLine]
    return_url: str  # "{payment}" in it becomes the payment's id
    cancel_url: str
    locale: str = "en"

    @property
    def total(self) -> Money:
        """The sum of all lines. Raises ``CurrencyMismatch``."""
        return total((line.amount for line in self.lines), self.currency)

    @property
    def fingerprint(self) -> str:
        """A hash of what is paid, by whom and how: the same key must mean the same order."""
        lines = sorted((str(line.invoice_id), line.amount.minor) for line in self.lines)
        content = [
            str(self.customer_account_id), str(self.gateway_account_id), self.currency,
            self.method, lines,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def record_order(order: PaymentOrder, *, key: str) -> tuple[Payment, bool]:
    """Write payment, allocations and attempt down, inside a transaction; say whether it is new.

    The invoices stay locked until the transaction ends, so reserved and open amounts agree.
    Raises ``AmountNotOwed``, ``InvoiceNotPayable``, ``EmptyOrder``, ``IdempotencyConflict``,
    ``Suspended``.
    """
    earlier = Payment.objects.filter(idempotency_key=key).first()
    if earlier:
        return _same(earlier, order), False
    if Organization.objects.filter(pk=current_organization_id(), suspended_at__isnull=False):
        raise Suspended
    _check_order(order)
    owed = free_to_pay([line.invoice_id for line in order.lines], lock=True)
    # Whoever was first holds the lock until its payment is there to be seen.
    earlier = Payment.objects.filter(idempotency_key=key).first()
    if earlier:
        return _same(earlier, order), False
    for line in order.lines:
        _check_line(line, owed.get(line.invoice_id), order)
    because("the payer confirmed")
    payment = _payment(order, key)
    PaymentAccount.objects.create(payment=payment, customer_account_id=payment.customer_account_id)
    Allocation.objects.bulk_create(
        _allocation(payment, line, owed[line.invoice_id]) for line in order.lines
    )
    _attempt(payment, order)
    return payment, True


def _same(earlier: Payment, order: PaymentOrder) -> Payment:
    if earlier.fingerprint != order.fingerprint:
        raise IdempotencyConflict(payment=str(earlier.pk))
    return earlier


def _check_order(order: PaymentOrder) -> None:
    if not order.lines or any(line.amount.minor <= 0 for line in order.lines):
        raise EmptyOrder
    if any(line.amount.currency != order.currency for line in order.lines):
        raise CurrencyMismatch(currency=order.currency)
    if len({line.invoice_id for line in order.lines}) != len(order.lines):
        raise EmptyOrder("An invoice stands twice in this payment. Choose each one once.")


def _check_line(line: OrderLine, owed: Owed | None, order: PaymentOrder) -> None:
    if owed is None or owed.invoice.customer_account_id != order.customer_account_id:
        raise InvoiceNotPayable(invoice=str(line.invoice_id))
    invoice: Invoice = owed.invoice
    if invoice.erp_status != Invoice.ErpStatus.OPEN:
        raise InvoiceNotPayable(
            f"Nothing is open on invoice {invoice.number} any more. Nothing was charged.",
            invoice=invoice.number,
        )
    if invoice.currency != order.currency:
        raise CurrencyMismatch(invoice=invoice.number, currency=order.currency)
    if line.amount.minor > owed.free.minor:
        raise AmountNotOwed(
            too_much(owed, line.amount), invoice=invoice.number, free=owed.free.minor
        )


def too_much(owed: Owed, asked: Money) -> str:
    """Say why ``asked`` cannot be paid now: another payment is under way, or less is open."""
    if owed.in_flight_minor:
        return (
            f"Another payment for invoice {owed.invoice.number} is under way, so {owed.free} of it"
            f" can be paid now, not {asked}. Nothing was charged."
        )
    return (
        f"{owed.free} is open on invoice {owed.invoice.number}, not {asked}. Nothing was charged."
    )


def _payment(order: PaymentOrder, key: str) -> Payment:
    return Payment.objects.create(
        id=new_id(),
        number=new_number("P"),
        customer_account_id=order.customer_account_id,
        gateway_account_id=order.gateway_account_id,
        user_id=order.user_id,
        origin=order.origin,
        amount_minor=order.total.minor,
        currency=order.currency,
        method=order.method,
        idempotency_key=key,
        fingerprint=order.fingerprint,
        next_at=clock.now(),
    )


def _allocation(payment: Payment, line: OrderLine, owed: Owed) -> Allocation:
    return Allocation(
        payment=payment,
        customer_account_id=payment.customer_account_id,
        invoice_id=line.invoice_id,
        amount_minor=line.amount.minor,
        currency=line.amount.currency,
        reason=line.reason,
        open_seen_minor=owed.invoice.open_minor,
        in_flight_seen_minor=owed.in_flight_minor,
        version_seen=owed.invoice.version,
    )


def _attempt(payment: Payment, order: PaymentOrder) -> GatewayAttempt:
    return GatewayAttempt.objects.create(
        payment=payment,
        customer_account_id=payment.customer_account_id,
        gateway_account_id=payment.gateway_key,
        reference=f"{payment.pk}:1",
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        method=payment.method,
        return_url=order.return_url.replace("{payment}", str(payment.pk)),
        cancel_url=order.cancel_url.replace("{payment}", str(payment.pk)),
        locale=order.locale,
    )
