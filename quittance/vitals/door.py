"""Answers what machines ask, under any host name and before anything else looks at a request."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse

from quittance.vitals.exposition import CONTENT_TYPE, exposition
from quittance.vitals.figures import figures
from quittance.vitals.ready import GOOD, readiness

_PLAIN: Final = "text/plain; charset=utf-8"


def watching(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: ``/health``, ``/ready`` and ``/metrics``; a watcher knows no portal's name.

    They open no session, and what they say belongs to no organization.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = ANSWERS.get(request.path)
        if answer is None:
            return get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return _plain("Only GET is answered here.", 405, Allow="GET, HEAD")
        return answer(request)

    return middleware


def _health(_request: HttpRequest) -> HttpResponse:
    """The process lives; nothing is asked, so that no trouble elsewhere has it started anew."""
    return JsonResponse({"process": GOOD})


def _ready(_request: HttpRequest) -> HttpResponse:
    """Pages can be served: 200, or 503 with what is wrong."""
    found = readiness()
    good = all(word == GOOD for word in found.values())
    return JsonResponse(dict(found), status=200 if good else 503)


def _metrics(request: HttpRequest) -> HttpResponse:
    """What Prometheus reads, for who knows the token; without a setting there is nothing here."""
    if not settings.METRICS_TOKEN:
        return _plain("There is nothing here.", 404)
    given = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        return _plain("Say the token.", 401, **{"WWW-Authenticate": "Bearer"})
    try:
        return HttpResponse(exposition(figures()), content_type=CONTENT_TYPE)
    except DatabaseError:
        return _plain("The database does not answer.", 503)


def _plain(words: str, status: int, **headers: str) -> HttpResponse:
    return HttpResponse(words, status=status, content_type=_PLAIN, headers=headers)


ANSWERS: Final[dict[str, Callable[[HttpRequest], HttpResponse]]] = {
    "/health": _health,
    "/ready": _ready,
    "/metrics": _metrics,
}
