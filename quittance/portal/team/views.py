"""The roles of a customer's people, and what each may do."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from quittance.identity.permissions import BuyerPermission
from quittance.identity.role_words import buyers_matrix
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.ui.pages import page


@require_GET
@for_buyer(BuyerPermission.SELF)
def roles(request: BuyerRequest) -> HttpResponse:
    """Show the table of roles as the code has it; one's own is marked."""
    return page(
        request, "portal/team/roles.html", nav="", matrix=buyers_matrix(),
        own=request.account.role, limit=request.account.limit, accounts=request.accounts,
        account=request.account,
    )  # fmt: skip
