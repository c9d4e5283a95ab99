"""A credit note as a structured e-invoice: which forms there are, and each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET

from quittance.core.errors import OutsideError
from quittance.einvoices.credits import credit_factur_x, credit_ubl, look_at_credit
from quittance.identity.permissions import BuyerPermission
from quittance.portal.access import BuyerRequest, account_of, for_buyer
from quittance.portal.brake import asks_the_erp
from quittance.portal.invoices.einvoice import not_made
from quittance.receivables.models import Credit
from quittance.tenancy.rows import reading
from quittance.ui.errors import Words
from quittance.ui.files import pdf_answer, xml_answer
from quittance.ui.pages import page

_NOT_OFFERED: Final = Words(
    noop("There is no e-invoice of this credit note"),
    noop("What it must say by law is not whole in the seller’s books. The PDF is the credit note."),
    noop("Take the PDF, or ask the seller for an e-invoice."),
)


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def credit_e_invoice(request: BuyerRequest, credit_id: UUID) -> HttpResponse:
    """What can be had of one credit note; it is made once to see that it keeps the rules."""
    credit = _credit(credit_id)
    account = account_of(request, credit.customer_account_id)
    try:
        found = look_at_credit(credit, account.erp_id)
    except OutsideError as error:
        return not_made(request, error, not_offered=_NOT_OFFERED)
    one = {"credit_id": credit.pk}
    return page(
        request, "portal/credits/e_invoice.html", nav="credits", number=credit.number,
        is_whole=found.is_whole, data_pdf=reverse("portal:credit_e_invoice_pdf", kwargs=one),
        xml=reverse("portal:credit_e_invoice_xml", kwargs=one),
        pdf=reverse("portal:credit_pdf", kwargs=one),
        back=reverse("portal:credit", kwargs=one), accounts=request.accounts,
        account=request.account, freshness=account,
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def credit_e_invoice_xml(request: BuyerRequest, credit_id: UUID) -> HttpResponse:
    """The credit note as UBL 2.1."""
    return _file(request, credit_id, credit_ubl, xml_answer)


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def credit_e_invoice_pdf(request: BuyerRequest, credit_id: UUID) -> HttpResponse:
    """The credit note's PDF with the XML of Factur-X inside."""
    return _file(request, credit_id, credit_factur_x, pdf_answer)


def _file(
    request: BuyerRequest,
    credit_id: UUID,
    made: Callable[[Credit, str], bytes],
    answer: Callable[..., HttpResponse],
) -> HttpResponse:
    credit = _credit(credit_id)
    account = account_of(request, credit.customer_account_id)
    try:
        content = made(credit, account.erp_id)
    except OutsideError as error:
        return not_made(request, error, not_offered=_NOT_OFFERED)
    return answer(content, name=f"{credit.number}-e-invoice")


def _credit(credit_id: UUID) -> Credit:
    with reading():
        found = Credit.objects.filter(pk=credit_id, kind=Credit.Kind.CREDIT_NOTE).first()
    if found is None:
        raise Http404
    return found
