"""Ends announced transfers for which no money is awaited any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from quittance.core import clock
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from quittance.transfers.models import AnnouncedLine, Announcement
from quittance.transfers.transitions import A, DecidedMeanwhile, move_announcement

LAPSES_AFTER: Final = timedelta(days=60)
_MOST: Final = 500


def close_what_is_over() -> int:
    """End transfers whose invoices are paid in the ERP, and those that are too old; say how many.

    However they were paid: by the bank reconciliation there, by another payment, by a credit.
    """
    with reading():
        waiting = Announcement.objects.filter(status=A.ANNOUNCED).order_by("created_at", "pk")
        found = list(waiting.prefetch_related("lines__invoice")[:_MOST])
    closed = 0
    for each in found:
        if _is_settled(each.lines.all()):
            closed += _end(each, A.SETTLED, cause="the ERP shows its invoices as paid")
        elif each.created_at < clock.now() - LAPSES_AFTER:
            closed += _end(each, A.LAPSED, cause=f"no money in {LAPSES_AFTER.days} days")
    return closed


def _is_settled(lines: Iterable[AnnouncedLine]) -> bool:
    """Say whether of each invoice at least so much was paid since as was announced for it."""
    return all(
        each.invoice.erp_status != Invoice.ErpStatus.OPEN
        or each.invoice.open_minor <= each.open_seen_minor - each.amount_minor
        for each in lines
    )


def _end(announcement: Announcement, to: str, *, cause: str) -> bool:
    try:
        with writing():
            return move_announcement(announcement, to, cause=cause, ended_at=clock.now())
    except DecidedMeanwhile:
        return False
