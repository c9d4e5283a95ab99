"""Keeps what somebody typed until they are back: from a new sign-in, or from a fresh proof.

It lies in the session of that browser, on our side, and is shown only to the person who was signed
in there last: another who signs in at the same browser gets none of it.
"""

from __future__ import annotations

import hmac
import json
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.contrib.sessions.backends.base import SessionBase
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from quittance.identity.models import User

WHO_COOKIE: Final = "who"
GOOD_FOR: Final = timedelta(days=30)  # the cookie, from the sign-in
_MOST: Final = 16 * 1024  # bytes of all that is kept
_WORD: Final = "typed"
_SIGNER: Final = TimestampSigner(salt="quittance.portal.who")
_NEVER: Final = frozenset({"csrfmiddlewaretoken", "password", "new", "code"})  # no secret is kept


def keep_typed(request: HttpRequest, *, proof: bool = False) -> bool:
    """Keep the form that this request brought, if its sender is known; say whether it was.

    Known is who brings the cookie that we signed at a sign-in: nobody else fills our table.
    ``proof`` says that the session went on, and only a proof of the person was missing.
    """
    mark = _mark(request)
    if not mark:
        return False
    fields = [
        [name, value]
        for name, values in request.POST.lists()
        for value in values
        if name not in _NEVER
    ]
    back = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer", ""))
    kept = {
        "path": request.get_full_path(), "fields": fields, "who": mark, "proof": proof,
        "back": f"{back.path}?{back.query}" if back.query else back.path,
    }  # fmt: skip
    if (not fields and not proof) or len(json.dumps(kept, ensure_ascii=False).encode()) > _MOST:
        return False
    request.session[_WORD] = kept
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


def was_theirs(request: HttpRequest, user: User) -> bool:
    """Whether this person was the last who signed in at this browser, within ``GOOD_FOR``."""
    return hmac.compare_digest(_mark(request), mark_of(user))


def cookie_of(user: User) -> str:
    """Return what this person's browser keeps: the mark, signed with the time."""
    return _SIGNER.sign(mark_of(user))


def mark_of(user: User) -> str:
    """Return what tells a person's browser from another's, and nobody who the person is."""
    return salted_hmac("quittance.portal.who", str(user.pk), algorithm="sha256").hexdigest()


def _mark(request: HttpRequest) -> str:
    try:
        return _SIGNER.unsign(request.COOKIES.get(WHO_COOKIE, ""), max_age=GOOD_FOR)
    except BadSignature:
        return ""
