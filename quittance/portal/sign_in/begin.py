"""What comes after a step of a sign-in, and the form that every way in begins at."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.http import HttpResponse
from django.urls import reverse

from quittance.arrivals.rules import rules_of
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.core.languages import ENGLISH
from quittance.identity.browsers import has_been_here
from quittance.identity.factors.owned import factors_of
from quittance.identity.factors.second_step import begin_second_step
from quittance.identity.models import User
from quittance.identity.sign_in import begin_session
from quittance.identity.speech import first_language
from quittance.notifications.messages import enqueue_message
from quittance.portal.access import PortalRequest
from quittance.portal.browser_names import browser_name
from quittance.portal.frame.session import after_sign_in
from quittance.portal.frame.views import safe_address
from quittance.sso.people import is_there
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import page
from quittance.ui.typed import was_theirs


def after_first_step(
    request: PortalRequest, user: User, then: str, *, vouched: bool = False
) -> HttpResponse:
    """Ask who has a second factor for it; let anybody else in, as ``begin`` does."""
    with working_for(request.organization_id, actor="sign-in"):
        if factors_of(user).any:
            begin_second_step(request.session, user, then=then[:500], vouched=vouched)
            return hx_redirect(request, reverse("portal:second_step"))
    return begin(request, user, then, vouched=vouched, proven=not vouched)


def begin(
    request: PortalRequest, user: User, then: str, *, vouched: bool = False, proven: bool = True
) -> HttpResponse:
    """Sign somebody in who has shown who he is, and go on to where he wanted.

    ``vouched``: his company's provider says who he is; what that wants of him is its matter.
    ``proven``: he did a step here himself.
    """
    browser = request.headers.get("User-Agent", "")
    with working_for(request.organization_id, actor=f"user:{user.pk}"):
        begin_session(
            request.session, user, browser=browser, vouched=vouched, proven=proven,
            also=_notice(request, user, browser),
        )  # fmt: skip
        if not user.is_staff:
            with writing():
                first_language(user, request.reader.language)
    for word in ("code_for", "code_then"):
        request.session.pop(word, None)
    home = reverse("backoffice:home") if user.is_staff else reverse("portal:home")
    answer = hx_redirect(request, safe_address(then) if then else home)
    return after_sign_in(request, user, then, answer)


def _notice(request: PortalRequest, user: User, browser: str) -> Callable[[], None] | None:
    """Return what tells a person of a browser that is new to them; ``None`` for one that is not.

    Who signs in for the first time knows it. The mail goes to their own address, and nowhere else.
    """
    with reading():
        first = not has_been_here(user)
    if first or was_theirs(request, user):
        return None
    language = user.language or (ENGLISH if user.is_staff else request.reader.language)
    facts = {
        "browser": browser_name(browser), "at": f"{clock.now():%Y-%m-%d %H:%M} UTC",
        "language": language,
    }  # fmt: skip
    return partial(
        enqueue_message, key=f"new_browser:{new_id()}", kind="new_browser", to=user.email,
        facts=facts,
    )  # fmt: skip


def form(
    request: PortalRequest, *, email: str, then: str, sentence: str = "", status: int = 200
) -> HttpResponse:
    """Return the sign-in form, with what is wrong."""
    with working_for(request.organization_id, actor="sign-in"), reading():
        single, joins = is_there(), rules_of().is_open
    errors = [("email", sentence)] if sentence else []
    return page(
        request, "portal/sign_in/sign_in.html", status=status, single=single, joins=joins,
        email=email[:254], then=then[:500], errors=errors,
    )  # fmt: skip
