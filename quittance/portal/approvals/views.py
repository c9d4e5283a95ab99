"""The approvals of an account: what waits, one request with all that was sealed, the decision."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.approvals.models import ApprovalRequest
from quittance.approvals.requests import by_token
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import BuyerPermission
from quittance.payments.approval_requests import (
    approve_request,
    refuse_request,
    withdraw_request,
)
from quittance.payments.contents import unpaid_basket
from quittance.payments.payers import names_of
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.approvals.records import (
    decides_now,
    find_request,
    lists_of,
    sealed_of,
    whole_of,
    word_of,
)
from quittance.portal.checkout.methods import method_of
from quittance.receivables.people import MayNot
from quittance.tenancy.rows import reading
from quittance.ui.amounts import pattern
from quittance.ui.fresh import needs_fresh
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page
from quittance.ui.sentences import sentence_for


@require_GET
@for_buyer(BuyerPermission.SEE)
def approvals(request: BuyerRequest) -> HttpResponse:
    """What waits for a decision, one's own first, and what is over."""
    found = lists_of(request.person.pk, [each.id for each in request.accounts])
    return page(
        request, "portal/approvals/list.html", nav="approvals", lists=found,
        accounts=request.accounts, account=request.account,
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.SEE)
def letter(request: BuyerRequest, token: str) -> HttpResponse:
    """Lead from a mail to its request, who is signed in; a program that looks decides nothing."""
    with reading():
        found = by_token(token)
    if found is None:
        raise Http404
    return hx_redirect(request, _address(found.pk))


@require_GET
@for_buyer(BuyerPermission.SEE)
def approval(request: BuyerRequest, approval_id: UUID) -> HttpResponse:
    """One request: the whole basket as it was sealed, and what became of it."""
    return _page(request, approval_id)


@require_POST
@for_buyer(BuyerPermission.SEE)
@needs_fresh
def approve(request: BuyerRequest, approval_id: UUID) -> HttpResponse:
    """Say yes, with a fresh proof of who it is."""
    return _decide(request, approval_id, lambda: approve_request(approval_id, by=request.person.pk))


@require_POST
@for_buyer(BuyerPermission.SEE)
def refuse(request: BuyerRequest, approval_id: UUID) -> HttpResponse:
    """Say no, and why."""
    reason = request.POST.get("reason", "").replace("\0", "")[:1000]
    return _decide(
        request, approval_id,
        lambda: refuse_request(approval_id, by=request.person.pk, reason=reason),
    )  # fmt: skip


@require_POST
@for_buyer(BuyerPermission.SEE)
def withdraw(request: BuyerRequest, approval_id: UUID) -> HttpResponse:
    """Take back what one asked for."""
    return _decide(
        request, approval_id, lambda: withdraw_request(approval_id, by=request.person.pk)
    )


def _decide(
    request: BuyerRequest, approval_id: UUID, deed: Callable[[], ApprovalRequest]
) -> HttpResponse:
    with reading():
        if find_request(approval_id) is None:
            raise Http404
    try:
        deed()
    except MayNot:
        raise  # said on a page of its own
    except RuleBroken as error:
        return _page(request, approval_id, error=error)
    return hx_redirect(request, _address(approval_id))


def _page(
    request: BuyerRequest, approval_id: UUID, *, error: RuleBroken | None = None
) -> HttpResponse:
    me = request.person.pk
    with reading():
        found = find_request(approval_id)
        if found is None:
            raise Http404
        decides = decides_now(found, me)
        mine = found.maker_id == me
        kept = unpaid_basket(found.basket_id) if mine else None
    by, place_of = found.decided_by_id, found.decided_for_id
    names = names_of({each for each in (found.maker_id, by, place_of) if each})
    step = "announce" if found.without_credits else "review"
    return page(
        request, "portal/approvals/approval.html", status=409 if error else 200, nav="approvals",
        told=found, word=word_of(found), whole=whole_of(found), decides=decides, mine=mine,
        who=names.get(found.maker_id) or _("A colleague"), by=names.get(by, "") if by else "",
        instead_of=names.get(place_of, "") if place_of else "",
        onward=reverse(f"portal:{step}", kwargs={"basket_id": found.basket_id}) if kept else "",
        method=method_of(found.method), step=3, **sealed_of(found),
        pattern=pattern(found.currency, locale_for(request)),
        errors=[("", sentence_for(error))] if error else [], accounts=request.accounts,
        account=request.account,
    )  # fmt: skip


def _address(approval_id: UUID) -> str:
    return reverse("portal:approval", kwargs={"approval_id": approval_id})
