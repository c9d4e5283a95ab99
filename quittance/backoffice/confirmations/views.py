"""What waits for a second person, what became of it, and the two answers."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.confirmations.acts import LATER, do
from quittance.backoffice.confirmations.words import ACTS, STATES
from quittance.confirmations.models import ALIVE, Confirmation
from quittance.confirmations.people import are_two, kinds_of
from quittance.confirmations.requests import refuse, withdraw
from quittance.core import clock
from quittance.core.errors import OutsideError, RuleBroken
from quittance.identity.permissions import Permission, may
from quittance.tenancy.rows import reading, writing
from quittance.ui.fresh import needs_fresh
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_LISTED: Final = 50
_DONE: Final = {
    "confirmed": noop("It was confirmed and done. Who asked for it is told."),
    "agreed": noop("It was confirmed. Who asked for it is told, and may do it now, once."),
    "refused": noop("It was refused, and nothing was changed. Who asked for it is told."),
    "withdrawn": noop("It was taken back. Nothing was changed."),
}


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def confirmations(request: StaffRequest) -> HttpResponse:
    """What waits for this person, what waits for others, and what was decided lately."""
    with reading():
        found = list(_seen_by(request).order_by("-created_at", "-pk")[:_LISTED])
        waiting = list(_seen_by(request).filter(status__in=ALIVE).order_by("created_at", "pk"))
    rows = [_row(request, each) for each in waiting]
    return page(
        request, "backoffice/confirmations/list.html", nav="confirmations",
        yours=[each for each in rows if each["is_next"]],
        others=[each for each in rows if not each["is_next"]],
        lately=[_row(request, each) for each in found if not each.is_alive],
        may_rule=may(request.person, Permission.SIGN_IN_POLICY),
        done=_(_DONE.get(request.GET.get("done", ""), "")), **request.frame,
    )  # fmt: skip


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def confirmation(request: StaffRequest, confirmation_id: UUID) -> HttpResponse:
    """One request: who asks, what changes, and what a yes does."""
    return _page(request, confirmation_id)


@require_POST
@for_staff(Permission.CONFIRM)
@needs_fresh
def confirm_request(request: StaffRequest, confirmation_id: UUID) -> HttpResponse:
    """Say yes to exactly what the page showed, and have it done."""
    row = _one(request, confirmation_id)
    try:
        do(row, by=request.person, fingerprint=request.POST.get("fingerprint", "")[:64])
    except (RuleBroken, OutsideError) as error:
        words = sentence_for(error) if isinstance(error, RuleBroken) else str(error)
        return _page(request, confirmation_id, error=words)
    return _to_list(request, "agreed" if row.kind in LATER else "confirmed")


@require_POST
@for_staff(Permission.CONFIRM)
@needs_fresh
def refuse_request(request: StaffRequest, confirmation_id: UUID) -> HttpResponse:
    """Say no, and why."""
    row, reason = _one(request, confirmation_id), request.POST.get("reason", "")
    try:
        with writing():
            refuse(row.pk, by=request.person, reason=reason)
    except RuleBroken as error:
        return _page(request, confirmation_id, error=sentence_for(error))
    return _to_list(request, "refused")


@require_POST
@for_staff(Permission.CONFIRM)
def withdraw_request(request: StaffRequest, confirmation_id: UUID) -> HttpResponse:
    """Take one's own request back."""
    row = _one(request, confirmation_id)
    try:
        with writing():
            withdraw(row.pk, by=request.person)
    except RuleBroken as error:
        return _page(request, confirmation_id, error=sentence_for(error))
    return _to_list(request, "withdrawn")


def _page(request: StaffRequest, confirmation_id: UUID, *, error: str = "") -> HttpResponse:
    row = _one(request, confirmation_id)
    return page(
        request, "backoffice/confirmations/one.html", status=409 if error else 200,
        nav="confirmations", each=_row(request, row), errors=[("", error)] if error else [],
        typed=request.POST.get("reason", "")[:300], **request.frame,
    )  # fmt: skip


def _row(request: StaffRequest, row: Confirmation) -> dict[str, Any]:
    """Return what pages show of a request."""
    act, mine = ACTS.get(row.kind), row.asked_by_id == request.person.pk
    gone = not row.asked_by.is_active or row.kind not in kinds_of(row.asked_by)
    open_now = row.status == Confirmation.Status.ASKED and not row.is_over(clock.now())
    allowed = row.kind in kinds_of(request.person)
    may_decide = open_now and allowed and are_two(row.asked_by, request.person)
    may_do = mine and row.status == Confirmation.Status.CONFIRMED
    return {
        "row": row, "act": act, "state": STATES[row.status], "mine": mine, "asker_gone": gone,
        "may_decide": may_decide, "is_next": may_decide or may_do,
        "may_withdraw": mine and row.is_alive,
    }  # fmt: skip


def _seen_by(request: StaffRequest) -> QuerySet[Confirmation]:
    """Return the requests about which this person may have a word, which are theirs, or all."""
    rows = Confirmation.objects.select_related("asked_by", "decided_by")
    if may(request.person, Permission.SEE_AUDIT):
        return rows
    return rows.filter(Q(kind__in=kinds_of(request.person)) | Q(asked_by=request.person))


def _one(request: StaffRequest, confirmation_id: UUID) -> Confirmation:
    with reading():
        found = _seen_by(request).filter(pk=confirmation_id).first()
    if found is None:
        raise Http404
    return found


def _to_list(request: StaffRequest, done: str) -> HttpResponse:
    return hx_redirect(request, f"{reverse('backoffice:confirmations')}?done={done}")
