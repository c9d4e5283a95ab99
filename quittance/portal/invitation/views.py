"""An invitation is opened, shows what it is for, and is accepted once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.identity.newcomers import Taken
from quittance.identity.passwords import hashed_password
from quittance.identity.permissions import BuyerRole
from quittance.identity.profile import NoName
from quittance.identity.role_words import ROLES
from quittance.identity.sign_in import user_of
from quittance.identity.wrong_tokens import TooManyWrong
from quittance.invitations import accepting
from quittance.invitations.models import Invitation, State
from quittance.portal.access import PortalRequest, public
from quittance.portal.payer import sealed
from quittance.portal.sign_in.begin import begin
from quittance.sso.people import way_of
from quittance.tenancy.caller import caller
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for
from quittance.ui.errors import after
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

_WORD: Final = "invited"  # the session's word for the invitation that was opened
_GOOD_FOR: Final = timedelta(minutes=30)  # to choose a password, or to sign in elsewhere first


@require_http_methods(["GET", "HEAD", "POST"])
@public
def invited(request: PortalRequest, token: str) -> HttpResponse:
    """A page with one button: a mail program that looks at links opens nothing.

    Pressed, the token becomes a session of half an hour and leaves the address.
    """
    if request.method != "POST":
        return sealed(page(request, "portal/invitation/open.html"))
    try:
        with working_for(request.organization_id, actor="invitation"):
            found = accepting.find_invitation(token, ip=caller(request))
    except TooManyWrong as error:
        answer = _closed(request, _("This link opens nothing"), sentence_for(error), 429)
        return after(answer, error.retry_after_seconds)
    except RuleBroken as error:
        return _closed(request, _("This link opens nothing"), sentence_for(error), 404)
    request.session.cycle_key()
    until = (clock.now() + _GOOD_FOR).timestamp()
    request.session[_WORD] = {"id": str(found.pk), "until": until}
    return sealed(hx_redirect(request, reverse("portal:invitation")))


@require_http_methods(["GET", "POST"])
@public
def invitation(request: PortalRequest) -> HttpResponse:
    """What the invitation is for; POST accepts it, as somebody new or as who is signed in."""
    kept = request.session.get(_WORD) or {}
    if kept.get("until", 0) < clock.now().timestamp():
        sentence = _("For safety an invitation closes after half an hour. Use its link again.")
        return _closed(request, _("Open your invitation again"), sentence, 403)
    opened = _opened(request, UUID(kept["id"]))
    if not isinstance(opened, _Opened):
        return opened
    if request.method == "GET":
        return _page(request, opened)
    if opened.here is not None:
        return _accept(request, opened, opened.here)
    if opened.known is not None or opened.elsewhere:
        return _page(request, opened, status=409)
    return _come_in(request, opened)


class _Opened(NamedTuple):
    """An invitation that waits, and who may be meant by it."""

    invitation: Invitation
    here: User | None  # who is signed in at this browser
    known: User | None  # whose address it was sent to
    elsewhere: str  # where people of its domain have to sign in; "": here


def _opened(request: PortalRequest, invitation_id: UUID) -> _Opened | HttpResponse:
    actor = f"invitation:{invitation_id}"
    with working_for(request.organization_id, actor=actor), reading():
        found = accepting.invitation_with(invitation_id)
        here = user_of(request.session, request.organization_id)
        known = accepting.sign_in_of(found) if found else None
        elsewhere = _elsewhere(found.email) if found else ""
    is_off = known is not None and not known.is_active
    if found is None or is_off or found.state(clock.now()) != State.SENT:
        return _over(request, found)
    return _Opened(found, here, known, elsewhere)


def _elsewhere(email: str) -> str:
    """Return the name of where an address has to sign in, by its domain alone; "": here."""
    provider, closed = way_of(email)
    if provider is not None and provider.required:
        return provider.name
    return email.rpartition("@")[2] if closed else ""


def _accept(request: PortalRequest, opened: _Opened, person: User) -> HttpResponse:
    """Give who is signed in what the invitation is for."""
    if person.must_enrol:
        return hx_redirect(request, reverse("portal:security"))
    try:
        with working_for(request.organization_id, actor=f"user:{person.pk}"):
            accounts = accepting.accept(opened.invitation.pk, person)
    except RuleBroken as error:
        return _page(request, opened, errors=[("", sentence_for(error))], status=409)
    del request.session[_WORD]
    if accounts:
        request.session["account"] = str(accounts[0])
    return hx_redirect(request, reverse("portal:home"))


def _come_in(request: PortalRequest, opened: _Opened) -> HttpResponse:
    """Make the person with the password that was typed, and sign in."""
    found, name = opened.invitation, _text(request.POST.get("name", ""))
    try:
        if not name:
            raise NoName
        with working_for(request.organization_id, actor=f"invitation:{found.pk}"):
            hashed = hashed_password(
                User(email=found.email, name=name), request.POST.get("password", ""),
                words=[request.look.name, request.organization_name],
            )  # fmt: skip
            user = accepting.accept_as_new(found.pk, name=name, hashed=hashed)
    except RuleBroken as error:
        own = {NoName: "name", accepting.Over: "", Taken: ""}
        errors = [(own.get(type(error), "password"), sentence_for(error))]
        return _page(request, opened, errors=errors, status=422)
    del request.session[_WORD]
    return begin(request, user, "")


def _page(
    request: PortalRequest,
    opened: _Opened,
    *,
    errors: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    found, here = opened.invitation, opened.here
    by = found.invited_by
    roles = [
        (each.customer_account.name, _(ROLES[BuyerRole(each.role)]), each.limit)
        for each in found.roles.all()
    ]
    answer = page(
        request, "portal/invitation/accept.html", status=status, invitation=found, roles=roles,
        who="" if by.is_staff else by.name or by.email, here=here,
        mine=here is not None and here.email == found.email, known=opened.known,
        elsewhere=opened.elsewhere, name=_text(request.POST.get("name", "")) or found.name,
        back=reverse("portal:invitation"), errors=list(errors),
    )  # fmt: skip
    return sealed(answer)


def _over(request: PortalRequest, found: Invitation | None) -> HttpResponse:
    state = found.state(clock.now()) if found else State.WITHDRAWN
    said = {
        State.ACCEPTED: _("It was accepted already. Sign in to go on."),
        State.EXPIRED: _("It was good for seven days. Who invited you can send it again."),
        State.WITHDRAWN: _("It was taken back. Ask who invited you."),
        State.SENT: _("Its address was switched off here. Ask who invited you."),
    }
    return _closed(request, _("This invitation has ended"), said[state], 410)


def _closed(request: Any, title: str, sentence: str, status: int) -> HttpResponse:
    return sealed(
        page(request, "portal/invitation/closed.html", status=status, title=title,
             sentence=sentence)
    )  # fmt: skip


def _text(typed: str) -> str:
    return " ".join("".join(each for each in typed if each.isprintable()).split())[:150]
