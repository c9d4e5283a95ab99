"""Puts a posting in line, and puts a rejected one in line again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import Money, total
from quittance.posting import route
from quittance.posting.models import ErpPosting, ErpPostingLine
from quittance.tenancy.rows import because, reading, writing

_FIRST_LINE = 10_000  # Business Central counts journal lines so; any ERP can
_DESCRIPTION, _REFERENCE = 100, 35


class NothingToRetry(RuleBroken):
    """This posting does not wait for you: it is on its way or done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingLine:
    """How much of a posting goes to one invoice; without one it is on account."""

    amount: Money
    invoice_erp_id: str = ""
    invoice_number: str = ""
    discount: int = 0  # minor units that the payer took off besides
    credit_erp_id: str = ""  # of an application only, as what follows
    credit_number: str = ""
    credit_open_minor: int | None = None
    invoice_open_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingOrder:
    """What the ERP shall be told: plain values, so that this room knows no payment."""

    source_kind: str
    source_id: UUID
    legal_entity_id: UUID
    customer_account_id: UUID
    customer_erp_id: str
    document_number: str
    posting_date: date
    description: str
    lines: Sequence[PostingLine]
    customer_number: str = ""
    external_reference: str = ""
    reverses: str = ""
    as_document: str = ""  # the posting whose way it takes; name it of what reverses another
    ordinal: int = 1
    facts: Mapping[str, object] = field(default_factory=dict)
    remark: str = ""
    gateway_account_id: UUID | None = None  # of the payment; with its method it decides the way
    method: str = ""


def enqueue_posting(order: PostingOrder) -> ErpPosting:
    """Write a posting with its lines down, inside the transaction that made it necessary."""
    currency = order.lines[0].amount.currency
    posting = ErpPosting.objects.create(
        source_kind=order.source_kind,
        source_id=order.source_id,
        ordinal=order.ordinal,
        legal_entity_id=order.legal_entity_id,
        customer_account_id=order.customer_account_id,
        customer_erp_id=order.customer_erp_id,
        customer_number=order.customer_number,
        document_number=order.document_number,
        external_reference=order.external_reference[:_REFERENCE],
        reverses=order.reverses,
        posting_date=order.posting_date,
        description=order.description[:_DESCRIPTION],
        amount_minor=total((line.amount for line in order.lines), currency).minor,
        currency=currency,
        facts=dict(order.facts),
        route=_route(order, currency),
        remark=order.remark[:1000],
        next_at=clock.now(),
    )
    ErpPostingLine.objects.bulk_create(
        _line(posting, _FIRST_LINE * place, line) for place, line in enumerate(order.lines, start=1)
    )
    return posting


def _route(order: PostingOrder, currency: str) -> dict[str, Any]:
    if order.as_document:
        return route.of_document(order.legal_entity_id, order.as_document)
    return route.decide(
        kind=order.source_kind, legal_entity_id=order.legal_entity_id,
        gateway_account_id=order.gateway_account_id, method=order.method, currency=currency,
    )  # fmt: skip


def lines_of(posting: ErpPosting) -> list[PostingLine]:
    """Return the lines of a posting as they were ordered, in a transaction of the caller."""
    return [
        PostingLine(
            amount=Money(line.amount_minor, posting.currency),
            invoice_erp_id=line.invoice_erp_id,
            invoice_number=line.invoice_number,
            discount=line.discount_minor,
            credit_erp_id=line.credit_erp_id,
            credit_number=line.credit_number,
            credit_open_minor=line.credit_open_minor,
            invoice_open_minor=line.invoice_open_minor,
        )
        for line in posting.lines.order_by("line_number")
    ]


def has_postings(legal_entity_id: UUID) -> bool:
    """Say whether the ERP of a legal entity was ever to be told anything."""
    with reading():
        return ErpPosting.objects.filter(legal_entity_id=legal_entity_id).exists()


def queue_again(posting_id: UUID) -> ErpPosting:
    """Put a rejected posting in line again, after its cause was mended. The next run looks first.

    Raises ``NothingToRetry`` for a posting that is not rejected (any more).
    """
    with writing():
        because("retried by a person")
        rejected = ErpPosting.objects.filter(pk=posting_id, status=ErpPosting.Status.REJECTED)
        found = rejected.update(
            status=ErpPosting.Status.QUEUED, rejection="", failures=0, next_at=clock.now(),
            laid_at=None,  # whoever retries says that the lines are nowhere else
        )  # fmt: skip
        if not found:
            raise NothingToRetry
        record_event("posting retried", subject_kind="posting", subject_id=posting_id)
        return ErpPosting.objects.get(pk=posting_id)


def settle_remark(posting_id: UUID) -> None:
    """Take a remark off the list, after somebody has looked. Raises ``NothingToRetry``."""
    with writing():
        found = ErpPosting.objects.filter(pk=posting_id).exclude(remark="")
        words = found.values_list("remark", flat=True).first()
        if not words or not found.update(remark=""):
            raise NothingToRetry("This was looked at already.")
        record_event("remark settled", subject_kind="posting", subject_id=posting_id, remark=words)


def _line(posting: ErpPosting, number: int, line: PostingLine) -> ErpPostingLine:
    return ErpPostingLine(
        posting=posting, customer_account_id=posting.customer_account_id, line_number=number,
        invoice_erp_id=line.invoice_erp_id, invoice_number=line.invoice_number,
        amount_minor=line.amount.minor, discount_minor=line.discount,
        credit_erp_id=line.credit_erp_id, credit_number=line.credit_number,
        credit_open_minor=line.credit_open_minor, invoice_open_minor=line.invoice_open_minor,
    )  # fmt: skip
