"""The roles of staff, and what each may do."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.team.words import staffs_matrix
from quittance.identity.permissions import Permission
from quittance.identity.role_words import buyers_matrix
from quittance.ui.pages import page


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def roles(request: StaffRequest) -> HttpResponse:
    """Show both tables as the code has them: what staff may do, and what buyers may."""
    return page(
        request, "backoffice/team/roles.html", nav="team", staff=staffs_matrix(),
        buyers=buyers_matrix(), mine=request.person.staff_role, **request.frame,
    )  # fmt: skip
