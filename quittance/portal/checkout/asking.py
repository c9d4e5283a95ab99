"""Sends a checkout for approval, from its last step."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from quittance.core.errors import RuleBroken
from quittance.identity.permissions import BuyerPermission
from quittance.payments.approval_requests import NoNeed, send_for_approval
from quittance.payments.contents import BasketGone
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.checkout.announcing import plan_page
from quittance.portal.checkout.views import contents_of, gone, review_page, version_of
from quittance.tenancy.address import portal_address
from quittance.transfers.accounts import METHOD
from quittance.ui.htmx import hx_redirect


@require_POST
@for_buyer(BuyerPermission.PAY)
def ask(request: BuyerRequest, basket_id: UUID) -> HttpResponse:
    """Ask another person to approve what the page showed; nothing is charged by it."""
    by_transfer = request.POST.get("way") == METHOD
    site = portal_address(request.organization_id)
    try:
        made = send_for_approval(
            basket_id, maker_id=request.person.pk, version=version_of(request),
            seal_seen=request.POST.get("seal", "")[:40],
            note=request.POST.get("note", "").replace("\0", "")[:1000],
            address_of=lambda token: site + reverse("portal:letter", kwargs={"token": token}),
            plain_method=METHOD if by_transfer else "",
        )  # fmt: skip
    except BasketGone as error:
        return gone(request, basket_id, error)
    except NoNeed:
        step = "announce" if by_transfer else "review"
        return hx_redirect(request, reverse(f"portal:{step}", kwargs={"basket_id": basket_id}))
    except RuleBroken as error:
        if by_transfer:
            return plan_page(request, basket_id, error=error)
        return review_page(request, *contents_of(basket_id), error=error, status=409)
    return hx_redirect(request, reverse("portal:approval", kwargs={"approval_id": made.pk}))
