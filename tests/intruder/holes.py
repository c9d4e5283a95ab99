"""Holes that are planted, one at a time, to see that the intruder is not blind.

Each opens the product only while it is planted, from here: nothing of it is in product code. A
hole names the slice of the suite that is enough to find it; a whole run does all of that, too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final
from unittest import mock

import psycopg
from django.middleware.csrf import CsrfViewMiddleware
from django.template import engines
from django.test import override_settings

from quittance.backoffice import access as office
from quittance.connections import reach
from quittance.core import clock
from quittance.gateways.sandbox import gateway as sandbox
from quittance.httpclient import public
from quittance.identity import throttle, wrong_tokens
from quittance.identity.models import User
from quittance.identity.permissions import BuyerPermission
from quittance.portal import access as portal
from quittance.portal import payer
from quittance.portal.frame import views as frame
from quittance.portal.sign_in import begin
from quittance.portal.sign_in import views as sign_in
from quittance.project import headers, log_lines, other_sites
from quittance.tenancy import hosts
from quittance.tenancy.rows import reading
from quittance.ui import bodies, tables
from quittance.webhooks import views as webhooks

Put = Callable[[Any, str, Any], None]
Open = Callable[[ExitStack, Put], None]
_MANY: Final = 10**9
_PAGES: Final = ("portal:invoice", "portal:amounts", "backoffice:payment", "backoffice:brand")
_EVERYWHERE: Final = {"forged", "elsewhere"}  # tricks that are tried at each address
_ALL: Final = ("buyer", "link", "clerk", "auditor")


@dataclass(frozen=True)
class Hole:
    """How to open it, and where the intruder looks for it."""

    open: Open
    trick: str = ""  # else the walk finds it
    walls: bool = False


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Have one hole in the product until the block ends."""
    with ExitStack() as stack:

        def put(place: Any, attribute: str, new: Any) -> None:
            stack.enter_context(mock.patch.object(place, attribute, new))

        HOLES[name].open(stack, put)
        yield


def _swap(place: Any, attribute: str, new: Any) -> Open:
    return lambda _stack, put: put(place, attribute, new)


def _setting(**changed: Any) -> Open:
    def open_(stack: ExitStack, _put: Put) -> None:
        stack.enter_context(override_settings(**changed))

    return open_


def _sql(there: str, back: str) -> Open:
    """Change the database as a superuser, and back."""

    def open_(stack: ExitStack, _put: Put) -> None:
        address = os.environ["INTRUDER_ADMIN_URL"]
        admin = stack.enter_context(psycopg.connect(address, autocommit=True))
        admin.execute(there.encode())
        stack.callback(admin.execute, back.encode())

    return open_


def _no_row_security(table: str) -> Open:
    change = f"ALTER TABLE {table} {{}} ROW LEVEL SECURITY"
    return _sql(change.format("DISABLE"), change.format("ENABLE"))


def _header(name: str, value: str = "") -> Open:
    """Have every answer say something else, or nothing, in a header."""
    changed = {each: said for each, said in headers._HEADERS.items() if each != name}
    return _swap(headers, "_HEADERS", changed | ({name: value} if value else {}))


def _no_escape(stack: ExitStack, _put: Put) -> None:
    env = engines["jinja2"].env  # type: ignore[attr-defined]

    def turn(on: bool) -> None:
        env.autoescape = on
        env.cache.clear()

    turn(False)
    stack.callback(turn, True)


def _whole_organization(_stack: ExitStack, put: Put) -> None:
    found = portal.working_for
    put(portal, "working_for", lambda id_, *, actor, **_: found(id_, actor=actor))


def _no_buyer_role(_stack: ExitStack, put: Put) -> None:
    put(portal.Account, "may", property(lambda _: frozenset(BuyerPermission)))


def _any_host(_stack: ExitStack, put: Put) -> None:
    found, seen = hosts.find_organization, []

    def first(host: str) -> Any:
        seen.append(found(host))
        return seen[-1] or next(filter(None, seen), None)

    put(hosts, "find_organization", first)


def _any_address(_stack: ExitStack, put: Put) -> None:
    for place in (frame, begin):
        put(place, "safe_address", lambda address: address)


def _session_of_nobody(_stack: ExitStack, put: Put) -> None:
    def user_of(session: Any, _organization_id: Any) -> User | None:
        user = User.objects.filter(pk=str(session.get("user"))).first()
        if user is not None:
            user.signed_in_until = user.signed_in_at_longest = clock.now()
            user.must_enrol = False
        return user

    put(office, "user_of", user_of)


