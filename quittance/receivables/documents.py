"""An invoice's lines and its PDF: asked of the ERP when somebody first looks."""

from __future__ import annotations

from typing import Final

from quittance.connections.open import erp_for
from quittance.core.errors import OutsideError
from quittance.receivables.copies import keep_pdf, kept_pdf
from quittance.receivables.models import Invoice, InvoiceLine
from quittance.tenancy.rows import reading, writing

_PATIENCE_SECONDS: Final = 6.0  # a person waits


def lines_of(invoice: Invoice) -> list[InvoiceLine] | None:
    """Return the lines, kept from the first look on; ``None`` while the ERP does not answer."""
    with reading():
        known = list(invoice.lines.order_by("sequence"))
    if known:
        return known
    try:
        found = _erp_lines(invoice)
    except OutsideError:
        return None
    with writing():
        InvoiceLine.objects.bulk_create(found, ignore_conflicts=True)
    return found


def pdf_of(invoice: Invoice) -> bytes:
    """Return the invoice's PDF as the ERP draws it, kept from the first look on.

    A new version of the invoice is asked for anew. Raises ``OutsideError``.
    """
    kept = kept_pdf(invoice)
    if kept is not None:
        return kept
    erp = erp_for(invoice.legal_entity_id, seconds=_PATIENCE_SECONDS)
    content = erp.invoice_pdf(invoice.erp_id)
    keep_pdf(invoice, content)
    return content


def _erp_lines(invoice: Invoice) -> list[InvoiceLine]:
    records = erp_for(invoice.legal_entity_id, seconds=_PATIENCE_SECONDS).invoice_lines(
        invoice.erp_id
    )
    return [
        InvoiceLine(
            invoice=invoice, customer_account_id=invoice.customer_account_id,
            sequence=record.sequence, description=record.description[:250],
            item_number=record.item_number[:40], quantity=record.quantity[:30],
            unit=record.unit[:20], unit_price=record.unit_price[:40],
            amount_minor=record.amount.minor, tax_percent=record.tax_percent[:20],
        )
        for record in records
    ]  # fmt: skip
