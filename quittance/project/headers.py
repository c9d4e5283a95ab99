"""The headers that keep a browser from doing more than it should, on every answer."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from quittance.ui.policy import REPORTING, policy

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Reporting-Endpoints": REPORTING,
    "Server": "",  # else the web server writes its own name there
}
_POLICY = policy()


def security_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a strict policy, and nothing of a signed-in page in any cache.

    Chromium holds redirects of a form to the policy too; so the way to a gateway leads over a page
    of ours (portal/checkout/onward) and no other origin needs to be named. The one page with a
    gateway's fields (portal/checkout/fields) brings a policy of its own.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
        if settings.HTTPS_ONLY:
            response.headers.setdefault(
                "Strict-Transport-Security", "max-age=63072000; includeSubDomains"
            )
        return response

    return middleware
