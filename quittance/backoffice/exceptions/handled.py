"""What was marked as handled, and the way back for what was handled wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.exceptions.acts import note_of, onward
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import Permission, may
from quittance.reconciliation.exceptions import Handled, handled_lately
from quittance.reconciliation.exceptions import put_back as put_finding_back
from quittance.tenancy.rows import reading
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def handled(request: StaffRequest) -> HttpResponse:
    """Everything that somebody marked as all right, the latest first."""
    return _page(request)


@require_POST
@for_staff(Permission.HANDLE)
def put_back(request: StaffRequest, row_id: UUID) -> HttpResponse:
    """Let a finding wait again."""
    try:
        put_finding_back(row_id, note=note_of(request))
    except RuleBroken as error:
        return _page(request, errors=[("", sentence_for(error))], opened=str(row_id), status=409)
    return onward(request, f"finding:{row_id}", "put_back", stay=True)


def _page(
    request: StaffRequest,
    *,
    errors: Sequence[tuple[str, str]] = (),
    opened: str = "",
    status: int = 200,
) -> HttpResponse:
    with reading():
        found = handled_lately()
    return page(
        request, "backoffice/exceptions/handled.html", status=status, nav="exceptions",
        errors=list(errors), handled=[_line(each) for each in found], open=opened,
        may_handle=may(request.person, Permission.HANDLE),
        codes=len({each.row.amount.currency for each in found if each.row.amount}) > 1,
        **request.frame,
    )  # fmt: skip


def _line(each: Handled) -> dict[str, Any]:
    number = each.row.payment_number
    return {
        "id": str(each.row.subject_id),
        "title": each.row.title,
        "sentence": each.row.sentence,
        "amount": each.row.amount,
        "who": each.row.customer.name if each.row.customer else "",
        "number": number,
        "payment": reverse("backoffice:payment", kwargs={"number": number}) if number else "",
        "note": each.note,
        "by": each.by.name if each.by else "",
        "at": each.at,
    }
