"""What is paid or saved in fields on the merchant's page has a token for that one page."""

from __future__ import annotations

import secrets

from sandbox.gateway.errors import missing
from sandbox.gateway.store import Row, Store


def embed(store: Store, kind: str, subject: str) -> None:
    """Give a payment or a saving its token."""
    store.insert("embedded", token=f"emb_{secrets.token_hex(16)}", kind=kind, subject=subject)


def token_of(store: Store, subject: str) -> str | None:
    """Return the token of a payment or a saving; ``None`` when it has a page at the gateway."""
    row = store.one("SELECT token FROM embedded WHERE subject = ?", subject)
    return str(row["token"]) if row is not None else None


def subject_of(store: Store, token: str) -> Row:
    """Return what a token stands for: its ``kind`` and ``subject``. Raises ``ApiError``."""
    row = store.one("SELECT kind, subject FROM embedded WHERE token = ?", token)
    if row is None:
        raise missing("embedded form", "of this token")
    return row
