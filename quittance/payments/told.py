"""Finds what the ERP was told, or is to be told, about a payment."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from quittance.payments.models import Payment, Reversal
from quittance.posting.models import ErpPosting
from quittance.tenancy.kept import Kept

S, K = ErpPosting.Status, ErpPosting.Kind
IN_THE_ERP: Final = frozenset({S.CONFIRMED, S.HANDLED})  # the ERP's books have it
_REVERSALS: Final = Kept(lambda id_: Reversal.objects.filter(payment=id_).values_list("pk"), UUID)
_OURS: Final = 13  # characters of a number of ours (core/ids.py)
MOVING: Final = frozenset({S.QUEUED, S.SENDING, S.UNKNOWN, S.DRAFTED, S.POSTED})


def count_held(legal_entity_id: UUID) -> int:
    """Return how many postings of a legal entity are not done yet, in a caller's transaction."""
    held = ErpPosting.objects.filter(legal_entity_id=legal_entity_id, status__in=MOVING)
    return held.count()


def standing(payment: Payment) -> list[ErpPosting]:
    """Return every posting of a payment and of what went back of it, but for replaced ones.

    First how the money came, then the rest; the earliest first. In a transaction of the caller.
    """
    # The ids themselves: over a condition with OR, or a subquery, no index leads to the postings.
    sources = [payment.pk, *(id_ for (id_,) in _REVERSALS(payment.pk))]
    found = ErpPosting.objects.filter(source_id__in=sources)
    rows = found.exclude(status=S.REPLACED).order_by("created_at", "document_number")
    return sorted(rows, key=lambda each: each.source_kind != K.PAYMENT)


def payment_of(posting: ErpPosting) -> Payment:
    """Return the payment that a posting speaks of, in a transaction of the caller."""
    if posting.source_kind == K.REVERSAL:
        return Payment.objects.get(reversals__pk=posting.source_id)
    return Payment.objects.get(pk=posting.source_id)


def next_document(number: str, source_id: UUID) -> str:
    """Return a document number for one more posting of a source; its first has ``number``.

    A number of ours has 13 characters, an ERP's document number 20: ``P-7K3M-9QXR-C-2``.
    """
    before = ErpPosting.objects.filter(source_id=source_id).count()
    return f"{number}-{before + 1}" if before else number


def document_instead(posting: ErpPosting) -> str:
    """Return a document number for what takes the place of ``posting``."""
    return next_document(posting.document_number[:_OURS], posting.source_id)
