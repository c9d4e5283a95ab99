"""What one person decided about a large posting and a second one confirms; and the way back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.exceptions.acts import note_of
from quittance.backoffice.payments.views import payment_page
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import Permission
from quittance.payments.repair import confirm_correction, undo_handled
from quittance.payments.told import payment_of
from quittance.posting.corrections import withdraw_correction
from quittance.posting.models import Correction, ErpPosting
from quittance.tenancy.rows import reading
from quittance.ui.htmx import hx_redirect
from quittance.ui.sentences import sentence_for


@require_POST
@for_staff(Permission.HANDLE)
def undo(request: StaffRequest, posting_id: UUID) -> HttpResponse:
    """Say that a posting is not booked in the ERP after all: it goes there again."""
    note = note_of(request)
    return _of_payment(request, posting_id, "undone", lambda: undo_handled(posting_id, note=note))


@require_POST
@for_staff(Permission.HANDLE)
def confirm(request: StaffRequest, correction_id: UUID) -> HttpResponse:
    """Do what another person asked for."""
    posting_id = _posting_of(correction_id)
    return _of_payment(request, posting_id, "confirmed", lambda: confirm_correction(correction_id))


@require_POST
@for_staff(Permission.HANDLE)
def withdraw(request: StaffRequest, correction_id: UUID) -> HttpResponse:
    """Take back what was asked for; nothing was changed yet."""
    posting_id = _posting_of(correction_id)
    return _of_payment(request, posting_id, "withdrawn", lambda: withdraw_correction(correction_id))


def _of_payment(
    request: StaffRequest, posting_id: UUID, word: str, act: Callable[[], object]
) -> HttpResponse:
    """Do ``act`` and lead to the payment, which says what was done or why it was not."""
    with reading():
        posting = ErpPosting.objects.filter(pk=posting_id).first()
        if posting is None:
            raise Http404
        number = payment_of(posting).number
    try:
        result = act()
    except RuleBroken as error:
        return payment_page(request, number, errors=[("", sentence_for(error))], status=409)
    word = "second" if isinstance(result, Correction) else word
    address = reverse("backoffice:payment", kwargs={"number": number})
    return hx_redirect(request, f"{address}?done={word}")


def _posting_of(correction_id: UUID) -> UUID:
    with reading():
        found = Correction.objects.filter(pk=correction_id).first()
    if found is None:
        raise Http404
    return found.posting_id
