"""The page of a person's sign-in, and what its forms change: each wants a fresh proof."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import segno
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from markupsafe import Markup

from quittance.core.errors import RuleBroken
from quittance.identity.factors import app, passkeys
from quittance.identity.factors.owned import drop_codes_if_alone, factors_of
from quittance.identity.factors.recovery import Sheet, keep_sheet, new_sheet
from quittance.identity.fresh import is_fresh
from quittance.identity.policy import Wish, count_factors, policy_of
from quittance.portal.place import place_of
from quittance.portal.security.person import PersonRequest, for_person, person_page
from quittance.portal.security.telling import tell
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.ui.fresh import needs_fresh, to_proof
from quittance.ui.htmx import hx_redirect
from quittance.ui.sentences import sentence_for

_DONE: Final = {
    "app_removed": noop("The app is removed. Its codes are not taken any more."),
    "passkey_added": noop("The passkey is added. You can sign in with it from now on."),
    "passkey_named": noop("The passkey has a new name."),
    "passkey_removed": noop("The passkey is removed here. Remove it in your browser too."),
}
_QUIET: Final = 4  # squares around the dots. Source: ISO/IEC 18004


@require_GET
@for_person
def security(request: PersonRequest) -> HttpResponse:
    """What the person signs in with, and when each was used last."""
    return _page(request)


@require_POST
@for_person
@needs_fresh
def begin_app(request: PersonRequest) -> HttpResponse:
    """Make the secret of a new app."""
    try:
        app.begin_app(request.person)
    except RuleBroken as error:
        return _page(request, error=error)
    return hx_redirect(request, reverse("portal:confirm_app"))


@require_http_methods(["GET", "POST"])
@for_person
@needs_fresh
def confirm_app(request: PersonRequest) -> HttpResponse:
    """Show the secret to the app, and take its first code."""
    person = request.person
    waiting = app.waiting_app(person, seller=request.organization_name)
    if waiting is None:
        return hx_redirect(request, reverse("portal:security"))
    if request.method != "POST":
        return _app_page(request, *waiting)
    sheet = None if factors_of(person).codes_left else new_sheet()
    try:
        with widened(), writing():
            app.confirm_app(person, request.POST.get("code", ""))
            tell(person, "app_added")
            if sheet:
                keep_sheet(person, sheet)
            count_factors(person)
    except RuleBroken as error:
        return _app_page(request, *waiting, error=error)
    return _sheet_page(request, sheet) if sheet else _done(request, "")


@require_POST
@for_person
@needs_fresh
def remove_app(request: PersonRequest) -> HttpResponse:
    """Take the app away."""
    with widened(), writing():
        if app.remove_app(request.person):
            tell(request.person, "app_removed")
        drop_codes_if_alone(request.person)
        count_factors(request.person)
    return _done(request, "app_removed")


@require_POST
@for_person
@needs_fresh
def new_codes(request: PersonRequest) -> HttpResponse:
    """Make ten recovery codes instead of the old ones, and show them: once."""
    if not factors_of(request.person).any:
        return _done(request, "")
    sheet = new_sheet()
    with widened(), writing():
        keep_sheet(request.person, sheet)
        tell(request.person, "codes_made")
    return _sheet_page(request, sheet)


@require_POST
@for_person
def passkey_options(request: PersonRequest) -> HttpResponse:
    """What the browser needs to make a passkey, as JSON."""
    if not is_fresh(request.session):
        return to_proof(request, then=reverse("portal:security"))
    try:
        options = passkeys.options_to_make(
            request.person, request.session, place_of(request), seller=request.organization_name
        )
    except RuleBroken as error:
        return HttpResponse(sentence_for(error), status=409, content_type="text/plain")
    return HttpResponse(options, content_type="application/json")


@require_POST
@for_person
@needs_fresh
def add_passkey(request: PersonRequest) -> HttpResponse:
    """Keep the passkey that the browser made."""
    person, sent = request.person, request.POST
    sheet = None if factors_of(person).codes_left else new_sheet()
    place = place_of(request)
    try:
        made = passkeys.made_passkey(request.session, place, answer=sent.get("answer", ""))
        with widened(), writing():
            kept = passkeys.keep_passkey(person, made, place, name=sent.get("name", ""))
            tell(person, "passkey_added", name=kept.name)
            if sheet:
                keep_sheet(person, sheet)
            count_factors(person)
    except RuleBroken as error:
        return _page(request, error=error)
    return _sheet_page(request, sheet) if sheet else _done(request, "passkey_added")


@require_POST
@for_person
def name_passkey(request: PersonRequest, passkey_id: UUID) -> HttpResponse:
    """Call a passkey otherwise."""
    passkeys.name_passkey(request.person, passkey_id, request.POST.get("name", ""))
    return _done(request, "passkey_named")


@require_POST
@for_person
@needs_fresh
def remove_passkey(request: PersonRequest, passkey_id: UUID) -> HttpResponse:
    """Take a passkey away."""
    name = next((e.name for e in factors_of(request.person).passkeys if e.pk == passkey_id), "")
    with widened(), writing():
        if passkeys.remove_passkey(request.person, passkey_id):
            tell(request.person, "passkey_removed", name=name)
        drop_codes_if_alone(request.person)
        count_factors(request.person)
    return _done(request, "passkey_removed")


def _done(request: PersonRequest, what: str) -> HttpResponse:
    path = reverse("portal:security")
    return hx_redirect(request, f"{path}?done={what}" if what else path)


def _page(request: PersonRequest, *, error: RuleBroken | None = None) -> HttpResponse:
    with reading():
        wish = policy_of().wish_for(request.person)
    factors, word = factors_of(request.person), request.GET.get("done", "")
    context: dict[str, Any] = {
        "factors": factors,
        "offered": wish != Wish.OFF or factors.any,
        "required": wish == Wish.REQUIRED and not factors.any,
        "done": _(_DONE[word]) if word in _DONE else "",
        "errors": [("", sentence_for(error))] if error else [],
    }
    return person_page(
        request, "portal/security/security.html", status=422 if error else 200, **context
    )


def _app_page(
    request: PersonRequest, secret: str, address: str, *, error: RuleBroken | None = None
) -> HttpResponse:
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    drawn = segno.make_qr(address, error="m").svg_inline(
        omitsize=True, border=_QUIET, dark="#000", light="#fff", scale=1
    )
    return person_page(
        request, "portal/security/app.html", status=422 if error else 200, secret=grouped,
        square=Markup(drawn), errors=[("code", sentence_for(error))] if error else [],  # noqa: S704 - only squares of our own
    )  # fmt: skip


def _sheet_page(request: PersonRequest, sheet: Sheet) -> HttpResponse:
    """The codes, which nothing shows a second time."""
    text = "\n".join([f"{request.organization_name}, {request.person.email}", "", *sheet.codes, ""])
    return person_page(
        request, "portal/security/codes.html", codes=sheet.codes,
        file=f"data:text/plain;charset=utf-8,{quote(text)}",
    )  # fmt: skip
