"""Keeps what somebody typed whose session was over when it came, until the same person is back.

It lies in the session of that browser, on our side, and is shown only to the person who was signed
in there last: another who signs in at the same browser gets none of it.
"""

from __future__ import annotations

import hmac
from typing import Any, Final
from urllib.parse import urlsplit

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from quittance.identity.models import User

WHO_COOKIE: Final = "who"
_MOST: Final = 64 * 1024  # characters of all fields
_WORD: Final = "typed"
_NEVER: Final = frozenset({"csrfmiddlewaretoken", "password", "new", "code"})  # no secret is kept


def keep_typed(request: HttpRequest) -> bool:
    """Keep the form that this request brought, if its sender is known; say whether it was."""
    mark = request.COOKIES.get(WHO_COOKIE, "")
    fields = [
        [name, value]
        for name, values in request.POST.lists()
        for value in values
        if name not in _NEVER
    ]
    whole = sum(len(name) + len(str(value)) for name, value in fields)
    if not mark or not fields or whole > _MOST:
        return False
    back = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer", ""))
    request.session[_WORD] = {
        "path": request.get_full_path(), "fields": fields, "who": mark,
        "back": f"{back.path}?{back.query}" if back.query else back.path,
    }  # fmt: skip
    return True


def typed_of(session: SessionBase) -> dict[str, Any] | None:
    """Return what was kept in this session."""
    kept: dict[str, Any] | None = session.get(_WORD)
    return kept


def forget(session: SessionBase) -> None:
    """Throw away what was kept in this session."""
    session.pop(_WORD, None)


def is_theirs(request: HttpRequest, user: User) -> bool:
    """Whether this browser was this person's before, and so is what was typed at it."""
    kept = typed_of(request.session)
    return kept is None or hmac.compare_digest(str(kept["who"]), mark_of(user))


def mark_of(user: User) -> str:
    """Return what tells a person's browser from another's, and nobody who the person is."""
    return salted_hmac("quittance.portal.who", str(user.pk), algorithm="sha256").hexdigest()
