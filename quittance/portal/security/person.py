"""Lets in whoever is signed in, buyer or staff: how somebody signs in is the same on both sides."""

from __future__ import annotations

from functools import wraps
from typing import Any, Final

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from quittance.branding.look import look_of
from quittance.identity.models import User
from quittance.identity.permissions import BuyerPermission
from quittance.identity.sign_in import go_on, user_of
from quittance.portal.access import PortalRequest, View, marked, reader_of, to_sign_in
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for
from quittance.ui.language import OFFICE, speaking
from quittance.ui.pages import OUR_LOOK, page

_NOBODYS_ROWS: Final[tuple[()]] = ()  # no customer account is looked at here


class PersonRequest(PortalRequest):
    """A request of somebody who is signed in, and may still have to add a second factor."""

    person: User
    zone: str


def for_person(view: View) -> View:
    """Let anybody in who is signed in. The view sees no customer's row."""

    @wraps(view)
    def wrapped(request: Any, **arguments: Any) -> HttpResponseBase:
        actor = f"user:{request.session.get('user', '')}"
        with working_for(request.organization_id, actor=actor), reading():
            person = user_of(request.session, request.organization_id)
            zone = LegalEntity.objects.values_list("zone", flat=True).order_by("name").first()
        if person is None:
            return to_sign_in(request)
        with working_for(request.organization_id, actor=actor):
            go_on(request.session, person)
        request.person, request.zone = person, person.zone or zone or "UTC"
        request.look = look_of(request.organization_id, name=request.organization_name)
        if person.is_staff:
            request.look, request.reader = OUR_LOOK, OFFICE
        else:
            request.reader = reader_of(request, person)
        with (
            speaking(request.reader.language),
            working_for(request.organization_id, actor=actor, customer_accounts=_NOBODYS_ROWS),
        ):
            return view(request, **arguments)

    return marked(wrapped, "person", BuyerPermission.SELF)


def person_page(
    request: PersonRequest, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Return a page in the plain frame; staff see it in Quittance's own colours."""
    home = "backoffice:home" if request.person.is_staff else "portal:profile"
    return page(request, template, status=status, own=request.person.is_staff, home=home, **context)
