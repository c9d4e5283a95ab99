"""The buyer's payments: the list, one payment with its receipt, and its PDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from quittance.core import clock
from quittance.core.errors import OutsideError, RuleBroken
from quittance.core.money import Money
from quittance.identity.permissions import BuyerPermission
from quittance.payments.cancel import cancel_payment
from quittance.payments.jobs import look_soon
from quittance.payments.models import Payment
from quittance.payments.payers import names_of
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.checkout.methods import method_of
from quittance.portal.payer import for_payer, is_guest
from quittance.portal.payments.back import facts_of, with_what_went_back
from quittance.portal.payments.life import Life, life_of
from quittance.portal.payments.receipt import document_numbers, notes_of, receipt_data, rows_of
from quittance.portal.payments.records import Whole, some_payments, whole_payment
from quittance.portal.payments.rows import status_of, what_it_pays
from quittance.tenancy.rows import reading
from quittance.transfers.models import Announcement
from quittance.ui.files import pdf_answer
from quittance.ui.htmx import hx_redirect, is_part
from quittance.ui.pages import locale_for, page
from quittance.ui.print.draw import draw_pdf
from quittance.ui.sentences import sentence_for, sentence_for_reason


@require_GET
@for_buyer(BuyerPermission.SEE)
def payments(request: BuyerRequest) -> HttpResponse:
    """Every payment of the account, the newest first."""
    q = request.GET.get("q", "").replace("\0", "").strip()[:40]
    with reading():
        found = some_payments(
            request.account.id, q=q, after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        )  # fmt: skip
        transfers = Announcement.objects.filter(customer_account_id=request.account.id).exists()
    others = {each.user_id for each in found.payments} - {request.person.pk, None}
    names = names_of(others)
    path, search = reverse("portal:payments"), f"q={q}&" if q else ""
    return page(
        request, "portal/payments/list.html", nav="payments", q=q, transfers=transfers,
        rows=[_row(each, request, names) for each in found.payments],
        newer=f"{path}?{search}before={found.newer}" if found.newer else "",
        older=f"{path}?{search}after={found.older}" if found.older else "",
        shown=ngettext("%(n)s payment", "%(n)s payments", len(found.payments))
        % {"n": len(found.payments)},
        codes=len({each.currency for each in found.payments}) > 1, **_frame(request),
    )  # fmt: skip


@require_GET
@for_payer(BuyerPermission.SEE)
def payment(request: BuyerRequest, payment_id: UUID) -> HttpResponse:
    """One payment: what it became, what comes next, and its receipt."""
    template = "_state.html" if is_part(request) else "payment.html"
    whole = _whole(payment_id)  # before anything is done for it: it may be a stranger's
    if request.GET.get("from") == "gateway" and not is_part(request):
        look_soon(payment_id)
    return _payment(request, whole, template)


@require_POST
@for_payer(BuyerPermission.PAY)
def cancel(request: BuyerRequest, payment_id: UUID) -> HttpResponse:
    """Close a payment that waits for the payer, at the gateway and here."""
    whole = _whole(payment_id)
    try:
        cancel_payment(payment_id)
    except (RuleBroken, OutsideError) as error:
        errors = [("", sentence_for(error))]
        return _payment(request, whole, "payment.html", errors=errors, status=409)
    return hx_redirect(request, reverse("portal:payment", kwargs={"payment_id": payment_id}))


@require_GET
@for_payer(BuyerPermission.SEE)
def receipt_pdf(request: BuyerRequest, payment_id: UUID) -> HttpResponse:
    """The receipt on paper; it names the ERP's document as soon as there is one."""
    return paper_of(request, payment_id)


def paper_of(request: BuyerRequest, payment_id: UUID) -> HttpResponse:
    """Answer with the receipt of a payment that the reader may see, once there is money."""
    whole = _whole(payment_id)
    if whole.payment.status != Payment.Status.SUCCEEDED:
        raise Http404
    data = receipt_data(
        whole, look=request.look, paid_by=_paid_by(whole.payment, request),
        with_orders=not is_guest(request), locale=locale_for(request), zone=request.zone,
        site=request.get_host(),
    )  # fmt: skip
    return pdf_answer(draw_pdf("receipt", data), name=whole.payment.number)


def _whole(payment_id: UUID) -> Whole:
    with reading():
        found = whole_payment(payment_id)
    if found is None:
        raise Http404
    return found


