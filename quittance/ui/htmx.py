"""Answers that mean the same to htmx and to a plain browser."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django_htmx.http import HttpResponseClientRedirect


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page; a browser gets the whole page."""
    return request.headers.get("HX-Request") == "true"


def hx_redirect(request: HttpRequest, address: str) -> HttpResponse:
    """Send the person on to ``address``, an address of ours or a gateway's."""
    if is_part(request):
        return HttpResponseClientRedirect(address)
    answer = HttpResponseRedirect(address)
    answer.status_code = 303  # what follows a form is read, never posted again
    return answer
