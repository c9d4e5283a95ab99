"""Sign in with a password or a mailed code. Strangers get the same answers as everybody."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from quittance.core.ids import new_id
from quittance.identity.evenly import no_sooner_than
from quittance.identity.models import User
from quittance.identity.sign_in import (
    code_sign_in,
    end_session,
    new_code,
    password_sign_in,
)
from quittance.identity.throttle import TooManyTries
from quittance.notifications.messages import enqueue_message
from quittance.portal.access import PortalRequest, public
from quittance.portal.sign_in.begin import after_first_step, form
from quittance.portal.sign_in.sso import signs_in_elsewhere
from quittance.tenancy.caller import caller
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import working_for
from quittance.ui.errors import after
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

# A person's code is kept and mailed, a stranger's is not: that takes some milliseconds.
CODE_SECONDS: Final = 0.25


@require_http_methods(["GET", "POST"])
@public
def sign_in(request: PortalRequest) -> HttpResponse:
    """Show the form, or check a password."""
    if request.method == "GET":
        return form(request, email="", then=request.GET.get("then", ""))
    email, password = request.POST.get("email", ""), request.POST.get("password", "")
    then = request.POST.get("then", "")
    if not email.strip() or not password:
        sentence = _("Enter your email address and your password, or ask for a code.")
        return form(request, email=email, then=then, sentence=sentence, status=422)
    elsewhere = signs_in_elsewhere(request, email, then)
    if elsewhere is not None:
        return elsewhere
    with working_for(request.organization_id, actor="sign-in"):
        try:
            user = password_sign_in(email, password, ip=caller(request))
        except TooManyTries as error:
            sentence = sentence_for(error)
            answer = form(request, email=email, then=then, sentence=sentence, status=429)
            return after(answer, error.retry_after_seconds)
    if user is None:
        sentence = _("This email and password do not fit together. You can ask for a code instead.")
        return form(request, email=email, then=then, sentence=sentence, status=422)
    return after_first_step(request, user, then)


@require_POST
@public
def send_code(request: PortalRequest) -> HttpResponse:
    """Mail a code, if the address has access here; the answer does not say whether it has."""
    email, then = request.POST.get("email", ""), request.POST.get("then", "")
    if "@" not in email:
        sentence = _("Enter your email address; the code goes there.")
        return form(request, email=email, then=then, sentence=sentence, status=422)
    elsewhere = signs_in_elsewhere(request, email, then)
    if elsewhere is not None:
        return elsewhere
    with no_sooner_than(CODE_SECONDS), working_for(request.organization_id, actor="sign-in"):
        try:
            found = new_code(email, request.session, ip=caller(request))
        except TooManyTries as error:
            sentence = sentence_for(error)
            answer = form(request, email=email, then=then, sentence=sentence, status=429)
            return after(answer, error.retry_after_seconds)
        if found:
            mail_code(*found, request.reader.language)
    request.session["code_for"], request.session["code_then"] = email.strip()[:254], then[:500]
    return hx_redirect(request, reverse("portal:code"))


@require_http_methods(["GET", "POST"])
@public
def code(request: PortalRequest) -> HttpResponse:
    """Ask for the mailed code, or check it."""
    email, then = request.session.get("code_for", ""), request.session.get("code_then", "")
    if not email:
        return hx_redirect(request, reverse("portal:sign_in"))
    if request.method == "GET":
        return _code_form(request, email, then)
    with working_for(request.organization_id, actor="sign-in"):
        try:
            user = code_sign_in(
                email, request.POST.get("code", ""), request.session, ip=caller(request)
            )
        except TooManyTries as error:
            answer = _code_form(request, email, then, sentence=sentence_for(error), status=429)
            return after(answer, error.retry_after_seconds)
    if user is None:
        sentence = _("That code does not fit. Check the latest email, or send a new code.")
        return _code_form(request, email, then, sentence=sentence, status=422)
    return after_first_step(request, user, then)


@require_POST
@public
def sign_out(request: PortalRequest) -> HttpResponse:
    """End the session, here and in the browser."""
    with working_for(request.organization_id, actor="sign-out"):
        end_session(request.session)
    answer = hx_redirect(request, reverse("portal:sign_in"))
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def mail_code(user: User, code: str, language: str) -> None:
    """Write the mail with the code down."""
    with writing():
        enqueue_message(
            key=f"code:{new_id()}", kind="sign_in_code", to=user.email,
            facts={"code": code, "language": language},
        )  # fmt: skip


def _code_form(
    request: PortalRequest, email: str, then: str, *, sentence: str = "", status: int = 200
) -> HttpResponse:
    errors = [("code", sentence)] if sentence else []
    return page(
        request, "portal/sign_in/code.html", status=status, email=email, then=then, errors=errors
    )
