"""A refund: choose how much, read what will happen exactly, then do it, once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.refunds.forms import Form, new_form, read_form, refund_key
from quittance.core.errors import OutsideError, RuleBroken
from quittance.identity.permissions import Permission, may
from quittance.payments.models import Allocation, Payment
from quittance.payments.refunds import refund_payment
from quittance.tenancy.rows import reading
from quittance.transfers.accounts import METHOD as TRANSFER
from quittance.ui.fresh import needs_fresh
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page
from quittance.ui.sentences import sentence_for

# No provider holds the money of a transfer, so none can send it back.
_AT_THE_BANK: Final = noop(
    "This money came on your own bank account. Send it back at your bank, and take the payment back"
    " in the ERP. Nothing is sent back from here."
)


@require_GET
@for_staff(Permission.REFUND)
def refund(request: StaffRequest, number: str) -> HttpResponse:
    """How much, why, and whether the invoices are owed again."""
    with reading():
        payment = _payment(number)
        form = new_form(payment, locale_for(request))
    if payment.method == TRANSFER:
        return _refused(request, payment, form, _(_AT_THE_BANK))
    return _ask(request, payment, form)


@require_POST
@for_staff(Permission.REFUND)
def check_refund(request: StaffRequest, number: str) -> HttpResponse:
    """Say exactly what will happen, before anything does."""
    with reading():
        payment = _payment(number)
        form = read_form(payment, request.POST, request.person, locale_for(request))
        living = _living(payment)
    if form.errors or form.amount is None:
        return _ask(request, payment, form, status=422)
    return page(
        request, "backoffice/refunds/check.html", nav="payments", form=form, payment=payment,
        customer=payment.customer_account, living=living, left=form.most - form.amount,
        **request.frame,
    )  # fmt: skip


@require_POST
@for_staff(Permission.REFUND)
@needs_fresh
def make_refund(request: StaffRequest, number: str) -> HttpResponse:
    """Do it. Sent twice, it happens once: the form's key is the refund's."""
    with reading():
        payment = _payment(number)
        form = read_form(payment, request.POST, request.person, locale_for(request))
    if payment.method == TRANSFER:
        return _refused(request, payment, form, _(_AT_THE_BANK))
    # More than can go back is no error here: it went already, if this was sent twice.
    if form.amount is None or not (form.allowed and form.key and form.note):
        return _ask(request, payment, form, status=422)
    try:
        refund_payment(
            payment.pk, form.amount, key=refund_key(request.POST), reopens=form.reopens,
            note=form.note, user_id=request.person.pk, despite_return=form.despite_return,
            any_amount=may(request.person, Permission.ANY_AMOUNT),
        )  # fmt: skip
    except RuleBroken as error:
        return _refused(request, payment, form, sentence_for(error))
    except OutsideError:
        words = _("The gateway cannot be reached with our credentials. Nothing was sent back.")
        return _refused(request, payment, form, words)
    address = reverse("backoffice:payment", kwargs={"number": number})
    return hx_redirect(request, f"{address}?done=refunded")


def _ask(request: StaffRequest, payment: Payment, form: Form, *, status: int = 200) -> HttpResponse:
    return page(
        request, "backoffice/refunds/refund.html", status=status, nav="payments", form=form,
        payment=payment, customer=payment.customer_account, errors=list(form.errors),
        **request.frame,
    )  # fmt: skip


def _refused(request: StaffRequest, payment: Payment, form: Form, words: str) -> HttpResponse:
    """Bring the form back with a new key: what is sent from it is another refund."""
    with reading():
        fresh = new_form(payment, locale_for(request))
    fresh = replace(fresh, note=form.note, reopens=form.reopens)
    context: dict[str, Any] = {"form": fresh, "payment": payment, "errors": [("", words)]}
    return page(
        request, "backoffice/refunds/refund.html", status=409, nav="payments",
        customer=payment.customer_account, **context, **request.frame,
    )  # fmt: skip


def _payment(number: str) -> Payment:
    """Return a payment whose money came. Another is a 404."""
    found = Payment.objects.select_related("customer_account", "gateway_account", "user")
    payment = found.filter(number=number, status=Payment.Status.SUCCEEDED).first()
    if payment is None:
        raise Http404
    return payment


def _living(payment: Payment) -> list[Allocation]:
    found = payment.allocations.exclude(status=Allocation.Status.RELEASED)
    return list(found.select_related("invoice").order_by("invoice__due_date", "invoice__number"))
