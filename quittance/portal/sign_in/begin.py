"""What every way in ends with, and the form that all of them begin at."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from quittance.identity.models import User
from quittance.identity.sign_in import begin_session
from quittance.identity.speech import first_language
from quittance.portal.access import PortalRequest
from quittance.portal.frame.session import after_sign_in
from quittance.portal.frame.views import safe_address
from quittance.sso.people import is_there
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page


def begin(request: PortalRequest, user: User, then: str) -> HttpResponse:
    """Sign somebody in who has shown who he is, and go on to where he wanted."""
    with working_for(request.organization_id, actor=f"user:{user.pk}"):
        begin_session(request.session, user, browser=request.headers.get("User-Agent", ""))
        if not user.is_staff:
            with writing():
                first_language(user, request.reader.language)
    for word in ("code_for", "code_then"):
        request.session.pop(word, None)
    home = reverse("backoffice:home") if user.is_staff else reverse("portal:home")
    answer = hx_redirect(request, safe_address(then) if then else home)
    return after_sign_in(request, user, then, answer)


def form(
    request: PortalRequest, *, email: str, then: str, sentence: str = "", status: int = 200
) -> HttpResponse:
    """Return the sign-in form, with what is wrong."""
    with working_for(request.organization_id, actor="sign-in"), reading():
        single = is_there()
    errors = [("email", sentence)] if sentence else []
    return page(
        request, "portal/sign_in/sign_in.html", status=status, single=single,
        email=email[:254], then=then[:500], errors=errors,
    )  # fmt: skip
