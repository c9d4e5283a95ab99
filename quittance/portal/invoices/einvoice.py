"""An invoice as a structured e-invoice: which forms there are, and each of them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET

from quittance.core.errors import Misconfigured, OutsideError, Refused
from quittance.einvoices.offer import NotOffered, factur_x_file, look_at, ubl_file
from quittance.identity.permissions import BuyerPermission
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.brake import asks_the_erp
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading
from quittance.ui.errors import Words, error_page
from quittance.ui.files import pdf_answer, xml_answer
from quittance.ui.pages import page

_NOT_NOW = Words(
    noop("The e-invoice cannot be made just now"),
    noop("The accounting system that knows what it must say does not answer. You can still pay."),
    noop("Try again in a minute, or take the PDF."),
)
_NEVER = Words(
    noop("The e-invoice cannot be made"),
    noop("The accounting system does not tell what it must say; trying again does not help."),
    noop("Take the PDF, or ask the seller for an e-invoice."),
)
_NOT_OFFERED = Words(
    noop("There is no e-invoice of this invoice"),
    noop("What it must say by law is not whole in the seller’s books. The PDF is the invoice."),
    noop("Take the PDF, or ask the seller for an e-invoice."),
)


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def e_invoice(request: BuyerRequest, invoice_id: UUID) -> HttpResponse:
    """What can be had of one invoice; it is made once to see that it keeps the rules."""
    invoice = _invoice(invoice_id)
    try:
        found = look_at(invoice)
    except OutsideError as error:
        return not_made(request, error)
    one = {"invoice_id": invoice.pk}
    return page(
        request, "portal/invoices/e_invoice.html", nav="invoices", number=invoice.number,
        is_whole=found.is_whole, data_pdf=reverse("portal:e_invoice_pdf", kwargs=one),
        xml=reverse("portal:e_invoice_xml", kwargs=one),
        pdf=reverse("portal:invoice_pdf", kwargs=one),
        back=reverse("portal:invoice", kwargs=one), accounts=request.accounts,
        account=request.account, freshness=request.account,
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def e_invoice_xml(request: BuyerRequest, invoice_id: UUID) -> HttpResponse:
    """The invoice as UBL 2.1."""
    return _file(request, invoice_id, ubl_file, xml_answer)


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def e_invoice_pdf(request: BuyerRequest, invoice_id: UUID) -> HttpResponse:
    """The invoice's PDF with the XML of Factur-X inside."""
    return _file(request, invoice_id, factur_x_file, pdf_answer)


def _file(
    request: BuyerRequest,
    invoice_id: UUID,
    made: Callable[[Invoice], bytes],
    answer: Callable[..., HttpResponse],
) -> HttpResponse:
    invoice = _invoice(invoice_id)
    try:
        content = made(invoice)
    except OutsideError as error:
        return not_made(request, error)
    return answer(content, name=f"{invoice.number}-e-invoice")


def not_made(
    request: BuyerRequest, error: OutsideError, *, not_offered: Words = _NOT_OFFERED
) -> HttpResponse:
    """Say whether to come again: what the ERP refuses, it refuses in a minute too."""
    lasts = isinstance(error, Refused | Misconfigured)
    words = not_offered if isinstance(error, NotOffered) else _NEVER if lasts else _NOT_NOW
    return error_page(request, 409 if lasts else 503, words=words)


def _invoice(invoice_id: UUID) -> Invoice:
    with reading():
        found = Invoice.objects.filter(pk=invoice_id).first()
    if found is None:
        raise Http404
    return found
