"""Refuses forms with the number of a card in them: none is ever ours to have.

Source: security.md, I13; PCI DSS, 3. It stands before every form, whatever its fields mean, so no
field can be forgotten. Numbers of cards are typed into a gateway's own fields only, which never
reach us.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop as noop

from quittance.core.numbers import is_shown_card
from quittance.ui.errors import Words, error_page

_LONG: Final = re.compile(r"\d[\d -]{11,}\d", re.ASCII)  # most fields are done with at a glance
_REFUSED: Final = Words(
    noop("This holds the number of a card"),
    noop("Nothing of it was sent on or kept."),
    noop("Go back, take the number out and send it again. Nobody needs it here to help you."),
)


class NoCardNumbers:
    """Middleware: a form with a card's number in any field gets a 422 in its view's place."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; the size of what is sent is looked at in ``process_view``, before this."""
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Answer in the view's place if there is one; machines' messages are left to their view."""
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        for _, values in request.POST.lists():
            if any(_LONG.search(each) and is_shown_card(each) for each in values):
                return error_page(request, 422, words=_REFUSED)
        return None
