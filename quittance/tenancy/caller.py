"""Where a request comes from: its network address, its browser, its number."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from quittance.core.ids import new_id
from quittance.tenancy.scope import Origin, coming_from

_HEADER: Final = "X-Request-ID"
_NUMBER: Final = re.compile(r"[A-Za-z0-9-]{8,36}")  # what a proxy may call a request


def caller(request: HttpRequest) -> str:
    """Return the caller's address, as the nearest proxy that we trust saw it."""
    seen = request.headers.get("X-Forwarded-For", "").split(",")
    trusted: int = settings.TRUSTED_PROXIES
    if trusted and len(seen) >= trusted and seen[-trusted].strip():
        return seen[-trusted].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def origin_for_the_audit(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: whatever the request does is known to come from there.

    The request gets a number, or keeps the one that a trusted proxy gave it; the answer says it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        origin = Origin(_address(request), _browser(request), _number(request))
        with coming_from(origin):
            response = get_response(request)
        response.headers[_HEADER] = origin.request_id
        return response

    return middleware


def _address(request: HttpRequest) -> str:
    try:
        return str(ipaddress.ip_address(caller(request).partition("%")[0]))  # no scope of an IPv6
    except ValueError:  # a socket's name, or what a proxy made up
        return ""


def _browser(request: HttpRequest) -> str:
    name = request.headers.get("User-Agent", "")[:400]
    return "".join(each for each in name if each.isprintable())[:200]


def _number(request: HttpRequest) -> str:
    given = request.headers.get(_HEADER, "") if settings.TRUSTED_PROXIES else ""
    return given if _NUMBER.fullmatch(given) else new_id().hex
