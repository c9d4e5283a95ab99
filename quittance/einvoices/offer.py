"""Offers an invoice as an e-invoice: looks at what the ERP tells, keeps the verdict, writes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from quittance.connections.open import erp_for
from quittance.core import clock
from quittance.core.errors import Misconfigured, OutsideError, Refused, Unavailable
from quittance.einvoices.models import EInvoiceBooks, EInvoiceCheck
from quittance.einvoices.rules import Broken, broken_rules
from quittance.einvoices.write import NotWritten, cii_of, factur_x_of, ubl_of
from quittance.erp.documents import DocumentKind
from quittance.erp.structured import ShowsStructured, StructuredDocument
from quittance.httpclient.within import within
from quittance.receivables.documents import pdf_of
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened

_PATIENCE_SECONDS: Final = 6.0  # for all calls of one look together: a person waits
# So long one whole invoice speaks for others of its books that nobody looked at.
USUAL_FOR: Final = timedelta(days=30)
_NEWEST: Final = 5  # invoices of one set of books, for the seller to see what is missing


class NotOffered(Refused):
    """This document is not offered as an e-invoice: what it must say is not known. Take the PDF."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a look at an invoice found."""

    document: StructuredDocument | None  # none: this ERP does not tell enough
    broken: list[Broken]

    @property
    def is_whole(self) -> bool:
        """Whether it can be had."""
        return self.document is not None and not self.broken


def look_at(invoice: Invoice) -> Verdict:
    """Ask the ERP, check the rules, write both forms once, and keep what came of it.

    Raises ``OutsideError`` when the ERP does not answer, or tells of another version than ours:
    ``Refused`` and ``Misconfigured`` where asking again brings the same.
    """
    with within(_PATIENCE_SECONDS):
        document = _told(invoice)
    found = Verdict(document=document, broken=faults_of(document) if document else [])
    facts: dict[str, Any] = {
        "customer_account_id": invoice.customer_account_id,
        "legal_entity_id": invoice.legal_entity_id,
        "version": invoice.erp_etag,
        "is_whole": found.is_whole,
        "broken": [[each.rule, each.sentence] for each in found.broken],
        "checked_at": clock.now(),
    }
    with writing():
        EInvoiceCheck.objects.update_or_create(invoice=invoice, defaults=facts)
        if found.is_whole:
            EInvoiceBooks.objects.update_or_create(
                legal_entity_id=invoice.legal_entity_id, defaults={"whole_at": clock.now()}
            )
    return found


def ubl_file(invoice: Invoice) -> bytes:
    """Return the invoice as UBL 2.1. Raises ``NotOffered``, or another ``OutsideError``."""
    return ubl_of(_whole(invoice))


def factur_x_file(invoice: Invoice) -> bytes:
    """Return the ERP's print with the invoice's XML inside. Raises as ``ubl_file``."""
    document = _whole(invoice)
    return factur_x_of(document, pdf_of(invoice))


def with_offer(invoices: QuerySet[Invoice]) -> QuerySet[Any]:
    """Annotate ``einvoice``: whether to offer it, by what is known without asking anybody.

    An invoice that nobody looked at yet is offered where another of the same books was whole within
    the last 30 days, or else a buyer would be led to a page that has nothing for any of them.
    """
    of_this = EInvoiceCheck.objects.filter(invoice=OuterRef("pk"), version=OuterRef("erp_etag"))
    of_books = EInvoiceBooks.objects.filter(
        legal_entity=OuterRef("legal_entity_id"), whole_at__gt=clock.now() - USUAL_FOR
    )
    return invoices.annotate(
        einvoice_known=Subquery(of_this.values("is_whole")[:1]), einvoice_usual=Exists(of_books)
    )


def is_offered(invoice: Any) -> bool:
    """Say so of one that ``with_offer`` annotated."""
    known = invoice.einvoice_known
    return bool(invoice.einvoice_usual if known is None else known)


def look_at_newest(legal_entity_id: UUID) -> None:
    """Look at the newest invoices of one set of books, for the seller.

    One that cannot be looked at keeps nobody from the others. An ERP that does not accept us is
    not asked again in this look.
    """
    rows = Invoice.objects.filter(
        ~Q(erp_status=Invoice.ErpStatus.CANCELLED), legal_entity_id=legal_entity_id, gone_at=None
    )
    with widened(), reading():
        newest = list(rows.order_by("-issued_date", "-pk")[:_NEWEST])
    for invoice in newest:
        try:
            look_at(invoice)
        except Misconfigured:
            return
        except OutsideError:
            continue  # the next night looks again


def _told(invoice: Invoice) -> StructuredDocument | None:
    erp = erp_for(invoice.legal_entity_id, seconds=_PATIENCE_SECONDS)
    if not isinstance(erp, ShowsStructured):
        return None
    told = erp.structured(DocumentKind.INVOICE, invoice.erp_id)
    if told.number != invoice.number or told.total != invoice.total:
        raise Unavailable("The invoice changed in the ERP a moment ago.", number=invoice.number)
    return told


def faults_of(document: StructuredDocument) -> list[Broken]:
    """Rules first; then both forms are written: what does not fit the schema is not offered."""
    found = broken_rules(document)
    if found:
        return found
    try:
        ubl_of(document)
        cii_of(document)
    except NotWritten as error:
        return [Broken("XSD", str(error))]
    return []


def _whole(invoice: Invoice) -> StructuredDocument:
    found = look_at(invoice)
    if found.document is None or found.broken:
        raise NotOffered
    return found.document
