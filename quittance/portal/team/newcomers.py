"""Says yes or no to who asks to act for the account, by knowing its invoices."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from quittance.arrivals import deciding
from quittance.arrivals.models import JoinRequest
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import BuyerPermission
from quittance.portal.access import BuyerRequest, account_of, for_buyer
from quittance.portal.team.views import team_page
from quittance.receivables.people import MayNot
from quittance.tenancy.rows import reading
from quittance.ui.fresh import needs_fresh
from quittance.ui.htmx import hx_redirect


@require_POST
@for_buyer(BuyerPermission.MANAGE_TEAM)
@needs_fresh
def let_newcomer_in(request: BuyerRequest, join_request_id: UUID) -> HttpResponse:
    """Let somebody act for the account, as what the seller's rules say."""
    return _act(
        request,
        join_request_id,
        "joined",
        lambda: deciding.let_in(join_request_id, by=request.person),
    )


@require_POST
@for_buyer(BuyerPermission.MANAGE_TEAM)
def refuse_newcomer(request: BuyerRequest, join_request_id: UUID) -> HttpResponse:
    """Keep somebody out, and say why."""
    reason = request.POST.get("reason", "")
    return _act(
        request, join_request_id, "refused",
        lambda: deciding.refuse(join_request_id, reason=reason, by=request.person),
    )  # fmt: skip


def _act(
    request: BuyerRequest, join_request_id: UUID, done: str, act: Callable[[], None]
) -> HttpResponse:
    """A stranger's gets the same 404 as a missing one; of one's own the act asks for the role."""
    with reading():
        row = JoinRequest.objects.filter(pk=join_request_id).first()
    if row is None:
        raise Http404
    account_of(request, row.customer_account_id)
    try:
        act()
    except MayNot:
        raise  # said on a page of its own
    except RuleBroken as error:
        wrong = isinstance(error, deciding.NoReason)
        return team_page(request, error=error, status=422 if wrong else 409)
    return hx_redirect(request, f"{reverse('portal:team')}?done={done}")
