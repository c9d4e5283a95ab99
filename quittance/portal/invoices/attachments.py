"""The files that hang on an invoice: asked of the ERP when somebody wants to see them."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET

from quittance.core.errors import OutsideError
from quittance.identity.permissions import BuyerPermission
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.brake import asks_the_erp
from quittance.receivables.documents import file_of, files_of
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading
from quittance.ui.errors import Words, error_page
from quittance.ui.files import any_answer
from quittance.ui.pages import page

_NOT_NOW = Words(
    noop("The files cannot be shown just now"),
    noop("The accounting system that keeps them does not answer. You can still see and pay."),
    noop("Try again in a minute."),
)


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def attachments(request: BuyerRequest, invoice_id: UUID) -> HttpResponse:
    """The files of one invoice that the seller shows to customers."""
    invoice = _invoice(invoice_id)
    try:
        found = files_of(invoice)
    except OutsideError:
        return error_page(request, 503, words=_NOT_NOW)
    rows = [
        {
            "name": each.name,
            "size": max(1, round(each.size_bytes / 1024)),
            "at": each.changed_at,
            "address": reverse(
                "portal:attachment", kwargs={"invoice_id": invoice.pk, "file_id": each.erp_id}
            ),
        }
        for each in found
    ]
    return page(
        request, "portal/invoices/attachments.html", nav="invoices", number=invoice.number,
        invoice_id=invoice.pk, rows=rows, accounts=request.accounts, account=request.account,
        freshness=request.account,
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def attachment(request: BuyerRequest, invoice_id: UUID, file_id: str) -> HttpResponse:
    """One of these files; whatever it is, it is kept and never opened as a page."""
    invoice = _invoice(invoice_id)
    try:
        found = file_of(invoice, file_id)
    except OutsideError:
        return error_page(request, 503, words=_NOT_NOW)
    if found is None:
        raise Http404
    name, content = found
    return any_answer(content, name=name)


def _invoice(invoice_id: UUID) -> Invoice:
    with reading():
        found = Invoice.objects.filter(pk=invoice_id).first()
    if found is None:
        raise Http404
    return found
