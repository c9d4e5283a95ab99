"""Somebody proves a mailbox, names what he knows of an account, and is let in or waits."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from quittance.arrivals import asking, proving
from quittance.arrivals.knowing import Named, oldest, tidy
from quittance.arrivals.limits import TooManyAsked
from quittance.arrivals.models import JoinRequest
from quittance.arrivals.rules import Rules, rules_of
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.identity.evenly import no_sooner_than
from quittance.identity.models import User
from quittance.identity.profile import NoName
from quittance.portal.access import PortalRequest, public
from quittance.portal.amounts import currency_in, readings
from quittance.portal.payer import sealed
from quittance.portal.sign_in.begin import after_first_step
from quittance.portal.sign_in.sso import signs_in_elsewhere
from quittance.tenancy.caller import caller
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for
from quittance.ui.errors import after
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for

# Several times what the longest answer takes that is no yes: all of them take so long.
FACTS_SECONDS: Final = 0.4
_ACTOR: Final = "join"
S = JoinRequest.Status


class Missing(RuleBroken):
    """Enter the customer number, and of each invoice its number and its amount."""


@require_http_methods(["GET", "POST"])
@public
def join(request: PortalRequest) -> HttpResponse:
    """Ask for a mailbox, or mail a code to it, whoever has it."""
    rules, _email = _here(request)
    if not rules.is_open:
        return _shut(request)
    if request.method == "GET":
        return _email_page(request)
    email = request.POST.get("email", "")
    elsewhere = signs_in_elsewhere(request, email, "")
    if elsewhere is not None:
        return elsewhere
    try:
        with working_for(request.organization_id, actor=_ACTOR):
            proving.mail_code(
                email, request.session, ip=caller(request), language=request.reader.language
            )
    except RuleBroken as error:
        return _email_page(request, error)
    return hx_redirect(request, reverse("portal:join_code"))


@require_http_methods(["GET", "POST"])
@public
def join_code(request: PortalRequest) -> HttpResponse:
    """Ask for the mailed code, or take it."""
    email = proving.asked_for(request.session)
    if not email:
        return hx_redirect(request, reverse("portal:join"))
    if request.method == "GET":
        return _code_page(request, email)
    try:
        with working_for(request.organization_id, actor=_ACTOR):
            proving.prove_mailbox(request.POST.get("code", ""), request.session)
    except RuleBroken as error:
        return _code_page(request, email, error)
    return hx_redirect(request, reverse("portal:join_facts"))


@require_http_methods(["GET", "POST"])
@public
def join_facts(request: PortalRequest) -> HttpResponse:
    """Ask what somebody knows whose mailbox was proven, or take it."""
    rules, email = _here(request)
    if not email:
        return hx_redirect(request, reverse("portal:join"))
    if request.method == "GET":
        return _facts_page(request, rules, email)
    elsewhere = signs_in_elsewhere(request, email, "")
    if elsewhere is not None:
        return elsewhere
    try:
        with (
            no_sooner_than(FACTS_SECONDS),
            working_for(request.organization_id, actor=_ACTOR),
        ):
            made = asking.ask_in(_typed(request, rules), request.session, ip=caller(request))
    except RuleBroken as error:
        return _facts_page(request, rules, email, error)
    if made.status == S.LET_IN:
        return _come_in(request, email)
    return hx_redirect(request, reverse("portal:join_answer"))


@require_GET
@public
def join_answer(request: PortalRequest) -> HttpResponse:
    """What became of what somebody asked, in the browser that proved the mailbox."""
    with working_for(request.organization_id, actor=_ACTOR), reading():
        email = proving.proven(request.session)
        found = asking.request_of(email)
    if found is None:
        return hx_redirect(request, reverse("portal:join"))
    return sealed(page(request, "portal/joining/answer.html", found=found, email=email))


def _here(request: PortalRequest) -> tuple[Rules, str]:
    """Return what holds, and the mailbox that this browser has proven."""
    with working_for(request.organization_id, actor=_ACTOR), reading():
        return rules_of(), proving.proven(request.session)


def _come_in(request: PortalRequest, email: str) -> HttpResponse:
    """Sign in who was let in at once: the mailed code was his first step, as at any sign-in."""
    with working_for(request.organization_id, actor=_ACTOR), reading():
        person = User.objects.get(email=email)
    proving.leave(request.session)
    return after_first_step(request, person, "")


def _typed(request: PortalRequest, rules: Rules) -> asking.Knowledge:
    """Read the form. Raises ``NoName``, ``Missing``."""
    sent = request.POST
    name = _text(sent.get("name", ""))
    if not name:
        raise NoName
    numbers = sent.getlist("invoice")[: rules.invoices]
    amounts = sent.getlist("amount")[: rules.invoices]
    whole = len(numbers) == len(amounts) == rules.invoices and all(map(tidy, numbers))
    if not tidy(sent.get("number", "")) or not whole or not all(map(str.strip, amounts)):
        raise Missing
    return asking.Knowledge(
        name=name, number=sent.get("number", ""), language=request.reader.language,
        invoices=[_named(*each) for each in zip(numbers, amounts, strict=True)],
    )  # fmt: skip


def _named(number: str, amount: str) -> Named:
    def reads(currency: str) -> Collection[Money]:
        if currency_in(amount) not in {"", currency}:
            return ()
        return [each.money for each in readings(amount, currency)]

    return Named(number, reads)


def _text(typed: str) -> str:
    return " ".join("".join(each for each in typed if each.isprintable()).split())[:150]


def _shut(request: PortalRequest) -> HttpResponse:
    title, sentence = _("People are invited here"), sentence_for(proving.Shut())
    return sealed(
        page(request, "portal/invitation/closed.html", status=404, title=title, sentence=sentence)
    )


def _email_page(request: PortalRequest, error: RuleBroken | None = None) -> HttpResponse:
    email = request.POST.get("email", "")[:254]
    return _page(request, "email", error, field="email", email=email)


def _code_page(request: PortalRequest, email: str, error: RuleBroken | None = None) -> HttpResponse:
    return _page(request, "code", error, field="code", email=email)


def _facts_page(
    request: PortalRequest, rules: Rules, email: str, error: RuleBroken | None = None
) -> HttpResponse:
    sent = request.POST
    rows = [
        [*(each[:40] for each in sent.getlist(name)), *[""] * rules.invoices][: rules.invoices]
        for name in ("invoice", "amount")
    ]
    return _page(
        request, "facts", error, field="name" if isinstance(error, NoName) else "", email=email,
        since=oldest(rules), rows=list(zip(*rows, strict=True)),
        name=sent.get("name", "")[:150], number=sent.get("number", "")[:40],
    )  # fmt: skip


def _page(
    request: PortalRequest, step: str, error: RuleBroken | None, *, field: str, **shown: Any
) -> HttpResponse:
    """Show a step, with what is wrong; who tried too often is told how long to wait."""
    waits = error.retry_after_seconds if isinstance(error, TooManyAsked) else 0
    errors = [("" if waits else field, sentence_for(error))] if error else []
    status = (429 if waits else 422) if error else 200
    answer = page(request, f"portal/joining/{step}.html", status=status, errors=errors, **shown)
    return after(sealed(answer), waits) if waits else sealed(answer)
