"""Refuses what the scripts, frames and images of other sites ask for. Source: security.md, A10."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from quittance.ui.errors import error_page

_OUR_OWN: Final = {"", "same-origin", "none"}  # "": a machine, or a browser that does not say
_LOOKS: Final = {"GET", "HEAD"}


class OtherSites:
    """Middleware: another site may lead somebody to a page of ours, and do nothing else with it.

    Browsers say in every request where it comes from and what for (W3C, Fetch Metadata). What is
    not from here gets a 403, unless somebody goes to a page with it: back from a gateway, from a
    mail. A view without a form's secret has another proof, and is left to it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; the view is not known before ``process_view``."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Answer in the view's place if another site asks."""
        if getattr(view, "csrf_exempt", False) or not _is_foreign(request):
            return None
        return error_page(request, 403)


def _is_foreign(request: HttpRequest) -> bool:
    said = request.headers
    if said.get("Sec-Fetch-Site", "") in _OUR_OWN:
        return False
    goes_there = said.get("Sec-Fetch-Mode") == "navigate"
    as_a_page = said.get("Sec-Fetch-Dest", "document") == "document"
    return not (goes_there and as_a_page and request.method in _LOOKS)
