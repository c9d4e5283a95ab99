"""The page from which staff look at the portal as a customer sees it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.team.places import customer_with
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import Permission
from quittance.identity.sign_in import browser_of
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading
from quittance.ui.fresh import needs_fresh
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for
from quittance.visits.models import LASTS
from quittance.visits.visiting import begin_visit, latest_visits


@require_GET
@for_staff(Permission.VIEW_AS_CUSTOMER)
def visits(request: StaffRequest) -> HttpResponse:
    """Whom to look as, and who looked lately."""
    return _page(request)


@require_POST
@for_staff(Permission.VIEW_AS_CUSTOMER)
@needs_fresh
def begin(request: StaffRequest) -> HttpResponse:
    """Open the portal as the customer sees it, by a cookie of its own, for half an hour."""
    sent = request.POST
    try:
        account = customer_with(sent.get("customer", "").strip()[:40], sent.get("company", ""))
        token = begin_visit(
            request.person, account.pk, reason=sent.get("reason", ""),
            ticket=sent.get("ticket", ""), sign_in_id=browser_of(request.session),
        )  # fmt: skip
    except RuleBroken as error:
        return _page(request, error=error)
    answer = HttpResponseRedirect(reverse("portal:home"))
    answer.set_cookie(
        settings.VISIT_COOKIE_NAME, token, max_age=int(LASTS.total_seconds()), samesite="Lax",
        httponly=True, secure=settings.HTTPS_ONLY,
    )  # fmt: skip
    return answer


def _page(request: StaffRequest, *, error: RuleBroken | None = None) -> HttpResponse:
    with reading():
        companies = list(LegalEntity.objects.order_by("name", "pk"))
        latest = latest_visits()
    typed = request.POST or request.GET
    return page(
        request, "backoffice/visits/visits.html", status=422 if error else 200, nav="visits",
        errors=[("", sentence_for(error))] if error else [], companies=companies, latest=latest,
        typed={name: typed.get(name, "")[:200] for name in ("customer", "company", "reason",
                                                            "ticket")},
        **request.frame,
    )  # fmt: skip
