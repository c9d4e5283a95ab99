"""An invoice's lines and its PDF: asked of the ERP when somebody first looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from quittance.connections.open import erp_for
from quittance.core.errors import OutsideError
from quittance.erp.documents import AttachmentRecord, DocumentKind, ShowsDocuments
from quittance.receivables.copies import keep_pdf, kept_pdf
from quittance.receivables.models import Credit, Invoice, InvoiceLine
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_scope

_PATIENCE_SECONDS: Final = 6.0  # a person waits
_NEWEST: Final = 200  # credit notes of one customer; the print of an older one is not found


def kept_lines(invoice: Invoice) -> list[InvoiceLine]:
    """Return the lines as they were kept, none before the first look, in a caller's transaction."""
    return list(invoice.lines.order_by("sequence"))


def lines_of(invoice: Invoice) -> list[InvoiceLine] | None:
    """Return the lines, kept from the first look on; ``None`` while the ERP does not answer."""
    with reading():
        known = kept_lines(invoice)
    if known:
        return known
    try:
        found = _erp_lines(invoice)
    except OutsideError:
        return None
    if current_scope().reads_only:  # whoever only looks keeps nothing
        return found
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


def files_of(invoice: Invoice) -> Sequence[AttachmentRecord]:
    """Return the files that hang on the invoice and that its customer may see, as they are now.

    Raises ``OutsideError``.
    """
    erp = erp_for(invoice.legal_entity_id, seconds=_PATIENCE_SECONDS)
    if not isinstance(erp, ShowsDocuments):
        return ()
    return erp.customer_files(DocumentKind.INVOICE, invoice.erp_id)


def file_of(invoice: Invoice, file_id: str) -> tuple[str, bytes] | None:
    """Return name and content of one of these files. Raises ``OutsideError``.

    The id is looked for among the invoice's own: nobody is given a file of others.
    """
    found = [each for each in files_of(invoice) if each.erp_id == file_id]
    if not found:
        return None
    erp = erp_for(invoice.legal_entity_id, seconds=_PATIENCE_SECONDS)
    assert isinstance(erp, ShowsDocuments)
    return found[0].name, erp.attachment(file_id)


def credit_pdf_of(credit: Credit, customer_erp_id: str) -> bytes | None:
    """Return the ERP's print of a credit note, or ``None``. Raises ``OutsideError``."""
    found = credit_document_of(credit, customer_erp_id)
    if found is None:
        return None
    erp = erp_for(credit.legal_entity_id, seconds=_PATIENCE_SECONDS)
    assert isinstance(erp, ShowsDocuments)
    return erp.document_pdf(DocumentKind.CREDIT_NOTE, found)


def credit_document_of(credit: Credit, customer_erp_id: str) -> str | None:
    """Return the ERP's id of a credit note's document, or ``None``. Raises ``OutsideError``.

    The mirror knows it by its entry in the ledger, so its document is looked for by the number.
    """
    erp = erp_for(credit.legal_entity_id, seconds=_PATIENCE_SECONDS)
    if not isinstance(erp, ShowsDocuments):
        return None
    notes = erp.credit_notes(customer_erp_id, most=_NEWEST)
    return next((each.erp_id for each in notes if each.number == credit.number), None)


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
