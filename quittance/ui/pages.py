"""Every page of ours: what all of them need, and how one is made."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quittance.branding.look import Look, look_of
from quittance.core.clock import today

THEMES: Final = frozenset({"light", "dark"})
THEME_COOKIE: Final = "theme"
_DEFAULT_LOCALE: Final = "en_US"
OUR_LOOK: Final = Look(name="Quittance")  # the back office wears it, whatever the seller's brand


def page(
    request: HttpRequest, template: str, *, status: int = 200, **context: object
) -> HttpResponse:
    """Return ``template`` with the words that every frame needs (see ``_shared``)."""
    return render(request, template, {**_shared(request), **context}, status=status)


def locale_for(request: HttpRequest) -> str:
    """Return how this reader writes amounts and days: "en_GB" for a browser that prefers it."""
    return _english(request.headers.get("Accept-Language", "")[:200])


def _shared(request: Any) -> dict[str, object]:
    """What doors put on the request is taken from there: ``look``, ``person``, ``zone``."""
    zone = getattr(request, "zone", "UTC")
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "look": getattr(request, "look", None)
        or look_of(request.organization_id, name=request.organization_name),
        "seller": request.organization_name,
        "person": getattr(request, "person", None),
        "theme": theme if theme in THEMES else "",
        "lang": "en",
        "dir": "ltr",
        "locale": locale_for(request),
        "zone": zone,
        "today": today(zone),
        "here": request.get_full_path(),
    }


@lru_cache(maxsize=512)
def _english(accepted: str) -> str:
    """Our words are English so far, so only the habits of English-speaking countries count."""
    for wish in accepted.split(","):
        code = wish.partition(";")[0].strip()
        if code[:3].lower() == "en-":
            try:
                return str(Locale.parse(code, sep="-"))
            except (UnknownLocaleError, ValueError):
                continue
    return _DEFAULT_LOCALE
