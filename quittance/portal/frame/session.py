"""The end of a session is announced and can be put off; a browser remembers whose it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from quittance.core import clock
from quittance.identity.models import User
from quittance.identity.sign_in import stay, user_of
from quittance.portal.access import PortalRequest, public
from quittance.portal.frame.views import safe_address
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for
from quittance.ui.htmx import hx_redirect
from quittance.ui.typed import GOOD_FOR, WHO_COOKIE, cookie_of, forget, is_theirs, typed_of


@require_http_methods(["GET", "POST"])
@public
def session(request: PortalRequest) -> HttpResponse:
    """Say how many seconds this session goes on; POST puts its end off. 0: nobody is signed in."""
    with working_for(request.organization_id, actor="session"):
        with reading():
            person = user_of(request.session, request.organization_id)
        until = person.signed_in_until if person else None
        if person and request.method == "POST":
            until = stay(request.session)
    if "then" in request.POST:
        return hx_redirect(request, safe_address(request.POST["then"]))
    left = int((until - clock.now()).total_seconds()) if until else 0
    return JsonResponse({"seconds": max(0, left)}, headers={"Cache-Control": "no-store"})


def after_sign_in(request: Any, user: User, then: str, answer: HttpResponse) -> HttpResponse:
    """Remember in this browser whose it is; what another person had typed is forgotten."""
    if not is_theirs(request, user):
        forget(request.session)
    if typed_of(request.session) is None and urlsplit(then).path == reverse("portal:typed"):
        answer = hx_redirect(request, reverse("portal:home"))
    answer.set_cookie(
        WHO_COOKIE, cookie_of(user), max_age=GOOD_FOR, samesite="Lax", httponly=True,
        secure=settings.HTTPS_ONLY,
    )  # fmt: skip
    return answer
