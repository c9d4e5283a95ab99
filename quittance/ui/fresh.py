"""Asks for a fresh proof of who it is, before what would hurt most in other hands."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from quittance.core.errors import RuleBroken
from quittance.identity.fresh import is_fresh
from quittance.ui.htmx import hx_redirect
from quittance.ui.typed import keep_typed

ViewT = TypeVar("ViewT", bound=Callable[..., HttpResponseBase])
_READS: Final = frozenset({"GET", "HEAD"})


class ProveFirst(RuleBroken):
    """Show first that it is you. Nothing was changed."""


def needs_fresh(view: ViewT) -> ViewT:
    """Let the request through if the person proved within five minutes who it is.

    Else the proof is asked for first. What a form brought is kept meanwhile (ui/typed.py) and sent
    by a button afterwards; a page comes again. It stands below the decorator that lets people in.
    """

    @wraps(view)
    def wrapped(request: Any, **arguments: Any) -> HttpResponseBase:
        return view(request, **arguments) if is_fresh(request.session) else to_proof(request)

    return cast("ViewT", wrapped)


def to_proof(request: HttpRequest, *, then: str = "") -> HttpResponse:
    """Send the person to the proof, and from there back to what they wanted, or to ``then``.

    With ``then`` nothing that came is kept: for forms with secrets in them.
    """
    then = then or _back(request)
    return hx_redirect(request, f"{reverse('portal:prove')}?{urlencode({'then': then})}")


def _back(request: HttpRequest) -> str:
    if request.method in _READS:
        return request.get_full_path()
    if keep_typed(request, proof=True):
        return reverse("portal:typed")
    back = urlsplit(request.headers.get("Referer", ""))
    return f"{back.path}?{back.query}" if back.query else back.path
