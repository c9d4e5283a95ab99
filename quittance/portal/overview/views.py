"""The first page that a buyer sees, and the page that explains its numbers."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from quittance.core.clock import today
from quittance.identity.permissions import BuyerPermission
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.overview import why as reasons
from quittance.portal.overview.context import NAMES, accounts_context, overview_context
from quittance.portal.overview.records import positions, standing
from quittance.tenancy.rows import reading
from quittance.ui.pages import page


@require_GET
@for_buyer(BuyerPermission.SEE)
def overview(request: BuyerRequest) -> HttpResponse:
    """What is owed, how late it is, what credit there is, and what happened last."""
    with reading():
        found = standing(request.account, request.accounts)
    context = overview_context(request, found)
    return page(request, "portal/overview/overview.html", nav="overview", **context)


@require_GET
@for_buyer(BuyerPermission.SEE)
def accounts(request: BuyerRequest) -> HttpResponse:
    """All accounts of the person side by side, with what is open in each, and the sums."""
    with reading():
        found = positions(request.accounts)
    return page(
        request, "portal/overview/accounts.html", nav="overview", account=request.account,
        accounts=request.accounts, freshness=request.account,
        **accounts_context(request.accounts, found),
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.SEE)
def why(request: BuyerRequest) -> HttpResponse:
    """The entries that sum to one figure of the chosen account."""
    what, currency = request.GET.get("what", ""), request.GET.get("currency", "").upper()
    if not reasons.is_explained(what) or len(currency) != 3 or not currency.isalpha():
        raise Http404
    account, balance = request.account, what == reasons.BALANCE
    with reading():
        found = (
            reasons.why_balance(account, currency)
            if balance
            else reasons.why_figure(
                account, what, currency, after=request.GET.get("after", "")
            )
        )  # fmt: skip
    template = "why_balance.html" if balance else "why.html"
    return page(
        request, f"portal/overview/{template}", nav="overview", name=_(NAMES[what]), what=what,
        currency=currency, day=today(account.zone), accounts=request.accounts, account=account,
        freshness=account, **found,
    )  # fmt: skip
