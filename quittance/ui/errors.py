"""Pages for what went wrong: what happened, what is safe, what to do."""

from __future__ import annotations

import logging
import secrets
import sys
from typing import Any, Final, NamedTuple

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.branding.look import Look, look_of, remembered_look
from quittance.core.languages import LANGUAGES
from quittance.ui.language import OFFICE, Reader, speaking
from quittance.ui.pages import OUR_LOOK, THEME_COOKIE, THEMES, reader_for

_log = logging.getLogger(__name__)


class Words(NamedTuple):
    """The three sentences of an error's page."""

    happened: str
    safe: str
    do: str


_NOTHING: Final = noop("Nothing was changed and nothing was charged.")
_WORDS: Final[dict[int, Words]] = {
    400: Words(
        noop("We could not read this request"), _NOTHING, noop("Go back, reload and try again.")
    ),
    403: Words(
        noop("You may not do this"), _NOTHING, noop("Ask an administrator if you think you should.")
    ),
    404: Words(
        noop("There is nothing at this address"),
        noop("It may have been moved, or it belongs to an account that you cannot see."),
        noop("Check the address, or start again from your invoices."),
    ),
    409: Words(
        noop("Something changed in the meantime"),
        _NOTHING,
        noop("Open the page again and look at it once more."),
    ),
    413: Words(
        noop("That was too much to send at once"), _NOTHING, noop("Send less, and try again.")
    ),
    429: Words(noop("That was too fast"), _NOTHING, noop("Wait a minute before you try again.")),
    500: Words(
        noop("Something broke on our side"),
        noop("A payment that you started is kept and is never made twice."),
        noop("Try again in a minute. If it stays, tell us the number below."),
    ),
    503: Words(
        noop("We cannot reach our own data just now"),
        noop("Nothing is lost. A payment that you started is kept and is never made twice."),
        noop("Try again in a minute."),
    ),
}
_EXPIRED: Final = Words(
    noop("This page was open for too long"),
    _NOTHING,
    noop("Go back, reload the page and send it again."),
)
NO_DOCUMENT: Final = Words(
    noop("The document cannot be fetched just now"),
    noop("The accounting system that draws it does not answer. You can still see and pay."),
    noop("Try again in a minute."),
)
NOT_YET: Final = Words(
    noop("The file is not ready yet"),
    noop("It is being made, and nothing of it is lost."),
    noop("Go back to its page: it says how far it is."),
)


def error_page(
    request: HttpRequest, status: int, *, number: str = "", words: Words | None = None
) -> HttpResponse:
    """Return the page for ``status``; ``number`` leads the reader's call to a line in the log."""
    return _answer(request, status, words or _WORDS[status], number=number)


def after(answer: HttpResponse, seconds: int) -> HttpResponse:
    """Say in an answer with 429 how long to wait. Source: RFC 9110, 10.2.3."""
    answer.headers["Retry-After"] = str(max(1, seconds))
    return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's view for a form without its secret: mostly a page that was open for too long."""
    _log.info("form refused: %s", reason)
    return _answer(request, 403, _EXPIRED)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's view for what it could not read, or found too large."""
    return error_page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's view for ``PermissionDenied``."""
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's view for what is missing; what belongs to somebody else gets the same answer."""
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's view for a fault of ours; Django has rolled back and logged it."""
    number = secrets.token_hex(4)
    _log.error("fault %s at %r", number, request.path)
    broken = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    return error_page(request, 503 if broken else 500, number=number)


def _answer(request: Any, status: int, words: Words, *, number: str = "") -> HttpResponse:
    look = _look(request, status)
    reader = OFFICE if look is OUR_LOOK else getattr(request, "reader", reader_for(request, look))
    with speaking(reader.language):
        return _written(request, status, words, number=number, look=look, reader=reader)


def _written(
    request: Any, status: int, words: Words, *, number: str, look: Look, reader: Reader
) -> HttpResponse:
    theme = request.COOKIES.get(THEME_COOKIE, "")
    context = {
        "look": look.spoken(reader.language),
        "own": look is OUR_LOOK,
        "theme": theme if theme in THEMES else "",
        "lang": reader.language,
        "dir": LANGUAGES[reader.language].direction,
        "status_code": status,
        "happened": _(words.happened),
        "safe": _(words.safe),
        "do": _(words.do),
        "number": number,
        "home": "/office/" if request.path.startswith("/office/") else "/",
    }
    return HttpResponse(render_to_string("ui/error.html", context), status=status)


def _look(request: Any, status: int) -> Look:
    """A fault may mean that the database is gone, so its page asks nothing of it."""
    organization_id = getattr(request, "organization_id", None)
    if organization_id is None or request.path.startswith("/office/"):
        return OUR_LOOK
    if status >= 500:
        return remembered_look(organization_id) or Look(name=request.organization_name)
    return look_of(organization_id, name=request.organization_name)