def _payment(
    request: BuyerRequest,
    whole: Whole,
    template: str,
    *,
    errors: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    came_back = request.GET.get("from") == "gateway"
    life = life_of(
        whole.payment, whole.attempt, whole.postings, seller=request.look.name, now=clock.now(),
        came_back=came_back, tone=request.look.spoken(request.reader.language).tone,
    )  # fmt: skip
    life = with_what_went_back(
        life, whole.payment, whole.reversals, seller=request.look.name, locale=locale_for(request)
    )
    address = reverse("portal:payment", kwargs={"payment_id": whole.payment.pk})
    context = _frame(request) | {
        "nav": "payments",
        "payment": whole.payment,
        "life": life,
        "events": life.events,
        "rows": _rows(whole, linked=not is_guest(request)),
        "notes": notes_of(whole, locale_for(request)),
        "figure": _figure(whole),
        "waiting": whole.waiting if not life.waits_for_payer else None,
        "facts": _facts(whole, request),
        "address": f"{address}?from=gateway" if came_back else address,
        "came_back": came_back,
        "onward": _onward(whole, life),
        "errors": errors or [],
    }
    room = "links" if is_guest(request) and template == "payment.html" else "payments"
    return page(request, f"portal/{room}/{template}", status=status, **context)


def _onward(whole: Whole, life: Life) -> str:
    if not life.waits_for_payer:
        return ""
    return reverse("portal:onward", kwargs={"payment_id": whole.payment.pk})


def _rows(whole: Whole, *, linked: bool) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "detail": each.detail if linked else "",
            "left": each.left,
            "amount": each.amount,
            "address": reverse("portal:invoice", kwargs={"invoice_id": each.invoice_id})
            if each.invoice_id and linked
            else "",
        }
        for each in rows_of(whole)
    ]


def _figure(whole: Whole) -> Money:
    """The figure that matters: what was paid, or what credits settled where no money moved."""
    if whole.payment.amount_minor:
        return whole.payment.amount
    settled = sum(each.credit_minor for each in whole.allocations)
    return Money(settled, whole.payment.currency)


def _facts(whole: Whole, request: BuyerRequest) -> list[tuple[str, str]]:
    payment = whole.payment
    paid = payment.status == Payment.Status.SUCCEEDED
    rows = [
        (_("Receipt") if paid else _("Payment"), payment.number),
        (_("Paid by"), _paid_by(payment, request)),
        (_("Method"), payment.method_label or method_of(payment.method).title),
        (_("Seller’s document"), document_numbers(whole.postings)),
        *facts_of(whole.reversals, locale=locale_for(request), zone=request.zone),
    ]
    return [(name, value) for name, value in rows if value]


def _paid_by(payment: Payment, request: BuyerRequest) -> str:
    """Who paid, and for which customer; a guest is told nothing of the customer."""
    if is_guest(request):
        return payment.payer_name
    account = payment.customer_account
    return f"{_payer(payment, request)}, {account.name} ({account.number})"


def _payer(payment: Payment, request: BuyerRequest, names: Mapping[UUID, str] | None = None) -> str:
    """Who paid, by name: whoever sees the payment may act for the same account."""
    if payment.pay_link_id:
        return _("%(name)s, by pay link") % {"name": payment.payer_name}
    if payment.user_id == request.person.pk:
        return request.person.name
    if payment.origin == Payment.Origin.BACK_OFFICE:
        return request.look.name
    if payment.user_id is None:
        return _("Nobody in person")
    found = names_of([payment.user_id]) if names is None else names
    return found.get(payment.user_id, _("A colleague"))


def _row(payment: Any, request: BuyerRequest, names: Mapping[UUID, str]) -> dict[str, Any]:
    failed = payment.status == Payment.Status.FAILED
    return {
        "address": reverse("portal:payment", kwargs={"payment_id": payment.pk}),
        "what": what_it_pays(payment),
        "number": payment.number,
        "at": payment.created_at,
        "how": payment.method_label or method_of(payment.method).title,
        "by": _payer(payment, request, names),
        "status": status_of(payment),
        "amount": payment.amount,
        "note": sentence_for_reason(payment.reason) if failed else "",
    }


def _frame(request: BuyerRequest) -> dict[str, Any]:
    return {"accounts": request.accounts, "account": request.account}
