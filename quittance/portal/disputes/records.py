"""Reads an invoice's dispute with everything that was said."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Prefetch

from quittance.disputes.models import DisputeFile, DisputeNote, InvoiceDispute


def disputes_of(invoice_id: UUID) -> list[InvoiceDispute]:
    """Return the disputes of an invoice with their steps, the newest first, in a transaction."""
    rows = InvoiceDispute.objects.filter(invoice_id=invoice_id)
    notes = Prefetch("notes", DisputeNote.objects.order_by("created_at", "pk"))
    return list(rows.prefetch_related(notes).order_by("-created_at"))


def the_dispute(dispute_id: UUID) -> InvoiceDispute | None:
    """Return one with lines, steps and the names of files, in a transaction of the caller."""
    files = DisputeFile.objects.defer("content").order_by("name", "pk")
    notes = DisputeNote.objects.order_by("created_at", "pk")
    return (
        InvoiceDispute.objects.select_related("invoice", "owner", "customer_account")
        .prefetch_related(Prefetch("notes", notes), Prefetch("notes__files", files), "lines")
        .filter(pk=dispute_id)
        .first()
    )
