"""Which bytes of an event are hashed, computed a second time: the database does it on its own.

An event's bytes are its fields in the order of ``FIELDS``, each as the length of its UTF-8 bytes in
digits, a colon, the bytes, and a comma (the form of a netstring). What is missing is "". Moments
are UTC with microseconds, as 2026-03-01T09:30:00.000000Z; facts are the text that PostgreSQL gives
for them. The hash of a link is SHA-256 of the hash before it, then these bytes; before the first
come 32 bytes of zero.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

BEFORE_THE_FIRST: Final = bytes(32)
# Of audit_chainlink: place, chained_at and form. All others are of audit_auditevent.
FIELDS: Final = (
    "place", "chained_at", "form", "organization_id", "id", "happened_at", "actor", "on_behalf_of",
    "customer_account_id", "what", "subject_kind", "subject_id", "address", "browser", "request_id",
    "facts",
)  # fmt: skip


def hash_of(before: bytes, fields: Iterable[object]) -> bytes:
    """Return the hash of a link behind the one with the hash ``before``."""
    return hashlib.sha256(before + b"".join(map(_netstring, fields))).digest()


def as_text(value: object) -> str:
    """Return a field as it is hashed, and as it stands in an export."""
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case str() | int() | UUID():
            return str(value)
        case _:
            raise TypeError(type(value).__name__)


def _netstring(value: object) -> bytes:
    told = as_text(value).encode()
    return b"%d:%s," % (len(told), told)
