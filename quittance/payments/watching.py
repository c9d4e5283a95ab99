"""Looks for what people do in the ERP as soon as its ledger has moved."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from quittance.core import clock
from quittance.payments.models import Payment
from quittance.posting.models import ErpPosting, PostingGate
from quittance.receivables.models import SyncCursor
from quittance.tenancy.rows import writing


def wake_what_is_done_by_hand() -> int:
    """Wake the payments that wait for a person in an ERP whose ledger has moved; say how many.

    The pull asks for the ledger's position every minute, and at once when the ERP gives a hint.
    """
    shared = Q(status=ErpPosting.Status.UNKNOWN, route__journal__gt="")  # a person posts those too
    waiting = ErpPosting.objects.filter(shared | Q(status=ErpPosting.Status.BY_HAND))
    woken = 0
    with writing():
        for legal_entity_id in waiting.values_list("legal_entity_id", flat=True).distinct():
            if not _has_moved(legal_entity_id):
                continue
            sources = waiting.filter(legal_entity_id=legal_entity_id).values("source_id")
            found = Payment.objects.filter(Q(pk__in=sources) | Q(reversals__pk__in=sources))
            woken += Payment.objects.filter(pk__in=found.values("pk")).update(next_at=clock.now())
    return woken


def _has_moved(legal_entity_id: UUID) -> bool:
    """Say whether something was posted since this was last asked, and remember up to where."""
    cursor = SyncCursor.objects.filter(
        legal_entity_id=legal_entity_id, stream=SyncCursor.Stream.OPEN_INVOICES
    ).first()
    if cursor is None or not cursor.ledger_position:
        return False
    gate, _ = PostingGate.objects.get_or_create(legal_entity_id=legal_entity_id)
    other = PostingGate.objects.filter(pk=gate.pk).exclude(ledger_position=cursor.ledger_position)
    return bool(other.update(ledger_position=cursor.ledger_position))
