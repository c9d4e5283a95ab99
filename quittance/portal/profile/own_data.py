"""Everything that is kept of the person who asks, as a file for them alone."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from quittance.identity.permissions import BuyerPermission
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.privacy.asking import ask_for_person, content_for, file_for
from quittance.ui.files import zip_answer
from quittance.ui.fresh import needs_fresh
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page


@require_GET
@for_buyer(BuyerPermission.SELF)
def own_data(request: BuyerRequest) -> HttpResponse:
    """What the file holds, how far it is, and the way to take it away."""
    return page(
        request, "portal/profile/own_data.html", nav="profile", accounts=request.accounts,
        account=request.account, file=file_for(request.person, about=request.person),
    )  # fmt: skip


@require_POST
@for_buyer(BuyerPermission.SELF)
@needs_fresh
def ask_own_data(request: BuyerRequest) -> HttpResponse:
    """Have everything written into a file."""
    ask_for_person(request.person, by=request.person)
    return hx_redirect(request, reverse("portal:own_data"))


@require_GET
@for_buyer(BuyerPermission.SELF)
@needs_fresh
def take_own_data(request: BuyerRequest, person_file_id: UUID) -> HttpResponseBase:
    """The file itself, for the person who asked for it."""
    found = content_for(request.person, person_file_id)
    if found is None:
        raise Http404
    return zip_answer(found, name="kept-of-me")
