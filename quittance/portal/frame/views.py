"""The look's files, the theme's switch, and the choice of the account."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from quittance.branding.look import logo_of
from quittance.branding.theme import css_variables
from quittance.branding.theme import icon as drawn_icon
from quittance.identity.permissions import BuyerPermission
from quittance.identity.speech import keep_language
from quittance.portal.access import (
    ACCOUNT_COOKIE,
    BuyerRequest,
    PortalRequest,
    choose_account,
    for_buyer,
    public,
)
from quittance.tenancy.scope import working_for
from quittance.ui.language import LANGUAGE_COOKIE
from quittance.ui.pages import THEME_COOKIE, THEMES

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_YEAR: Final = 365 * 24 * 3600
_LOGO_TYPES: Final = frozenset({"image/svg+xml", "image/png"})


@require_GET
@public
def brand(request: PortalRequest, version: str) -> HttpResponse:
    """The seller's style sheet; an address of an older one gets today's, but not for ever."""
    current = version == request.look.fingerprint
    return HttpResponse(
        css_variables(request.look),
        content_type="text/css; charset=utf-8",
        headers={"Cache-Control": _FOR_EVER if current else "no-store"},
    )


@require_GET
@public
def logo(request: PortalRequest, version: str, scheme: str) -> HttpResponse:
    """The seller's logo. Opened by itself it may run nothing."""
    found = logo_of(request.organization_id, dark=scheme == "dark")
    if found is None or found[1] not in _LOGO_TYPES:
        raise Http404
    current = version == request.look.logo_hash
    return HttpResponse(
        found[0],
        content_type=found[1],
        headers={
            "Cache-Control": _FOR_EVER if current else "no-store",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        },
    )


@require_GET
@public
def icon(request: PortalRequest, version: str) -> HttpResponse:
    """The icon of a browser's tab: the seller's first letter in the seller's color."""
    current = version == request.look.icon_hash
    return HttpResponse(
        drawn_icon(request.look.name, request.look.accent),
        content_type="image/svg+xml",
        headers={
            "Cache-Control": _FOR_EVER if current else "no-store",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


@require_POST
@public
def theme(request: PortalRequest) -> HttpResponse:
    """Keep whether this browser wants it light or dark."""
    wanted = request.POST.get("theme", "")
    answer = HttpResponseRedirect(safe_address(request.POST.get("then", "")))
    if wanted in THEMES:
        answer.set_cookie(
            THEME_COOKIE, wanted, max_age=_YEAR, samesite="Lax", httponly=True,
            secure=settings.HTTPS_ONLY,
        )  # fmt: skip
    return answer


@require_POST
@public
def language(request: PortalRequest) -> HttpResponse:
    """Keep the language that this browser wants, and as the preference of who is signed in."""
    wanted = request.POST.get("language", "")
    answer = HttpResponseRedirect(safe_address(request.POST.get("then", "")))
    if wanted in request.look.languages:
        answer.set_cookie(
            LANGUAGE_COOKIE, wanted, max_age=_YEAR, samesite="Lax", httponly=True,
            secure=settings.HTTPS_ONLY,
        )  # fmt: skip
        with working_for(request.organization_id, actor="page"):
            keep_language(request.session, wanted)
    return answer


@require_POST
@for_buyer(BuyerPermission.SELF)
def account(request: BuyerRequest) -> HttpResponse:
    """Act for another of the person's accounts from now on, on the same page of the menu.

    The browser remembers it for the next session; whose accounts they are is looked up each time.
    """
    chosen = request.POST.get("account", "")
    choose_account(request, chosen)
    answer = HttpResponseRedirect(safe_address(request.POST.get("then", "")))
    answer.set_cookie(
        ACCOUNT_COOKIE, chosen, max_age=_YEAR, samesite="Lax", httponly=True,
        secure=settings.HTTPS_ONLY,
    )  # fmt: skip
    return answer


def safe_address(address: str) -> str:
    """Return ``address`` if it is a page of ours, else the first page."""
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if ours else reverse("portal:home")
