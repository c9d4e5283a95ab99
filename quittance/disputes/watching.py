"""Tells disputes what the ERP shows: less is owed, or the invoice is closed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final
from uuid import UUID

from django.db.models import F, Q

from quittance.core import clock
from quittance.disputes.conversation import A, add_note, buyer_address
from quittance.disputes.held import alive
from quittance.disputes.models import DisputeNote, InvoiceDispute
from quittance.disputes.rules import rules_of
from quittance.disputes.telling import team_addresses, tell
from quittance.disputes.transitions import MovedOn, S, move_dispute
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing

_MOST: Final = 500


def look_at_the_erp(settled_of: Callable[[Collection[UUID]], Mapping[UUID, int]]) -> int:
    """Look at each living dispute whose invoice the ERP has changed; return how many have ended.

    ``settled_of``, in a transaction of ours: what payments here have settled of invoices, shown by
    the ERP or not yet, so that none of it is taken for a credit. May run as often as it likes.
    """
    with reading():
        news = alive().filter(
            ~Q(version_seen=F("invoice__version")) | Q(invoice__gone_at__isnull=False)
        )
        found = list(news.order_by("pk")[:_MOST])
        settled = settled_of([each.invoice_id for each in found])
        closes = rules_of().closes_itself
    return sum(_look(each, settled.get(each.invoice_id, 0), closes=closes) for each in found)


def look_again(legal_entity_id: UUID, erp_ids: Collection[str]) -> None:
    """Have the next look take these invoices in, in a transaction of the caller.

    For what changes what payments explain, when the mirror had shown the open amount before.
    """
    rows = alive().filter(
        invoice__legal_entity_id=legal_entity_id, invoice__erp_id__in=list(erp_ids)
    )
    rows.update(version_seen=0)


def _look(dispute: InvoiceDispute, settled: int, *, closes: bool) -> bool:
    buyer, team = buyer_address(dispute), team_addresses(dispute.owner_id)
    try:
        with writing():
            rows = alive().select_for_update(of=("self",)).select_related("invoice")
            now = rows.filter(pk=dispute.pk).first()
            if now is None:
                return False
            note = _told(now, settled, closes=closes)
            if note is not None:
                tell(now, note, buyer, team=False)
                tell(now, note, team, team=True)
            return not now.is_alive
    except MovedOn:
        return False


def _told(dispute: InvoiceDispute, settled: int, *, closes: bool) -> DisputeNote | None:
    """Write down what the ERP shows; ``None``: nothing that concerns the dispute."""
    invoice = dispute.invoice
    InvoiceDispute.objects.filter(pk=dispute.pk).update(version_seen=invoice.version)
    if invoice.erp_status != Invoice.ErpStatus.OPEN or invoice.gone_at or not invoice.open_minor:
        if closes:
            _close(dispute, "the invoice is closed in the ERP")
        return _once(dispute, A.ERP_CLOSED, None)
    # Less than before, when a payment that was seen has gone back and the invoice is owed again.
    by_payments = settled - dispute.settled_seen_minor
    fell = dispute.open_seen_minor - invoice.open_minor - by_payments
    InvoiceDispute.objects.filter(pk=dispute.pk).update(fell_minor=max(0, fell))
    if fell <= 0:
        return None
    if closes and dispute.status == S.ACCEPTED and fell >= dispute.agreed_minor:
        _close(dispute, "the ERP shows what was accepted")
    return _once(dispute, A.ERP_FELL, fell)


def _close(dispute: InvoiceDispute, cause: str) -> None:
    move_dispute(dispute, S.CLOSED, cause=cause, ended_at=clock.now())


def _once(dispute: InvoiceDispute, act: str, fell: int | None) -> DisputeNote | None:
    """Write a step down that nobody has been told of yet; one that ends it is told all the same."""
    last = dispute.notes.filter(act=act).order_by("-created_at").first()
    if last is not None and last.amount_minor == fell and dispute.is_alive:
        return None
    return add_note(dispute, act, amount_minor=fell)
