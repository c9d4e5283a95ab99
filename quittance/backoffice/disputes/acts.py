"""What the AR team does with a dispute: each act is a form of its own."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.disputes import records
from quittance.backoffice.disputes.views import dispute_page
from quittance.core.errors import RuleBroken
from quittance.disputes import conversation
from quittance.disputes.conversation import Said
from quittance.disputes.evidence import MOST_BYTES_AT_ONCE, read_files
from quittance.disputes.models import InvoiceDispute
from quittance.identity.permissions import Permission, may_decide
from quittance.tenancy.rows import reading
from quittance.ui.amounts import read_amount
from quittance.ui.bodies import takes_files
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for
from quittance.ui.sentences import sentence_for


@takes_files(MOST_BYTES_AT_ONCE)
@require_POST
@for_staff(Permission.HANDLE)
def answer(request: StaffRequest, dispute_id: UUID) -> HttpResponse:
    """Write to the customer; with ``asks`` the next move is theirs."""
    return _done(
        request, dispute_id, "answered",
        lambda _dispute: conversation.say(dispute_id, _said(request), asks="asks" in request.POST),
    )  # fmt: skip


@require_POST
@for_staff(Permission.HANDLE)
def accept(request: StaffRequest, dispute_id: UUID) -> HttpResponse:
    """Say yes to all or a part of it, and what comes of it in the ERP."""

    def act(dispute: InvoiceDispute) -> None:
        amount = read_amount(request.POST.get("amount", ""), dispute.currency, locale_for(request))
        with reading():
            allowed = may_decide(request.person, Permission.HANDLE, amount)
        if not allowed:
            raise RuleBroken(_("It is more than one person may decide. Ask a manager."))
        remedy = request.POST.get("remedy", "")[:20]
        conversation.accept(dispute_id, _said(request), amount=amount, remedy=remedy)

    return _done(request, dispute_id, "accepted", act)


@require_POST
@for_staff(Permission.HANDLE)
def reject(request: StaffRequest, dispute_id: UUID) -> HttpResponse:
    """Say no, and why."""
    return _done(
        request, dispute_id, "rejected",
        lambda _dispute: conversation.reject(dispute_id, _said(request)),
    )  # fmt: skip


@require_POST
@for_staff(Permission.HANDLE)
def close(request: StaffRequest, dispute_id: UUID) -> HttpResponse:
    """Close it by hand, with a note that the customer reads."""
    return _done(
        request, dispute_id, "closed",
        lambda _dispute: conversation.close(dispute_id, _said(request)),
    )  # fmt: skip


@require_POST
@for_staff(Permission.HANDLE)
def hand(request: StaffRequest, dispute_id: UUID) -> HttpResponse:
    """Say who looks after it: oneself, a colleague, or nobody any more."""
    wanted = request.POST.get("owner", "")
    with reading():
        owner = next((each for each in records.team() if str(each.pk) == wanted), None)
    if wanted and owner is None:
        raise Http404
    return _done(
        request, dispute_id, "handed", lambda _dispute: conversation.hand_to(dispute_id, owner)
    )


def _done(
    request: StaffRequest, dispute_id: UUID, word: str, act: Callable[[InvoiceDispute], None]
) -> HttpResponse:
    """Do the act and show the dispute; what cannot be done comes back with what was typed."""
    with reading():
        found = records.the_dispute(dispute_id)
    if found is None:
        raise Http404
    try:
        act(found)
    except RuleBroken as error:
        said = [("", sentence_for(error))]
        return dispute_page(request, dispute_id, errors=said, status=409)
    path = reverse("backoffice:dispute", kwargs={"dispute_id": dispute_id})
    return hx_redirect(request, f"{path}?done={word}")


def _said(request: StaffRequest) -> Said:
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        raise Http404 from None
    return Said(
        by=request.person, text=request.POST.get("text", ""), key=key,
        files=read_files(request.FILES.getlist("files")),
    )  # fmt: skip
