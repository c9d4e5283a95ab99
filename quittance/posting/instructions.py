"""Turns a posting into what the ERP is told: always the same for one posting.

All of it in a transaction of the caller.
"""

from __future__ import annotations

from collections.abc import Mapping

from quittance.core.money import Money
from quittance.erp.base import (
    ApplicationInstruction,
    ApplicationLine,
    InstructionLine,
    PaymentInstruction,
    ReversalInstruction,
)
from quittance.posting.models import ErpPosting
from quittance.posting.route import route_of


def payment_of(posting: ErpPosting) -> PaymentInstruction:
    """Return the payment that the ERP shall post."""
    return PaymentInstruction(
        posting_id=posting.pk,
        document_number=posting.document_number,
        external_reference=posting.external_reference,
        customer_erp_id=posting.customer_erp_id,
        posting_date=posting.posting_date,
        description=posting.description,
        lines=_lines(posting),
        route=route_of(posting),
    )


def reversal_of(
    posting: ErpPosting, *, posted: Money, taken_back: Money, whole: bool
) -> ReversalInstruction:
    """Return what shall be taken back of a document that was posted with ``posted``.

    ``taken_back``: by other reversals before. ``whole``: this one takes all that was still there.
    """
    return ReversalInstruction(
        posting_id=posting.pk,
        document_number=posting.document_number,
        reverses=posting.reverses,
        customer_erp_id=posting.customer_erp_id,
        customer_number=posting.customer_number,
        posting_date=posting.posting_date,
        amount=posting.amount,
        why=str(posting.facts.get("why", "")),
        code=str(posting.facts.get("code", "")),
        whole=whole,
        posted=posted,
        taken_back=taken_back,
        reopens=[line for line in _lines(posting) if line.invoice_erp_id],
        route=route_of(posting),
    )


def application_of(
    posting: ErpPosting, *, credit_open: Mapping[str, int], invoice_open: Mapping[str, int]
) -> ApplicationInstruction:
    """Return which credit shall be used for which invoice.

    The mappings say what is open now, in minor units by the ERP's ids; without a word there, what
    was open when the payer confirmed counts.
    """
    lines = list(posting.lines.order_by("line_number"))
    currency = posting.currency
    return ApplicationInstruction(
        posting_id=posting.pk,
        document_number=posting.document_number,
        customer_number=posting.customer_number,
        lines=[
            ApplicationLine(
                credit_erp_id=line.credit_erp_id,
                credit_number=line.credit_number,
                credit_open=Money(
                    credit_open.get(line.credit_erp_id, line.credit_open_minor or 0), currency
                ),
                invoice_erp_id=line.invoice_erp_id,
                invoice_number=line.invoice_number,
                invoice_open=Money(
                    invoice_open.get(line.invoice_erp_id, line.invoice_open_minor or 0), currency
                ),
                amount=Money(line.amount_minor, currency),
            )
            for line in lines
        ],
    )


def _lines(posting: ErpPosting) -> list[InstructionLine]:
    lines = list(posting.lines.order_by("line_number"))
    return [
        InstructionLine(
            line_number=line.line_number,
            invoice_erp_id=line.invoice_erp_id,
            invoice_number=line.invoice_number,
            amount=Money(line.amount_minor, posting.currency),
        )
        for line in lines
    ]
