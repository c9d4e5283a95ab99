"""Asks for an address as somebody, and keeps the answer in a form that can be compared."""

from __future__ import annotations

import itertools
import re
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import quote, unquote
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from quittance.identity.models import User
from quittance.identity.sign_in import begin_session, browser_of, user_of
from quittance.portal.payer import open_in_session
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for
from quittance.visits.visiting import begin_visit, find_visit
from tests.intruder.canaries import opened
from tests.intruder.rows import Seller

SECRET: Final = "q" * 32  # of the form's token; the cookie says the same
FORM: Final = "application/x-www-form-urlencoded"
# What is new in each answer, and says nothing of any row.
_NEW: Final = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|data-left="[0-9]*"'
    rb"|[0-9]+ (?:second|minute|hour)s? ago"
    rb"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)
_UNCOMPARED: Final = {"Date", "Content-Length", "Set-Cookie", "Retry-After", "X-Request-ID"}
_NONCE: Final = re.compile(r"'nonce-[^']*'")
_NEVER_IN: Final = {"anonymous", "expired", "stranger", "between", "enrolling"}
_numbers = itertools.count(1)


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    cookies: SimpleCookie
    content: bytes
    fault: str = ""  # the traceback of what broke

    @property
    def kind(self) -> str:
        """The content type without its parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0]

    def compared(self, sent: Sequence[str]) -> tuple[Any, ...]:
        """What must be the same for a foreign row and for none; ``sent`` are the ids asked for."""
        content, sent = self.content, _as_written(sent)
        for each in sent:
            content = content.replace(each.encode(), b"ID")
        headers = {
            name: _NONCE.sub("'nonce'", _without(value, sent))
            for name, value in self.headers.items()
            if name not in _UNCOMPARED
        }
        return (self.status, headers, sorted(self.cookies), _NEW.sub(b"NEW", content))


@dataclass
class Visitor:
    """Somebody at an organization's host, with the session that they have."""

    name: str  # "buyer", "manager", "anonymous"
    seller: Seller  # at whose host
    account: UUID | None = None  # of a buyer
    user: UUID | None = None
    role: str = ""  # of a buyer
    link: UUID | None = None
    key: str = ""  # of the session
    visit: str = ""  # the token of one of the staff who looks as ``account``
    known: str = ""  # what an answer may say of the visitor
    client: Client = field(
        default_factory=lambda: Client(enforce_csrf_checks=True, raise_request_exception=False)
    )

    @property
    def is_staff(self) -> bool:
        """Whether they work for the seller."""
        return self.name in self.seller.staff

    @property
    def sees_rows(self) -> bool:
        """Whether any row is theirs."""
        return bool(self.user or self.link) and self.name != "expired"

    def sign_in(self) -> None:
        """Give them a session of their own, as signing in does."""
        session = SessionStore()
        with working_for(self.seller.id, actor="test"):
            if self.name == "visitor":
                self._look(session)
                return
            if self.link:
                request = type("Request", (), {"session": session})()
                link = next(
                    each for each in self.seller.rows["PayLink"][self.account]
                    if each.pk == self.link
                )  # fmt: skip
                open_in_session(request, link)
            elif self.user:
                with reading():
                    user = User.objects.get(pk=self.user)
                begin_session(session, user)
        session.save()
        self.key = str(session.session_key)

    def _look(self, session: SessionStore) -> None:
        """Begin to look as the customer; the session of the back office stays at home."""
        with reading():
            user = User.objects.get(pk=self.user)
        begin_session(session, user)
        assert self.account
        self.visit = begin_visit(
            user, self.account, reason="Try all doors", ticket="", sign_in_id=browser_of(session)
        )
        self.known = user.name

    def is_in(self) -> bool:
        """Whether the session still holds."""
        if self.visit:
            with working_for(self.seller.id, actor="test"), reading():
                return find_visit(self.visit) is not None
        if self.name in _NEVER_IN:
            return True
        session = SessionStore(self.key)
        if self.link:
            return "pay_link" in session
        with working_for(self.seller.id, actor="test"), reading():
            return user_of(session, self.seller.id) is not None

    def ask(
        self, method: str, address: str, body: str | bytes = "", *, kind: str = FORM,
        with_secret: bool = True, headers: Mapping[str, str] | None = None, host: str = "",
        cookies: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """Send one request; the browser's own headers go with it, unless ``headers`` differ."""
        kept = {settings.CSRF_COOKIE_NAME: SECRET} if with_secret else {}
        if self.key:
            kept[settings.SESSION_COOKIE_NAME] = self.key
        if self.visit:
            kept[settings.VISIT_COOKIE_NAME] = self.visit
        self.client.cookies = SimpleCookie({**kept, **(cookies or {})})
        host = host or self.seller.host
        scheme = "https" if settings.HTTPS_ONLY else "http"
        said = {
            "host": host, "origin": f"{scheme}://{host}", "x-forwarded-for": _somewhere(),
            "x-forwarded-proto": scheme, **(headers or {}),
        }  # fmt: skip
        if with_secret and method not in {"GET", "HEAD", "OPTIONS"}:
            said.setdefault("x-csrftoken", SECRET)
        answer = self.client.generic(
            method, address, body, content_type=kind, secure=settings.HTTPS_ONLY,
            headers={name: value for name, value in said.items() if value},
        )  # fmt: skip
        return _read(answer)


def _read(answer: Any) -> Answer:
    content = b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)
    answer.close()
    fault = ""
    if answer.exc_info:
        fault = "".join(traceback.format_exception(*answer.exc_info)[-3:])[-900:]
    return Answer(answer.status_code, dict(answer.headers), answer.cookies, opened(content), fault)


def _somewhere() -> str:
    """Return another network's address each time, so that no brake ends the walk."""
    n = next(_numbers)
    return f"{20 + n // 65536 % 60}.{n // 256 % 256}.{n % 256}.7"


def _as_written(sent: Sequence[str]) -> list[str]:
    """Return the ids as they stand in text, in an address and in a query of one."""
    return [form for each in sent for form in (each, unquote(each), quote(each, safe=""))]


def _without(text: str, sent: Sequence[str]) -> str:
    for each in sent:
        text = text.replace(each, "ID")
    return text
