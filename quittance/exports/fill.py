"""Asks the ERP for the prints that a file waits for, one after the other."""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db.models import Sum
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from quittance.core.errors import OutsideError, Refused
from quittance.exports.models import Bundle, BundleDocument
from quittance.receivables.documents import pdf_of
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing

SECONDS: Final = 20.0  # of one run; what is left then goes on in the next
# All prints of one file; several behind each other are held in memory for a moment.
MOST_BYTES: Final[Mapping[str, int]] = {
    Bundle.Kind.ZIP: 1024 * 1024 * 1024,
    Bundle.Kind.PDF: 40 * 1024 * 1024,
}
_SILENT_AFTER: Final = 3  # books whose ERP did not answer so often in a row are not asked again
_AT_ONCE: Final = 20
# What a reader of PDFs may stumble over in one that is broken.
BROKEN: Final = (
    PyPdfError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError,
)  # fmt: skip


def fill(bundle_id: UUID, *, seconds: float = SECONDS) -> bool:
    """Bring prints into the file for so long; say whether more are to come.

    Run it as often as you like: what is here stays, and one that was removed has nothing to come.
    """
    until = time.monotonic() + seconds
    silent: Counter[UUID] = Counter()
    with reading():
        bundle = Bundle.objects.filter(pk=bundle_id).first()
    while bundle is not None and (waiting := _waiting(bundle_id)):
        for document in waiting:
            if time.monotonic() > until:
                return True
            _bring(bundle, document, silent)
    return False


def few(invoices: list[Invoice], *, seconds: float) -> list[tuple[str, bytes]] | None:
    """Return number and print of each at once; ``None`` when one cannot be had so soon."""
    until = time.monotonic() + seconds
    found = []
    for invoice in invoices:
        if time.monotonic() > until:
            return None
        try:
            content = pdf_of(invoice)
        except OutsideError:
            return None
        if not can_be_joined(content):
            return None
        found.append((invoice.number, content))
    return found


def can_be_joined(content: bytes) -> bool:
    """Whether this print can be put behind another one."""
    try:
        return len(PdfReader(io.BytesIO(content)).pages) > 0
    except BROKEN:
        return False


def _waiting(bundle_id: UUID) -> list[BundleDocument]:
    rows = BundleDocument.objects.filter(bundle_id=bundle_id, content=None, failure="")
    with reading():
        return list(rows.select_related("invoice").order_by("position")[:_AT_ONCE])


def _bring(bundle: Bundle, document: BundleDocument, silent: Counter[UUID]) -> None:
    books = document.invoice.legal_entity_id
    if silent[books] >= _SILENT_AFTER:
        return _keep(document, None, BundleDocument.Failure.UNAVAILABLE)
    try:
        content = pdf_of(document.invoice)
    except Refused:
        return _keep(document, None, BundleDocument.Failure.REFUSED)
    except OutsideError:
        silent[books] += 1
        return _keep(document, None, BundleDocument.Failure.UNAVAILABLE)
    silent[books] = 0
    if bundle.kind == Bundle.Kind.PDF and not can_be_joined(content):
        return _keep(document, None, BundleDocument.Failure.UNREADABLE)
    with reading():
        rows = BundleDocument.objects.filter(bundle=bundle)
        whole = rows.aggregate(whole=Sum("size_bytes"))["whole"] or 0
    if whole + len(content) > MOST_BYTES[bundle.kind]:
        return _keep(document, None, BundleDocument.Failure.TOO_MUCH)
    return _keep(document, content, BundleDocument.Failure.NONE)


def _keep(document: BundleDocument, content: bytes | None, failure: str) -> None:
    """Another run may have brought it meanwhile: that one stays."""
    with writing():
        BundleDocument.objects.filter(pk=document.pk, content=None).update(
            content=content, size_bytes=len(content or b""), failure=failure
        )
