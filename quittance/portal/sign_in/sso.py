"""Single sign-on: to the identity provider of somebody's company, and back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from math import ceil
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET, require_POST

from quittance.core import clock
from quittance.core.errors import OutsideError, RuleBroken
from quittance.identity.throttle import TooManyTries, note_network, wait_of_network
from quittance.portal.access import PortalRequest, public
from quittance.portal.sign_in.begin import after_first_step, form
from quittance.sso.going import Ours, come_back, go, provider_with
from quittance.sso.models import IdentityProvider
from quittance.sso.people import way_of
from quittance.tenancy.caller import caller
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from quittance.ui.errors import after
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_KEPT: Final = "sso"
_GOOD_FOR_SECONDS: Final = 600
_MOST: Final = 600  # sign-ins that a network begins within an hour; each is a session of ours
_CLOSED: Final = noop(
    "Your company's sign-in is interrupted: its mail domain is not proven any more. You are not"
    " signed in. Ask your IT, or the seller."
)


@require_POST
@public
def single_sign_on(request: PortalRequest) -> HttpResponse:
    """Go to whoever vouches for the domain of the address that was typed."""
    email, then = request.POST.get("email", ""), request.POST.get("then", "")
    elsewhere = signs_in_elsewhere(request, email, then, only_required=False)
    if elsewhere is not None:
        return elsewhere
    sentence = _("No single sign-on is set up for this address. Sign in as below.")
    return form(request, email=email, then=then, sentence=sentence, status=422)


def signs_in_elsewhere(
    request: PortalRequest, email: str, then: str, *, only_required: bool = True
) -> HttpResponse | None:
    """Return the page that leads to the provider of an address; ``None`` where there is none.

    Where one is required and the proof of its domain is lost, nobody signs in until it is back.
    It goes by the domain alone: so it is the same for who is known here and who is not.
    """
    with working_for(request.organization_id, actor="sign-in"):
        with reading():
            provider, closed = way_of(email)
        if closed:
            return _refused(request, then, _(_CLOSED), 403)
        if provider is None or (only_required and not provider.required):
            return None
        wait = _wait(request)
        if wait > timedelta(0):
            answer = _refused(request, then, sentence_for(TooManyTries(retry_after_seconds=0)), 429)
            return after(answer, ceil(wait.total_seconds()))
        ours = our_addresses(request)
        try:
            address, keep = go(provider, ours, hint=email.strip()[:254])
        except OutsideError:
            return _refused(request, then, _silent(provider), 503)
    request.session[_KEPT] = {
        "provider": str(provider.pk), "then": then[:500], "at": clock.now().timestamp(),
        "ours": asdict(ours), "keep": keep,
    }  # fmt: skip
    return page(
        request, "portal/sign_in/leaving.html", address=address, name=provider.name, email=email
    )


@require_GET
@public
def sso_back(request: PortalRequest) -> HttpResponse:
    """Take what the provider says, once, in the browser that went there."""
    kept: dict[str, Any] = request.session.pop(_KEPT, None) or {}
    then = kept.get("then", "")
    if clock.now().timestamp() - kept.get("at", 0) > _GOOD_FOR_SECONDS:
        sentence = _("That sign-in took too long, or began in another browser. Begin again.")
        return _refused(request, then, sentence, 422)
    ours = Ours(**kept["ours"])
    names = ("state", "code", "error", "iss")
    sent = {name: request.GET.get(name, "").replace("\0", "") for name in names}
    with working_for(request.organization_id, actor="sign-in"):
        with reading():
            provider = provider_with(UUID(kept["provider"]))
        if provider is None:
            return _refused(request, then, _("Single sign-on was switched off meanwhile."), 422)
        try:
            user = come_back(provider, kept["keep"], sent, ours, ip=caller(request))
        except TooManyTries as error:
            answer = _refused(request, then, sentence_for(error), 429)
            return after(answer, error.retry_after_seconds)
        except RuleBroken as error:
            return _refused(request, then, sentence_for(error), 403)
        except OutsideError:
            return _refused(request, then, _silent(provider), 503)
    return after_first_step(request, user, then, vouched=True)


def our_addresses(request: PortalRequest) -> Ours:
    """Return our addresses under the host that was asked for."""
    names = {"back": "sso_back", "entity_id": "saml_metadata", "acs": "saml_answer"}
    return Ours(
        **{
            each: request.build_absolute_uri(reverse(f"portal:{name}"))
            for each, name in names.items()
        }
    )


def _wait(request: PortalRequest) -> timedelta:
    """Count a sign-in that begins; return how long the caller's network has to wait for it."""
    ip = caller(request)
    with writing():
        wait = wait_of_network("sso", ip, most=_MOST)
        if wait <= timedelta(0):
            note_network("sso", ip)
    return wait


def _silent(provider: IdentityProvider) -> str:
    return _(
        "The sign-in of %(name)s does not answer as agreed. You are not signed in. Try again in a"
        " minute, or ask your IT."
    ) % {"name": provider.name}


def _refused(request: PortalRequest, then: str, sentence: str, status: int) -> HttpResponse:
    return form(request, email="", then=then, sentence=sentence, status=status)
