"""What the AR team does about a posting: each act is a form of its own."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.exceptions.acts import done, note_of
from quittance.backoffice.exceptions.allocate import form_of
from quittance.backoffice.exceptions.views import Sent, row_page
from quittance.identity.permissions import Permission
from quittance.payments.reallocation import Share
from quittance.payments.repair import handle_posting, put_on_account, reallocate, retry_posting
from quittance.posting.models import ErpPosting
from quittance.posting.queue import settle_remark
from quittance.tenancy.rows import reading
from quittance.ui.pages import locale_for


@require_POST
@for_staff(Permission.RETRY_POSTINGS)
def retry(request: StaffRequest, posting_id: UUID) -> HttpResponse:
    """Put a rejected posting in line again; the next run looks before it posts."""
    key = _key(_posting(posting_id))
    return done(request, key, "retried", lambda: retry_posting(posting_id), way="retry")


@require_POST
@for_staff(Permission.RETRY_POSTINGS)
def settle(request: StaffRequest, posting_id: UUID) -> HttpResponse:
    """Take a remark off the list: somebody has seen to it in the ERP."""
    key = _key(_posting(posting_id))
    return done(request, key, "settled", lambda: settle_remark(posting_id), way="settle")


@require_POST
@for_staff(Permission.REALLOCATE)
def on_account(request: StaffRequest, posting_id: UUID) -> HttpResponse:
    """Book refused money as the customer's credit."""
    key, note = _key(_posting(posting_id)), note_of(request)
    return done(
        request, key, "on_account", lambda: put_on_account(posting_id, note=note),
        way="on_account", note=note,
    )  # fmt: skip


@require_POST
@for_staff(Permission.REALLOCATE)
def allocate(request: StaffRequest, posting_id: UUID) -> HttpResponse:
    """Let refused money pay other open invoices of the account; the rest goes on account."""
    posting, note = _posting(posting_id), note_of(request)
    with reading():
        form = form_of(posting, locale_for(request), request.POST.dict())
    errors = form.errors
    if not errors and not form.amounts:
        errors = [("", _("Enter an amount beside an invoice, or put it on account."))]
    if errors:
        sent = Sent(way="allocate", errors=errors, status=422, note=note, form=form)
        return row_page(request, _key(posting), sent)
    shares = [Share(invoice_id, amount) for invoice_id, amount in form.amounts.items()]
    return done(
        request, _key(posting), "allocated", lambda: reallocate(posting_id, shares, note=note),
        way="allocate", note=note, form=form,
    )  # fmt: skip


@require_POST
@for_staff(Permission.HANDLE)
def booked(request: StaffRequest, posting_id: UUID) -> HttpResponse:
    """Say, with a note, that a person has booked it in the ERP."""
    key, note = _key(_posting(posting_id)), note_of(request)
    return done(
        request, key, "booked", lambda: handle_posting(posting_id, note=note),
        way="by_hand", note=note,
    )  # fmt: skip


def _posting(posting_id: UUID) -> ErpPosting:
    """Return a posting; one that is not there is a 404."""
    with reading():
        posting = ErpPosting.objects.filter(pk=posting_id).first()
    if posting is None:
        raise Http404
    return posting


def _key(posting: ErpPosting) -> str:
    return f"posting:{posting.pk}"