def _tells_strangers(_stack: ExitStack, put: Put) -> None:
    found = sign_in.password_sign_in

    def asked(email: str, password: str, *, ip: str) -> User | None:
        with reading():
            if not User.objects.filter(email=email).exists():
                raise throttle.TooManyTries(retry_after_seconds=1)
        return found(email, password, ip=ip)

    put(sign_in, "password_sign_in", asked)


HOLES: Final[Mapping[str, Hole]] = {
    "a permission of staff": Hole(_swap(office, "may", lambda who, _: who.is_staff)),
    "staff only": Hole(_swap(office, "may", lambda *_: True)),
    "a buyer's role": Hole(_no_buyer_role),
    "the accounts of a buyer": Hole(_whole_organization),
    "whose checkout a link is for": Hole(_swap(payer, "_made", lambda *_: True)),
    "the wall around invoices": Hole(_no_row_security("receivables_invoice"), walls=True),
    "the wall around people": Hole(_no_row_security("identity_user"), walls=True),
    "the escape of pages": Hole(_no_escape),
    "the secret of forms": Hole(
        _swap(CsrfViewMiddleware, "process_view", lambda *_: None), trick="forged"
    ),
    "where a form is from": Hole(
        _swap(CsrfViewMiddleware, "_origin_verified", lambda *_: True), trick="forged"
    ),
    "nosniff": Hole(_header("X-Content-Type-Options")),
    "no frames": Hole(_header("X-Frame-Options")),
    "the referrer": Hole(_header("Referrer-Policy", "unsafe-url")),
    "the name of the server": Hole(_header("Server", "granian/2.7")),
    "the policy": Hole(_swap(headers, "_POLICY", "script-src 'self' 'unsafe-inline'")),
    "a cookie that scripts read": Hole(_setting(SESSION_COOKIE_HTTPONLY=False), trick="redirects"),
    "a cookie from other sites": Hole(_setting(SESSION_COOKIE_SAMESITE=None), trick="redirects"),
    "where a sign-in leads": Hole(_any_address, trick="redirects"),
    "a token in the log": Hole(
        _swap(log_lines, "_SECRET", re.compile("(never)^")), trick="log_lines"
    ),
    "whose host it is": Hole(_any_host, trick="hosts"),
    "how much is sent": Hole(_swap(bodies, "_size", lambda _: 0), trick="sizes"),
    "how much a machine says": Hole(_swap(webhooks, "BODY_LIMIT", _MANY), trick="sizes"),
    "a formula in a file": Hole(_swap(tables, "harmless", lambda text: text), trick="formulas"),
    "who signed a message": Hole(_swap(sandbox, "_signed_with", lambda *_: True), trick="webhooks"),
    "guesses of passwords": Hole(
        _swap(throttle, "_LIMITS", {"address": _MANY, "network": _MANY}), trick="brakes"
    ),
    "guesses of pay links": Hole(_swap(wrong_tokens, "WRONG_AN_HOUR", _MANY), trick="brakes"),
    "inner addresses in settings": Hole(
        _swap(reach, "_check", lambda *_: None), trick="inner_addresses"
    ),
    "inner addresses by a name": Hole(
        _swap(public, "is_public", lambda _: True), trick="inner_addresses"
    ),
    "a session after signing out": Hole(
        _swap(sign_in, "end_session", lambda _: None), trick="sessions"
    ),
    "who was switched off": Hole(_session_of_nobody, trick="sessions"),
    "who has access here": Hole(_tells_strangers, trick="strangers"),
    "whose script asks": Hole(
        _swap(other_sites, "_is_foreign", lambda *_: False), trick="elsewhere"
    ),
}


def look_for(name: str, seed: int) -> list[str]:
    """Send the intruder where this hole would show; return what was found."""
    from tests.intruder.run import run

    hole = HOLES[name]
    narrow = not hole.trick or hole.trick in _EVERYWHERE
    parts = ["tricks"] if hole.trick else ["walls"] if hole.walls else ["walk"]
    done = run(
        seed, only=_PAGES if narrow else (), methods=("GET", "POST"), parts=parts,
        people=() if hole.trick else _ALL, probes=[hole.trick] if hole.trick else [],
    )  # fmt: skip
    return done.crawl.world.findings.lines()
