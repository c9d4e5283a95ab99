"""Keeps prints of invoices: one for each, of its latest version, and no more than fit."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import Sum

from quittance.core import clock
from quittance.receivables.models import Invoice, InvoicePdf
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_scope, widened

MOST_BYTES: Final = 512 * 1024 * 1024  # of one organization
_ONE_AT_MOST: Final = 8 * 1024 * 1024  # a larger one is asked for each time
_AT_ONCE: Final = 20
_NOTED_EVERY: Final = timedelta(hours=1)


def kept_pdf(invoice: Invoice) -> bytes | None:
    """Return the print of this version of the invoice, if it is kept."""
    if not invoice.erp_etag:
        return None
    with reading():
        found = InvoicePdf.objects.filter(invoice=invoice, version=invoice.erp_etag).first()
    if found is None:
        return None
    if clock.now() - found.used_at > _NOTED_EVERY and not current_scope().reads_only:
        with writing():
            InvoicePdf.objects.filter(pk=found.pk).update(used_at=clock.now())
    return bytes(found.content)


def keep_pdf(invoice: Invoice, content: bytes, *, most_bytes: int = MOST_BYTES) -> None:
    """Keep a print in the place of an older version's; what was not used longest makes room.

    ``invoice`` is as it was read before the ERP was asked: a newer version is asked for anew.
    """
    if current_scope().reads_only:
        return
    if not invoice.erp_etag or len(content) > min(_ONE_AT_MOST, most_bytes):
        return
    facts = {
        "version": invoice.erp_etag, "content": content, "size_bytes": len(content),
        "used_at": clock.now(), "customer_account_id": invoice.customer_account_id,
    }  # fmt: skip
    with writing():
        InvoicePdf.objects.update_or_create(invoice=invoice, defaults=facts)
    with widened(), writing():  # room is made among all of the organization's
        _make_room(most_bytes)


def _make_room(most_bytes: int) -> None:
    whole = InvoicePdf.objects.aggregate(whole=Sum("size_bytes"))["whole"] or 0
    while whole > most_bytes:
        oldest = list(
            InvoicePdf.objects.order_by("used_at", "pk").values_list("pk", "size_bytes")[:_AT_ONCE]
        )
        unwanted = []
        for pk, size in oldest:
            if whole <= most_bytes:
                break
            unwanted.append(pk)
            whole -= size
        InvoicePdf.objects.filter(pk__in=unwanted).delete()
