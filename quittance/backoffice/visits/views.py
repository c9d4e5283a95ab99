"""The page from which staff look at the portal as a customer sees it."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.team.places import customer_with
from quittance.confirmations.models import Kind
from quittance.confirmations.rules import wants_second
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import Permission
from quittance.identity.sign_in import browser_of
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading, writing
from quittance.ui.fresh import needs_fresh
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for
from quittance.visits.confirmed import ask_to_look, begin_confirmed, looks_confirmed
from quittance.visits.models import LASTS
from quittance.visits.visiting import NotConfirmed, begin_visit, latest_visits


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
    try:
        token = _begun(request)
    except RuleBroken as error:
        return _page(request, error=error)
    if token is None:
        return HttpResponseRedirect(f"{reverse('backoffice:visits')}?done=asked")
    answer = HttpResponseRedirect(reverse("portal:home"))
    answer.set_cookie(
        settings.VISIT_COOKIE_NAME, token, max_age=int(LASTS.total_seconds()), samesite="Lax",
        httponly=True, secure=settings.HTTPS_ONLY,
    )  # fmt: skip
    return answer


def _begun(request: StaffRequest) -> str | None:
    """Begin it, or what was confirmed of before; ``None``: another person is asked first."""
    sent, sign_in_id = request.POST, browser_of(request.session)
    if "confirmation" in sent:
        word_id = _word_id(sent["confirmation"])
        return begin_confirmed(request.person, word_id, sign_in_id=sign_in_id)
    account = customer_with(sent.get("customer", "").strip()[:40], sent.get("company", ""))
    reason, ticket = sent.get("reason", ""), sent.get("ticket", "")
    with reading():
        second = wants_second(Kind.VISITS)
    if not second:
        return begin_visit(
            request.person, account.pk, reason=reason, ticket=ticket, sign_in_id=sign_in_id
        )
    title = _("Look at the portal as %(name)s") % {"name": account.name}
    with writing():
        ask_to_look(request.person, account, title=title, reason=reason, ticket=ticket)
    return None


def _word_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotConfirmed from None


def _page(request: StaffRequest, *, error: RuleBroken | None = None) -> HttpResponse:
    with reading():
        companies = list(LegalEntity.objects.order_by("name", "pk"))
        latest = latest_visits()
        second, ready = wants_second(Kind.VISITS), looks_confirmed(request.person)
    asked = _("Another person has to confirm it. A mail tells you; then you begin it here.")
    typed = request.POST or request.GET
    return page(
        request, "backoffice/visits/visits.html", status=422 if error else 200, nav="visits",
        errors=[("", sentence_for(error))] if error else [], companies=companies, latest=latest,
        second=second, ready=ready, done=asked if request.GET.get("done") == "asked" else "",
        typed={name: typed.get(name, "")[:200] for name in ("customer", "company", "reason",
                                                            "ticket")},
        **request.frame,
    )  # fmt: skip
