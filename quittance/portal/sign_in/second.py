"""The second step of a sign-in, and the sign-in with a passkey alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from quittance.identity.factors.owned import factors_of
from quittance.identity.factors.passkeys import options_to_use, user_by_passkey
from quittance.identity.factors.second_step import (
    half_signed_in,
    is_second_factor,
    wanted,
    was_vouched,
)
from quittance.identity.models import User
from quittance.identity.throttle import TooManyTries, note_network, wait_of_network
from quittance.portal.access import PortalRequest, public
from quittance.portal.place import place_of
from quittance.portal.sign_in.begin import begin, form
from quittance.portal.sign_in.sso import signs_in_elsewhere
from quittance.tenancy.caller import caller
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import working_for
from quittance.ui.errors import after
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_MOST: Final = 600  # challenges for a network within an hour; each is a row of ours


@require_http_methods(["GET", "POST"])
@public
def second_step(request: PortalRequest) -> HttpResponse:
    """Ask who did the first step for the second, or check it."""
    with working_for(request.organization_id, actor="sign-in"):
        user = half_signed_in(request.session, request.organization_id)
        if user is None:
            return hx_redirect(request, reverse("portal:sign_in"))
        if request.method == "GET":
            return _form(request, user)
        typed = request.POST.get("code", "")[:40]
        try:
            right = is_second_factor(user, typed, ip=caller(request))
        except TooManyTries as error:
            answer = _form(request, user, sentence=sentence_for(error), status=429)
            return after(answer, error.retry_after_seconds)
        if not right:
            sentence = _("That code does not fit. Enter the one that your app shows now.")
            return _form(request, user, sentence=sentence, status=422)
    return _second_done(request, user)


@require_POST
@public
def passkey_options(request: PortalRequest) -> HttpResponse:
    """What the browser needs to use a passkey, as JSON; it tells nothing of any account."""
    with working_for(request.organization_id, actor="sign-in"):
        ip = caller(request)
        with writing():
            wait = wait_of_network("passkey", ip, most=_MOST)
            if wait <= timedelta(0):
                note_network("passkey", ip)
        if wait > timedelta(0):
            seconds = str(int(wait.total_seconds()) + 1)
            return HttpResponse(status=429, headers={"Retry-After": seconds})
        user = half_signed_in(request.session, request.organization_id)
        options = options_to_use(request.session, place_of(request), user)
    return HttpResponse(options, content_type="application/json")


@require_POST
@public
def by_passkey(request: PortalRequest) -> HttpResponse:
    """Let in whose passkey signed, be it instead of the password or as the second step."""
    answer, then = request.POST.get("answer", ""), request.POST.get("then", "")
    with working_for(request.organization_id, actor="sign-in"):
        half = half_signed_in(request.session, request.organization_id)
        user = user_by_passkey(request.session, place_of(request), answer=answer, only=half)
        if user is None:
            sentence = _("The passkey was not accepted. Try again, or use another way.")
            if half:
                return _form(request, half, sentence=sentence, status=422)
            return form(request, email="", then=then, sentence=sentence, status=422)
    if half:
        return _second_done(request, user)
    return signs_in_elsewhere(request, user.email, then) or begin(request, user, then)


def _second_done(request: PortalRequest, user: User) -> HttpResponse:
    vouched = was_vouched(request.session)
    return begin(request, user, wanted(request.session), vouched=vouched)


def _form(
    request: PortalRequest, user: User, *, sentence: str = "", status: int = 200
) -> HttpResponse:
    return page(
        request, "portal/sign_in/second.html", status=status, factors=factors_of(user),
        errors=[("code", sentence)] if sentence else [],
    )  # fmt: skip
