"""Form tokens: one form, one browser, one use, half an hour."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from sandbox.gateway.clock import now
from sandbox.gateway.store import Store

FORM_SECONDS: Final = 1800
COOKIE: Final = "sandbox_gateway_visitor"


@dataclass
class BadForm(Exception):
    """A form that can not be taken: ``used``, ``expired`` or ``foreign``."""

    why: str


def issue(store: Store, payment_id: str, visitor: str) -> str:
    """Return a new token for a form of this payment, in the browser with this cookie."""
    token = secrets.token_urlsafe(24)
    store.run("DELETE FROM page_form WHERE issued_at < ?", now() - 86400)
    store.insert(
        "page_form",
        token=token,
        payment_id=payment_id,
        visitor=_hash(visitor),
        issued_at=now(),
    )
    return token


def use(store: Store, token: str, payment_id: str, visitor: str) -> None:
    """Use up a token. Raises ``BadForm``."""
    row = store.one("SELECT * FROM page_form WHERE token = ? AND payment_id = ?", token, payment_id)
    if row is None or row["visitor"] != _hash(visitor):
        raise BadForm("foreign")
    if row["used_at"] is not None:
        raise BadForm("used")
    if row["issued_at"] < now() - FORM_SECONDS:
        raise BadForm("expired")
    store.run("UPDATE page_form SET used_at = ? WHERE token = ?", now(), token)


def new_visitor() -> str:
    """Return the value of a new browser's cookie."""
    return secrets.token_urlsafe(24)


def _hash(visitor: str) -> str:
    return hashlib.sha256(visitor.encode()).hexdigest()
