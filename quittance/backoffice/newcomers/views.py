"""The queue of who asks to come in, and what the team says to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.arrivals import deciding
from quittance.arrivals.models import JoinRequest
from quittance.arrivals.rules import rules_of
from quittance.backoffice.access import StaffRequest, for_staff
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import Permission, may
from quittance.identity.role_words import ROLES
from quittance.tenancy.rows import reading
from quittance.ui.fresh import needs_fresh
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_LISTED: Final = 100
S = JoinRequest.Status
_STATES: Final = {
    S.ASKED: ("Waits", "clock", "info"),
    S.LET_IN: ("Let in", "circle-check", "good"),
    S.REFUSED: ("Refused", "circle-x", "quiet"),
    S.EXPIRED: ("Nobody answered", "clock", "warn"),
}


@require_GET
@for_staff(Permission.INVITE)
def newcomers(request: StaffRequest) -> HttpResponse:
    """Who waits, the longest first, and the newest that are decided."""
    done = {
        "let_in": _("The person was let in and is told by mail."),
        "refused": _("The person was refused and is told why by mail."),
        "handed": _("It was kept who looks after it."),
    }
    return _page(request, done=done.get(request.GET.get("done", ""), ""))


@require_POST
@for_staff(Permission.INVITE)
@needs_fresh
def let_newcomer_in(request: StaffRequest, join_request_id: UUID) -> HttpResponse:
    """Let somebody act for the account as what the rules say."""
    return _act(
        request,
        join_request_id,
        "let_in",
        lambda: deciding.let_in(join_request_id, by=request.person),
    )


@require_POST
@for_staff(Permission.INVITE)
def refuse_newcomer(request: StaffRequest, join_request_id: UUID) -> HttpResponse:
    """Keep somebody out, and say why."""
    reason = request.POST.get("reason", "")
    return _act(
        request, join_request_id, "refused",
        lambda: deciding.refuse(join_request_id, reason=reason, by=request.person),
    )  # fmt: skip


@require_POST
@for_staff(Permission.INVITE)
def hand_newcomer(request: StaffRequest, join_request_id: UUID) -> HttpResponse:
    """Take a request for oneself, or leave it to the others."""
    owner = request.person if "mine" in request.POST else None
    return _act(
        request, join_request_id, "handed",
        lambda: deciding.hand(join_request_id, owner=owner, by=request.person),
    )  # fmt: skip


def _act(
    request: StaffRequest, join_request_id: UUID, done: str, act: Callable[[], None]
) -> HttpResponse:
    with reading():
        known = JoinRequest.objects.filter(pk=join_request_id).exists()
    if not known:
        raise Http404
    try:
        act()
    except RuleBroken as error:
        wrong = isinstance(error, deciding.NoReason)
        return _page(request, error=sentence_for(error), status=422 if wrong else 409)
    return HttpResponseRedirect(f"{reverse('backoffice:newcomers')}?done={done}")


def _page(
    request: StaffRequest, *, done: str = "", error: str = "", status: int = 200
) -> HttpResponse:
    with reading():
        rows = JoinRequest.objects.select_related("customer_account", "owner", "decided_by")
        askers = list(rows.filter(status=S.ASKED).order_by("created_at", "pk")[:_LISTED])
        decided = list(rows.exclude(status=S.ASKED).order_by("-ended_at", "-pk")[:_LISTED])
        is_open = rules_of().is_open
    return page(
        request, "backoffice/newcomers/list.html", status=status, nav="people",
        askers=askers, decided=decided, states=_STATES, is_open=is_open,
        words={role: str(word) for role, word in ROLES.items()},
        may_rule=may(request.person, Permission.SIGN_IN_POLICY), done=done,
        errors=[("", error)] if error else [], **request.frame,
    )  # fmt: skip
