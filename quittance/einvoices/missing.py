"""Tells the seller what keeps invoices from being e-invoices."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from quittance.einvoices.models import EInvoiceCheck

_LOOKED_BACK: Final = 200  # the newest looks of one set of books


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the newest looks at the invoices of one set of books came to."""

    looked_at: int
    whole: int
    missing: list[tuple[str, str, int]]  # rule, sentence, how many invoices; the most first
    checked_at: datetime | None


def missing_of(legal_entity_id: UUID) -> Books:
    """Return it, in a transaction of the caller."""
    rows = EInvoiceCheck.objects.filter(legal_entity_id=legal_entity_id).order_by("-checked_at")
    found = list(rows.values_list("is_whole", "broken", "checked_at")[:_LOOKED_BACK])
    counted = Counter((rule, sentence) for _, broken, _ in found for rule, sentence in broken)
    return Books(
        looked_at=len(found),
        whole=sum(is_whole for is_whole, _, _ in found),
        missing=[
            (rule, sentence, n)
            for (rule, sentence), n in sorted(counted.items(), key=lambda each: (-each[1], each[0]))
        ],
        checked_at=found[0][2] if found else None,
    )
