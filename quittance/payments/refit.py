"""Lets a payment's allocations follow what the ERP can apply; every sum stays exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from django.db.models import F

from quittance.payments.models import Allocation, Payment
from quittance.payments.owed import Owed, free_to_pay
from quittance.payments.told import K, document_instead
from quittance.posting.fit import Fit
from quittance.posting.models import ErpPosting
from quittance.posting.queue import PostingLine
from quittance.posting.replace import replace_posting
from quittance.receivables.mirror import apply_invoices
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import because, writing

L = Allocation.Status
_CAUSE: Final = "the ERP cannot apply it so any more"


def refit(payment: Payment, posting: ErpPosting, fit: Fit) -> None:
    """Replace a posting of which nothing was sent by one that the ERP can apply.

    What its invoices do not take any more is on the customer's account. The mirror shows in the
    same step what the ERP said of them, so that nobody is offered to pay what is not open.
    """
    with writing():
        apply_invoices(
            fit.records, legal_entity_id=posting.legal_entity_id, read_at=fit.read_at, always=True
        )
        Payment.objects.select_for_update().get(pk=payment.pk)
        replace_posting(
            posting, fit.lines, cause=_CAUSE,
            document_number=document_instead(posting), remark=fit.words[:1000],
            gateway_account_id=payment.gateway_account_id, method=payment.method,
        )  # fmt: skip
        if posting.source_kind == K.PAYMENT:
            follow(payment, posting, fit.lines, cause=_CAUSE)


def follow(
    payment: Payment, posting: ErpPosting, lines: Sequence[PostingLine], *, cause: str
) -> None:
    """Let the living allocations of a posting's account be what ``lines`` say, in a transaction.

    One that changes is released and another takes its place. What pays no invoice any more is on
    account. Those that the mirror shows already stay: the ERP's own amounts have them in.
    """
    because(cause)
    invoices = {
        each.erp_id: each
        for each in Invoice.objects.filter(
            legal_entity_id=posting.legal_entity_id,
            erp_id__in=[line.invoice_erp_id for line in lines if line.invoice_erp_id],
        )
    }
    shown = set(payment.allocations.filter(status=L.REFLECTED).values_list("invoice_id", flat=True))
    wanted = {
        invoices[line.invoice_erp_id].pk: line.amount.minor
        for line in lines
        if line.invoice_erp_id and invoices[line.invoice_erp_id].pk not in shown
    }
    before = list(
        payment.allocations.filter(
            customer_account_id=posting.customer_account_id, status=L.CONSUMED
        ).select_related("invoice")
    )
    moved = sum(each.amount_minor for each in before)
    for allocation in before:
        moved -= _follow(allocation, wanted.pop(allocation.invoice_id, 0))
    moved -= _pay_others(payment, posting, wanted)
    if moved:
        Payment.objects.filter(pk=payment.pk).update(on_account_minor=F("on_account_minor") + moved)
        payment.refresh_from_db(fields=["on_account_minor"])


def _follow(allocation: Allocation, amount_minor: int) -> int:
    """Let an allocation pay ``amount_minor`` in money from now on; return that."""
    if amount_minor == allocation.amount_minor:
        return amount_minor
    # Its credit goes on with the one that takes its place: a use is part of one allocation.
    left = {"credit_minor": 0} if allocation.amount_minor else {}
    Allocation.objects.filter(pk=allocation.pk).update(status=L.RELEASED, **left)
    if amount_minor or allocation.credit_minor:
        _consume(
            Allocation(
                payment_id=allocation.payment_id,
                customer_account_id=allocation.customer_account_id,
                invoice_id=allocation.invoice_id,
                amount_minor=amount_minor,
                discount_minor=allocation.discount_minor,
                credit_minor=allocation.credit_minor,
                currency=allocation.currency,
                reason=allocation.reason,
                open_seen_minor=allocation.open_seen_minor,
                in_flight_seen_minor=allocation.in_flight_seen_minor,
                version_seen=allocation.version_seen,
            )
        )
    return amount_minor


def _pay_others(payment: Payment, posting: ErpPosting, wanted: Mapping[UUID, int]) -> int:
    """Allocate money to invoices that the payment did not pay before; return how much."""
    if not wanted:
        return 0
    owed: dict[UUID, Owed] = free_to_pay(list(wanted))
    for invoice_id, amount_minor in wanted.items():
        found = owed[invoice_id]
        _consume(
            Allocation(
                payment=payment,
                customer_account_id=posting.customer_account_id,
                invoice_id=invoice_id,
                amount_minor=amount_minor,
                currency=payment.currency,
                open_seen_minor=found.invoice.open_minor,
                in_flight_seen_minor=found.in_flight_minor,
                version_seen=found.invoice.version,
            )
        )
    return sum(wanted.values())


def _consume(allocation: Allocation) -> None:
    allocation.save(force_insert=True)
    Allocation.objects.filter(pk=allocation.pk).update(status=L.CONSUMED)
