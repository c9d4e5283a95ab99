"""The fresh proof: with a second factor, else with the password, else with a mailed code."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quittance.core.errors import RuleBroken
from quittance.identity.factors.owned import factors_of
from quittance.identity.factors.passkeys import NoPasskey, options_to_use, user_by_passkey
from quittance.identity.factors.second_step import is_second_factor
from quittance.identity.fresh import note_proof
from quittance.identity.passwords import NotYourPassword, prove
from quittance.identity.sign_in import browser_of, code_sign_in, new_code
from quittance.portal.frame.views import safe_address
from quittance.portal.place import place_of
from quittance.portal.security.person import PersonRequest, for_person, person_page
from quittance.portal.sign_in.views import mail_code
from quittance.tenancy.caller import caller
from quittance.tenancy.scope import widened
from quittance.ui.htmx import hx_redirect
from quittance.ui.sentences import sentence_for
from quittance.ui.typed import forget, typed_of


class NotTheProof(RuleBroken):
    """That code does not fit. Nothing was changed. Enter the latest one."""


@require_http_methods(["GET", "POST"])
@for_person
def prove_it(request: PersonRequest) -> HttpResponse:
    """Ask who it is, once more; then go on to ``then``."""
    then = (request.POST if request.method == "POST" else request.GET).get("then", "")
    if request.method != "POST":
        return _page(request, then)
    try:
        _check(request)
    except RuleBroken as error:
        return _page(request, then, error=error)
    note_proof(request.session)
    return hx_redirect(request, safe_address(then))


@require_POST
@for_person
def prove_options(request: PersonRequest) -> HttpResponse:
    """What the browser needs to use a passkey of this person, as JSON."""
    options = options_to_use(request.session, place_of(request), request.person)
    return HttpResponse(options, content_type="application/json")


@require_POST
@for_person
def send_proof(request: PersonRequest) -> HttpResponse:
    """Mail a code to who has neither a second factor nor a password."""
    then = request.POST.get("then", "")
    person = request.person
    if factors_of(person).any or person.password:
        return _page(request, then)
    try:
        with widened():
            found = new_code(person.email, request.session, ip=caller(request))
            if found:
                mail_code(*found, request.reader.language)
    except RuleBroken as error:
        return _page(request, then, error=error)
    return _page(request, then, sent=True)


@require_GET
@for_person
def typed(request: PersonRequest) -> HttpResponse:
    """What the person had typed when something came between: to be sent now, or left."""
    kept = typed_of(request.session)
    if kept is None:
        home = "backoffice:home" if request.person.is_staff else "portal:home"
        return hx_redirect(request, reverse(home))
    proof = bool(kept.get("proof"))
    if proof:
        forget(request.session)
    return person_page(
        request, "portal/security/typed.html", path=kept["path"], fields=kept["fields"],
        back=safe_address(kept["back"]), proof=proof,
    )  # fmt: skip


def _check(request: PersonRequest) -> None:
    """Raise ``RuleBroken`` unless the person proves it with the best that they have."""
    person, sent, ip = request.person, request.POST, caller(request)
    if factors_of(person).any:
        if sent.get("answer"):
            place, answer = place_of(request), sent["answer"]
            if user_by_passkey(request.session, place, answer=answer, only=person) is None:
                raise NoPasskey
        elif not is_second_factor(person, sent.get("code", "")[:40], ip=ip):
            raise NotTheProof
    elif person.password:
        here = browser_of(request.session)
        prove(person, sent.get("password", ""), ip=ip, browser_id=here)
    else:
        with widened():
            if code_sign_in(person.email, sent.get("code", ""), request.session, ip=ip) != person:
                raise NotTheProof


def _page(
    request: PersonRequest, then: str, *, error: RuleBroken | None = None, sent: bool = False
) -> HttpResponse:
    factors, person = factors_of(request.person), request.person
    way = "factor" if factors.any else "password" if person.password else "mail"
    field = "password" if isinstance(error, NotYourPassword) else "code"
    return person_page(
        request, "portal/security/prove.html", status=422 if error else 200, way=way, then=then,
        factors=factors, sent=sent or (way == "mail" and error is not None),
        errors=[(field, sentence_for(error))] if error else [],
    )  # fmt: skip
