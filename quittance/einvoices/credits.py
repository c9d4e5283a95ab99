"""Offers a credit note as an e-invoice: as an invoice, but looked at anew each time.

Credit notes are few, and nobody looks at them by night: no verdict is kept. Their page is offered
where an invoice of the same books was whole lately.
"""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet

from quittance.connections.open import erp_for
from quittance.core import clock
from quittance.core.errors import Unavailable
from quittance.core.money import Money
from quittance.einvoices.models import EInvoiceBooks
from quittance.einvoices.offer import USUAL_FOR, NotOffered, Verdict, faults_of
from quittance.einvoices.write import factur_x_of, ubl_of
from quittance.erp.documents import DocumentKind
from quittance.erp.structured import ShowsStructured, StructuredDocument
from quittance.httpclient.within import within
from quittance.receivables.documents import credit_document_of, credit_pdf_of
from quittance.receivables.models import Credit

_PATIENCE_SECONDS: Final = 6.0  # for all calls of one look together: a person waits


def with_credit_offer(credits_: QuerySet[Credit]) -> QuerySet[Any]:
    """Annotate ``einvoice_usual``: whether to offer it, by what is known without asking anybody."""
    of_books = EInvoiceBooks.objects.filter(
        legal_entity=OuterRef("legal_entity_id"), whole_at__gt=clock.now() - USUAL_FOR
    )
    return credits_.annotate(einvoice_usual=Exists(of_books))


def look_at_credit(credit: Credit, customer_erp_id: str) -> Verdict:
    """Ask the ERP, check the rules, write both forms once. Raises ``OutsideError``."""
    with within(_PATIENCE_SECONDS):
        document = _told(credit, customer_erp_id)
    return Verdict(document=document, broken=faults_of(document) if document else [])


def credit_ubl(credit: Credit, customer_erp_id: str) -> bytes:
    """Return a UBL 2.1 CreditNote. Raises ``NotOffered``, or another ``OutsideError``."""
    return ubl_of(_whole(credit, customer_erp_id))


def credit_factur_x(credit: Credit, customer_erp_id: str) -> bytes:
    """Return the ERP's print with the XML (type 381) inside. Raises as ``credit_ubl``."""
    document = _whole(credit, customer_erp_id)
    print_ = credit_pdf_of(credit, customer_erp_id)
    if print_ is None:
        raise NotOffered
    return factur_x_of(document, print_)


def _told(credit: Credit, customer_erp_id: str) -> StructuredDocument | None:
    erp = erp_for(credit.legal_entity_id, seconds=_PATIENCE_SECONDS)
    if not isinstance(erp, ShowsStructured):
        return None
    erp_id = credit_document_of(credit, customer_erp_id)
    if erp_id is None:
        return None
    told = erp.structured(DocumentKind.CREDIT_NOTE, erp_id)
    if told.number != credit.number or told.total != Money(credit.total_minor, credit.currency):
        raise Unavailable("The credit note changed in the ERP a moment ago.", number=credit.number)
    return told


def _whole(credit: Credit, customer_erp_id: str) -> StructuredDocument:
    found = look_at_credit(credit, customer_erp_id)
    if found.document is None or found.broken:
        raise NotOffered
    return found.document
