"""Every page of ours: what all of them need, and how one is made."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.backends.utils import csrf_input
from django.template.loader import render_to_string
from django.utils.functional import SimpleLazyObject

from quittance.branding.look import Look, look_of
from quittance.core.clock import now, today
from quittance.core.languages import LANGUAGES
from quittance.ui.language import LANGUAGE_COOKIE, OFFICE, Reader, habits, reader_of

THEMES: Final = frozenset({"light", "dark"})
THEME_COOKIE: Final = "theme"
OUR_LOOK: Final = Look(name="Quittance")  # the back office wears it, whatever the seller's brand


def page(
    request: HttpRequest, template: str, *, status: int = 200, **context: object
) -> HttpResponse:
    """Return ``template`` with the words that every frame needs (see ``_shared``)."""
    # One token a page: Django's own makes another for each of its forms.
    token = SimpleLazyObject(lambda: csrf_input(request))
    shared = {**_shared(request), "csrf_input": token}
    return HttpResponse(render_to_string(template, {**shared, **context}), status=status)


def reader_for(request: Any, look: Look, *, wish: str = "") -> Reader:
    """Return how the seller's pages speak to this reader.

    ``wish`` is what the person keeps as a preference; then come this browser's choice, what the
    browser prefers, and the seller's own language.
    """
    return reader_of(
        wishes=(wish, request.COOKIES.get(LANGUAGE_COOKIE, "")),
        accepted=request.headers.get("Accept-Language", ""),
        offered=look.languages,
        default=look.language,
    )


def locale_for(request: Any) -> str:
    """Return how this reader writes amounts and days. The back office is in English everywhere."""
    reader: Reader | None = getattr(request, "reader", None)
    if reader is not None:
        return reader.locale
    return habits(request.headers.get("Accept-Language", "")[:200], OFFICE.language)


def _shared(request: Any) -> dict[str, object]:
    """What doors put on the request is taken from there: ``look``, ``person``, ``reader``..."""
    language = LANGUAGES[getattr(request, "reader", OFFICE).language]
    zone = getattr(request, "zone", "UTC")
    theme = request.COOKIES.get(THEME_COOKIE, "")
    look = getattr(request, "look", None) or look_of(
        request.organization_id, name=request.organization_name
    )
    return {
        "look": look.spoken(language.code),
        "seller": request.organization_name,
        "person": getattr(request, "person", None),
        "may": getattr(request, "may", frozenset()),
        "visit": getattr(request, "visit", None),
        "guest": getattr(request, "link", None) is not None,
        "theme": theme if theme in THEMES else "",
        "lang": language.code,
        "dir": language.direction,
        "comma": language.comma,
        "languages": [LANGUAGES[code] for code in look.languages if code in LANGUAGES],
        "locale": locale_for(request),
        "zone": getattr(request, "own_zone", "") or zone,
        "today": today(zone),
        "here": request.get_full_path(),
        **_session_end(request),
    }


def _session_end(request: Any) -> dict[str, object]:
    """When the session of who is signed in ends: the page says so before."""
    person = getattr(request, "person", None)
    until: datetime | None = person.signed_in_until if person is not None else None
    left = int((until - now()).total_seconds()) if until else 0
    may_stay = until is not None and person is not None and until < person.signed_in_at_longest
    return {"session_ends": until, "seconds_left": left, "may_stay": may_stay}
