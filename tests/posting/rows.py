"""What stands in the tables of postings, in few words."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from quittance.core import clock
from quittance.core.money import Money
from quittance.payments.models import Allocation, Payment
from quittance.payments.told import standing
from quittance.posting.models import ErpPosting
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground


def postings_of(payment: Payment) -> list[ErpPosting]:
    """All postings that stand for a payment, without replaced ones."""
    with reading():
        return standing(payment)


def posting_of(payment: Payment) -> ErpPosting:
    """The only posting that stands for a payment."""
    (posting,) = postings_of(payment)
    return posting


def replaced(payment: Payment) -> list[ErpPosting]:
    """The postings in whose place others stand."""
    with reading():
        found = ErpPosting.objects.filter(source_id=payment.pk, status="replaced")
        return list(found.order_by("ordinal"))


def lines(posting: ErpPosting) -> list[tuple[str, int]]:
    """The invoices' numbers and amounts; "" is on account."""
    with reading():
        found = posting.lines.order_by("line_number")
        return list(found.values_list("invoice_number", "amount_minor"))


def allocations(payment: Payment) -> list[tuple[str, int, str]]:
    """Invoice, amount and status of each allocation, the oldest first."""
    with reading():
        found = Allocation.objects.filter(payment_id=payment.pk).order_by("pk")
        return list(found.values_list("invoice__number", "amount_minor", "status"))


def adds_up(payment: Payment) -> bool:
    """Whether living allocations, what is on account and the fee are what was paid."""
    with reading():
        payment = Payment.objects.get(pk=payment.pk)
        living = payment.allocations.exclude(status="released")
        applied = sum(living.values_list("amount_minor", flat=True))
    return applied + payment.on_account_minor + payment.fee_minor == payment.amount_minor


def in_the_erp(ground: Ground, posting: ErpPosting) -> list[Money]:
    """The payment entries under a posting's number in the ERP's own books."""
    entries = ground.world.erp_ledger(posting.document_number)
    return sorted(
        Money.from_decimal(-Decimal(entry["amount"]), posting.currency)
        for entry in entries
        if entry["documentType"] == "Payment"
    )


def captured(ground: Ground, payment: Payment) -> Payment:
    """Pay on the gateway's page and take the money, while the ERP does not answer."""
    ground.on_page(payment)
    ground.world.erp_fault("GET .*generalLedgerEntries", "status", status=503)
    return ground.advance(payment)


def let_time_pass(posting: ErpPosting, **time: float) -> None:
    """Let what was last sent for a posting have been sent earlier."""
    with writing():
        ErpPosting.objects.filter(pk=posting.pk).update(
            last_sent_at=clock.now() - timedelta(**time), lease_until=None
        )
