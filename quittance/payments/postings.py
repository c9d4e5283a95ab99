"""What the ERP is told about a payment, and how the mirror comes to show it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from quittance.core import clock
from quittance.core.money import Money
from quittance.erp.base import InvoiceRecord
from quittance.ledger import accounts
from quittance.ledger.record import record
from quittance.payments.models import Allocation, GatewayAttempt, Payment
from quittance.payments.transitions import move_allocations
from quittance.posting.models import ErpPosting
from quittance.posting.post import advance as advance_posting
from quittance.posting.queue import PostingOrder, enqueue_posting
from quittance.receivables.pull import refresh_invoices
from quittance.tenancy.rows import because, reading

_ERP_SECONDS: Final = 30.0


def tell_erp(payment: Payment, attempt: GatewayAttempt | None) -> None:
    """Put what the ERP must be told in line, inside the transaction in which the money came."""
    account = payment.customer_account
    zone = account.legal_entity.zone
    lines: list[tuple[str, str, Money]] = [
        (allocation.invoice.erp_id, allocation.invoice.number, allocation.amount)
        for allocation in payment.allocations.select_related("invoice").order_by(
            "invoice__due_date", "invoice__number"
        )
    ]
    because("the money is ours")
    enqueue_posting(
        PostingOrder(
            source_kind="payment",
            source_id=payment.pk,
            legal_entity_id=account.legal_entity_id,
            customer_account_id=account.pk,
            customer_erp_id=account.erp_id,
            document_number=payment.number,
            external_reference=(attempt.gateway_object or "") if attempt else "",
            posting_date=clock.today(zone),
            description=f"Portal payment {payment.number}",
            lines=lines,
        )
    )


def advance_postings(payment: Payment) -> datetime | None:
    """Bring everything about a payment into the ERP as far as it goes now; say when to look next.

    ``None``: there is nothing more to do, or only for a person. Raises ``OutsideError`` when the
    ERP's invoices cannot be read back.
    """
    with reading():
        posting = ErpPosting.objects.get(source_kind="payment", source_id=payment.pk)
    if posting.status != ErpPosting.Status.REJECTED:
        advance_posting(posting)
    with reading():
        posting.refresh_from_db()
    if posting.status == ErpPosting.Status.CONFIRMED:
        _reflect(payment)
    waits_for_other = posting.lease_until is not None and posting.lease_until > clock.now()
    return posting.lease_until if waits_for_other else posting.next_at


def _reflect(payment: Payment) -> None:
    """Read the paid invoices from the ERP again; only then may their open amounts be trusted."""
    with reading():
        waiting = list(
            payment.allocations.filter(status=Allocation.Status.CONSUMED).select_related("invoice")
        )
        legal_entity_id = payment.customer_account.legal_entity_id
    if not waiting:
        return
    erp_ids = [allocation.invoice.erp_id for allocation in waiting]

    def mark(records: Sequence[InvoiceRecord]) -> None:
        opens = {record.erp_id: record.open.minor for record in records}
        for allocation in waiting:
            still = Allocation.objects.filter(pk=allocation.pk, status=Allocation.Status.CONSUMED)
            still.update(open_after_minor=opens.get(allocation.invoice.erp_id))
        cause = "the ERP's invoices were read again"
        if move_allocations(payment, Allocation.Status.REFLECTED, cause=cause):
            _tell_ledger(payment)

    refresh_invoices(legal_entity_id, erp_ids, seconds=_ERP_SECONDS, also=mark)


def _tell_ledger(payment: Payment) -> None:
    legal_entity_id = payment.customer_account.legal_entity_id
    record(
        f"posted:{payment.pk}",
        f"Payment {payment.number} posted in the ERP",
        {
            accounts.unposted_receipts(legal_entity_id): payment.amount,
            accounts.posted_receipts(legal_entity_id): -payment.amount,
        },
    )
