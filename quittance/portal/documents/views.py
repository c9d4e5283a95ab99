"""The list of all documents, and the print of a credit note."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from quittance.core.clock import today
from quittance.core.errors import OutsideError
from quittance.identity.permissions import BuyerPermission
from quittance.portal.access import BuyerRequest, account_of, for_buyer
from quittance.portal.brake import asks_the_erp
from quittance.portal.documents.records import Document, some_documents
from quittance.portal.invoices.table import Tab
from quittance.receivables.documents import credit_pdf_of
from quittance.receivables.models import Credit
from quittance.tenancy.rows import reading
from quittance.ui.errors import NO_DOCUMENT, error_page
from quittance.ui.files import pdf_answer
from quittance.ui.pages import page

_TABS: Final = {
    "": noop("All"),
    "invoice": noop("Invoices"),
    "credit_note": noop("Credit notes"),
    "receipt": noop("Receipts"),
    "statement": noop("Statements"),
}
_KINDS: Final = {
    "invoice": noop("Invoice"),
    "credit_note": noop("Credit note"),
    "receipt": noop("Receipt"),
    "statement": noop("Statement"),
}


@require_GET
@for_buyer(BuyerPermission.SEE)
def documents(request: BuyerRequest) -> HttpResponse:
    """Every document of the account, of one kind or of all, the newest first."""
    account, sent = request.account, request.GET
    kind = sent.get("kind", "") if sent.get("kind", "") in _TABS else ""
    q = sent.get("q", "").replace("\0", "").strip()[:40]
    after, day = sent.get("after", "")[:200], today(account.zone)
    with reading():
        found, behind = some_documents(account, kind=kind, q=q, after=after, today=day)
    rows = [_row(each) for each in found]
    return page(
        request, "portal/documents/list.html", nav="documents", rows=rows, tabs=_tabs(kind, q),
        kind=kind, q=q, newer=_address(kind, q) if after else "",
        older=_address(kind, q, after=behind) if behind else "",
        shown=ngettext("%(n)s document", "%(n)s documents", len(rows)) % {"n": len(rows)},
        codes=len({each.amount.currency for each in found if each.amount}) > 1,
        accounts=request.accounts, account=account, freshness=account,
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def credit_pdf(request: BuyerRequest, credit_id: UUID) -> HttpResponse:
    """The ERP's own print of a credit note."""
    with reading():
        credit = Credit.objects.filter(pk=credit_id, kind=Credit.Kind.CREDIT_NOTE).first()
    if credit is None:
        raise Http404
    account = account_of(request, credit.customer_account_id)
    try:
        content = credit_pdf_of(credit, account.erp_id)
    except OutsideError:
        return error_page(request, 503, words=NO_DOCUMENT)
    if content is None:
        raise Http404
    return pdf_answer(content, name=credit.number)


def _row(found: Document) -> dict[str, Any]:
    address, pdf = _addresses(found)
    return {
        "kind": _(_KINDS[found.kind]),
        "number": found.number,
        "day": found.day,
        "amount": found.amount,
        "address": address,
        "pdf": pdf,
    }


def _addresses(found: Document) -> tuple[str, str]:
    """Return the addresses of its page and of its PDF."""
    if found.kind == "invoice":
        one = {"invoice_id": found.id}
        return reverse("portal:invoice", kwargs=one), reverse("portal:invoice_pdf", kwargs=one)
    if found.kind == "credit_note":
        one = {"credit_id": found.id}
        return reverse("portal:credit", kwargs=one), reverse("portal:credit_pdf", kwargs=one)
    if found.kind == "receipt":
        one = {"payment_id": found.id}
        return reverse("portal:payment", kwargs=one), reverse("portal:receipt_pdf", kwargs=one)
    query = urlencode({"since": found.day.replace(day=1), "until": found.day})
    return f"{reverse('portal:statement')}?{query}", f"{reverse('portal:statement_pdf')}?{query}"


def _tabs(current: str, q: str) -> list[Tab]:
    return [
        Tab(_(word), _address(key, q), key == current, None, False) for key, word in _TABS.items()
    ]


def _address(kind: str, q: str, *, after: str = "") -> str:
    query = {"kind": kind, "q": q, "after": after}
    said = urlencode({name: value for name, value in query.items() if value})
    path = reverse("portal:documents")
    return f"{path}?{said}" if said else path
