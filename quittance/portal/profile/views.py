"""The person's own page, and what its forms change."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.identity import mail_change
from quittance.identity.browsers import end_of, end_others
from quittance.identity.factors.owned import factors_of
from quittance.identity.fresh import is_fresh
from quittance.identity.passwords import change_password, hashed_password, prove
from quittance.identity.permissions import BuyerPermission
from quittance.identity.profile import change_profile
from quittance.identity.sign_in import browser_of
from quittance.notifications.messages import enqueue_message
from quittance.notifications.preferences import choose_mails
from quittance.notifications.topics import TOPICS
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.profile.context import profile_context
from quittance.sso.people import check_may_leave
from quittance.tenancy.address import portal_address
from quittance.tenancy.caller import caller
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import widened
from quittance.ui.fresh import ProveFirst, to_proof
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for


@require_GET
@for_buyer(BuyerPermission.SELF)
def profile(request: BuyerRequest) -> HttpResponse:
    """Everything that a person may say of themselves."""
    return _page(request)


@require_POST
@for_buyer(BuyerPermission.SELF)
def change_you(request: BuyerRequest) -> HttpResponse:
    """Keep name, language, formats and time zone."""
    sent = request.POST
    language = sent.get("language", "")
    try:
        change_profile(
            request.person, name=sent.get("name", ""), formats=sent.get("formats", ""),
            language=language if language in request.look.languages else "",
            zone=sent.get("zone", "").strip()[:64],
        )  # fmt: skip
    except RuleBroken as error:
        return _page(request, error=error)
    return _done(request, "you")


@require_POST
@for_buyer(BuyerPermission.SELF)
def change_mail(request: BuyerRequest) -> HttpResponse:
    """Ask both addresses whether the new one shall count."""
    sent, person = request.POST, request.person
    site = portal_address(request.organization_id)
    try:
        _prove(request)
        with widened(), writing():
            check_may_leave(person.email, sent.get("email", ""))
            words = mail_change.begin(person, sent.get("email", ""))
            facts = {"old": person.email, "new": words.change.email, "language": person.language}
            for to, word in ((person.email, words.old), (words.change.email, words.new)):
                path = reverse("portal:confirm_mail", kwargs={"word": word})
                enqueue_message(
                    key=f"mail_change:{words.change.pk}:{to}"[:100], kind="mail_change", to=to,
                    facts={**facts, "address": site + path},
                )  # fmt: skip
    except ProveFirst:
        return to_proof(request)
    except RuleBroken as error:
        return _page(request, error=error)
    return _done(request, "mail")


@require_POST
@for_buyer(BuyerPermission.SELF)
def stop_mail(request: BuyerRequest) -> HttpResponse:
    """Take the wish for another address back."""
    mail_change.stop(request.person)
    return _done(request, "mail_stopped")


@for_buyer(BuyerPermission.SELF)
def confirm_mail(request: BuyerRequest, word: str) -> HttpResponse:
    """Ask, and with POST confirm, from the address that got this link."""
    person = request.person
    if request.method != "POST":
        change = mail_change.found(person, word)
        return page(
            request, "portal/profile/confirm.html", nav="profile", change=change, word=word,
            sentence="", accounts=request.accounts, account=request.account,
            status=200 if change else 410,
        )  # fmt: skip
    try:
        with widened(), writing():
            done = mail_change.confirm(person, word)
            if done:
                check_may_leave(person.email, done.email)
                _tell(request, "mail_changed", person.email, done.email, str(done.pk))
    except RuleBroken as error:
        return page(
            request, "portal/profile/confirm.html", nav="profile", change=None, word=word,
            sentence=sentence_for(error), accounts=request.accounts, account=request.account,
            status=409,
        )  # fmt: skip
    return _done(request, "mail_changed" if done else "mail_half")


@require_POST
@for_buyer(BuyerPermission.SELF)
def new_password(request: BuyerRequest) -> HttpResponse:
    """Keep a new password; every other browser is signed out."""
    here = browser_of(request.session)
    words = [request.look.name, request.organization_name]
    try:
        _prove(request)
        hashed = hashed_password(request.person, request.POST.get("new", ""), words=words)
        with widened(), writing():
            change_password(request.person, hashed, browser_id=here)
            _tell(request, "password_changed", request.person.email, "", f"{new_id()}")
    except ProveFirst:
        return to_proof(request, then=reverse("portal:profile"))
    except RuleBroken as error:
        return _page(request, error=error)
    request.session.cycle_key()
    return _done(request, "password")


@require_POST
@for_buyer(BuyerPermission.SELF)
def end_browsers(request: BuyerRequest) -> HttpResponse:
    """Sign out at one other browser, or at all others."""
    which, here = request.POST.get("browser", ""), browser_of(request.session)
    if which == "others":
        with widened(), writing():
            end_others(request.person, but=here)
    else:
        try:
            browser_id = UUID(which)
        except ValueError:
            return _done(request, "")
        if browser_id != here:
            end_of(request.person, browser_id)
    return _done(request, "browsers")


@require_POST
@for_buyer(BuyerPermission.SELF)
def choose(request: BuyerRequest) -> HttpResponse:
    """Keep which mails are wanted, of which account."""
    sent = set(request.POST.getlist("mail"))
    wanted = {
        (each.id, topic)
        for each in request.accounts
        for topic in TOPICS
        if f"{each.id}:{topic}" in sent
    }
    choose_mails(request.person, [each.id for each in request.accounts], wanted)
    return _done(request, "mails")


def _prove(request: BuyerRequest) -> None:
    """See that it is the person: by a fresh proof where there is a second factor for it."""
    if factors_of(request.person).any:
        if not is_fresh(request.session):
            raise ProveFirst
        return
    prove(
        request.person, request.POST.get("password", ""), ip=caller(request),
        browser_id=browser_of(request.session),
    )  # fmt: skip


def _tell(request: BuyerRequest, kind: str, to: str, new: str, about: str) -> None:
    """To the address that was the person's until now, whatever their preferences say.

    In the transaction that makes it true.
    """
    enqueue_message(
        key=f"{kind}:{about}"[:100], kind=kind, to=to,
        facts={"new": new, "language": request.person.language},
    )  # fmt: skip


def _done(request: BuyerRequest, what: str) -> HttpResponse:
    path = reverse("portal:profile")
    return hx_redirect(request, f"{path}?done={what}" if what else path)


def _page(request: BuyerRequest, *, error: RuleBroken | None = None) -> HttpResponse:
    context = profile_context(request, error)
    return page(
        request, "portal/profile/profile.html", status=422 if error else 200, nav="profile",
        accounts=request.accounts, account=request.account, **context,
    )  # fmt: skip
