"""How much may be sent to a page at once: looked at before anything of it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from quittance.ui.errors import error_page

_View = TypeVar("_View", bound=Callable[..., HttpResponseBase])
_LIMIT = "most_file_bytes"
_ANSWER = "too_much"


def takes_files(most_bytes: int) -> Callable[[_View], _View]:
    """Say at a view how many bytes of files its form may bring beside its fields."""

    def mark(view: _View) -> _View:
        setattr(view, _LIMIT, most_bytes)
        return view

    return mark


def answers_too_much(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[_View], _View]:
    """Say at a view of machines what they get with 413 instead of a page."""

    def mark(view: _View) -> _View:
        setattr(view, _ANSWER, answer)
        return view

    return mark


class BodyLimit:
    """Middleware: a body that is larger than its view takes, or of unknown size, gets a 413.

    It stands before the check of a form's secret, which reads the body of anybody, files too:
    Django's own limit, ``DATA_UPLOAD_MAX_MEMORY_SIZE``, counts no files.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; the view is not known before ``process_view``."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Answer in the view's place if too much is sent."""
        files: int = getattr(view, _LIMIT, 0)
        fields = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        size = _size(request)
        if size is not None and size <= fields + files:
            return None
        answer: Callable[[HttpRequest], HttpResponse] | None = getattr(view, _ANSWER, None)
        return answer(request) if answer else error_page(request, 413)


def _size(request: HttpRequest) -> int | None:
    """Return how many bytes come, or ``None`` where nobody says so. Source: RFC 9112, 6.3."""
    if "Transfer-Encoding" in request.headers:
        return None
    said = request.headers.get("Content-Length") or "0"
    return int(said) if said.isascii() and said.isdigit() else None
