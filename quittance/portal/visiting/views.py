"""The end of a visit."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from quittance.portal.access import PortalRequest, public
from quittance.portal.visit import visit_of
from quittance.tenancy.scope import working_for
from quittance.visits.visiting import end_visit as end


@require_POST
@public
def end_visit(request: PortalRequest) -> HttpResponse:
    """End the visit of this browser, if there is one; lead back to where it was begun."""
    visit = visit_of(request)
    if visit is not None:
        with working_for(request.organization_id, actor=f"user:{visit.user_id}"):
            end(visit)
    answer = HttpResponseRedirect(reverse("backoffice:visits") if visit else reverse("portal:home"))
    answer.delete_cookie(settings.VISIT_COOKIE_NAME, samesite="Lax")
    return answer
