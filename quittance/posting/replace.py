"""Puts another posting in the place of one that is surely not in the ERP, and never will be."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from quittance.posting.models import ErpPosting
from quittance.posting.queue import PostingLine, PostingOrder, enqueue_posting
from quittance.posting.transitions import step

K = ErpPosting.Kind


def replace_posting(
    posting: ErpPosting,
    lines: Sequence[PostingLine],
    *,
    document_number: str,
    cause: str,
    remark: str = "",
    reverses: str = "",
    gateway_account_id: UUID | None = None,
    method: str = "",
) -> ErpPosting:
    """Let a new posting of the same sum stand for one that we hold, in the caller's transaction.

    The caller has made sure that nothing of the old one is, or can come to be, in the ERP. What
    is of a payment goes the way that is right now for its gateway and method, all else as before.
    Raises ``ValueError`` for another sum, ``LostClaim`` when somebody else was faster.
    """
    if sum(line.amount.minor for line in lines) != posting.amount_minor:
        raise ValueError(f"The lines do not add up to {posting.amount}.")
    kept = {**posting.facts, "instead": remark} if remark else posting.facts
    step(
        posting, ErpPosting.Status.REPLACED, cause=cause, next_at=None, lease_until=None,
        rejection="", remark="",
    )  # fmt: skip
    order = PostingOrder(
        source_kind=posting.source_kind,
        source_id=posting.source_id,
        ordinal=posting.ordinal + 1,
        legal_entity_id=posting.legal_entity_id,
        customer_account_id=posting.customer_account_id,
        customer_erp_id=posting.customer_erp_id,
        customer_number=posting.customer_number,
        document_number=document_number,
        external_reference=posting.external_reference,
        posting_date=posting.posting_date,
        description=posting.description,
        reverses=reverses or posting.reverses,
        as_document="" if posting.source_kind == K.PAYMENT else reverses or posting.document_number,
        lines=lines,
        facts=kept,
        remark=remark,
        gateway_account_id=gateway_account_id,
        method=method,
    )
    return enqueue_posting(order)
