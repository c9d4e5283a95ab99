"""Puts a posting in line, and puts a rejected one in line again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import Money, total
from quittance.posting.models import ErpPosting, ErpPostingLine
from quittance.tenancy.rows import because, writing

_FIRST_LINE = 10_000  # Business Central counts journal lines so; any ERP can
_DESCRIPTION, _REFERENCE = 100, 35


class NothingToRetry(RuleBroken):
    """This posting does not wait for you: it is on its way or done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingOrder:
    """What the ERP shall be told: plain values, so that this room knows no payment."""

    source_kind: str
    source_id: UUID
    legal_entity_id: UUID
    customer_account_id: UUID
    customer_erp_id: str
    document_number: str
    external_reference: str
    posting_date: date
    description: str
    lines: Sequence[tuple[str, str, Money]]  # the invoice's id in the ERP, its number, how much


def enqueue_posting(order: PostingOrder) -> ErpPosting:
    """Write a posting with its lines down, inside the transaction that made it necessary."""
    currency = order.lines[0][2].currency
    posting = ErpPosting.objects.create(
        source_kind=order.source_kind,
        source_id=order.source_id,
        legal_entity_id=order.legal_entity_id,
        customer_account_id=order.customer_account_id,
        customer_erp_id=order.customer_erp_id,
        document_number=order.document_number,
        external_reference=order.external_reference[:_REFERENCE],
        posting_date=order.posting_date,
        description=order.description[:_DESCRIPTION],
        amount_minor=total((amount for _, _, amount in order.lines), currency).minor,
        currency=currency,
        next_at=clock.now(),
    )
    ErpPostingLine.objects.bulk_create(
        ErpPostingLine(
            posting=posting, customer_account_id=order.customer_account_id,
            line_number=_FIRST_LINE * ordinal, invoice_erp_id=erp_id, invoice_number=number,
            amount_minor=amount.minor,
        )
        for ordinal, (erp_id, number, amount) in enumerate(order.lines, start=1)
    )  # fmt: skip
    return posting


def queue_again(posting_id: UUID) -> ErpPosting:
    """Put a rejected posting in line again, after its cause was mended. The next run looks first.

    Raises ``NothingToRetry`` for a posting that is not rejected (any more).
    """
    with writing():
        because("retried by a person")
        rejected = ErpPosting.objects.filter(pk=posting_id, status=ErpPosting.Status.REJECTED)
        found = rejected.update(
            status=ErpPosting.Status.QUEUED, rejection="", failures=0, next_at=clock.now()
        )
        if not found:
            raise NothingToRetry
        record_event("posting retried", subject_id=posting_id)
        return ErpPosting.objects.get(pk=posting_id)


def settle_remark(posting_id: UUID) -> None:
    """Take a remark off the list, after somebody has looked. Raises ``NothingToRetry``."""
    with writing():
        found = ErpPosting.objects.filter(pk=posting_id).exclude(remark="")
        words = found.values_list("remark", flat=True).first()
        if not words or not found.update(remark=""):
            raise NothingToRetry("This was looked at already.")
        record_event("remark settled", subject_id=posting_id, remark=words)
