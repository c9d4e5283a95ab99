"""Seals and opens secrets; nobody but this room does either."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from quittance.core.errors import Misconfigured

_VERSION = b"\x01"
_NONCE_BYTES = 12


def seal(secret: Mapping[str, str], *, organization_id: UUID, place: str, row_id: UUID) -> bytes:
    """Seal ``secret`` for one place: moved to another row or organization it does not open."""
    nonce = os.urandom(_NONCE_BYTES)
    plain = json.dumps(dict(secret)).encode()
    sealed = AESGCM(_key()).encrypt(nonce, plain, _bound(organization_id, place, row_id))
    return _VERSION + nonce + sealed


def open_sealed(
    sealed: bytes | memoryview, *, organization_id: UUID, place: str, row_id: UUID
) -> dict[str, str]:
    """Open what ``seal`` made for this very place. Raises ``Misconfigured`` otherwise."""
    raw = bytes(sealed)
    bound = _bound(organization_id, place, row_id)
    try:
        if raw[:1] != _VERSION:
            raise ValueError("an unknown version")
        plain = AESGCM(_key()).decrypt(raw[1 : 1 + _NONCE_BYTES], raw[1 + _NONCE_BYTES :], bound)
    except (InvalidTag, ValueError) as error:
        raise Misconfigured(
            "The stored credentials do not open with this QUITTANCE_SEAL_KEY. Nothing was asked"
            " outside. Set the key they were sealed with, or enter the credentials again."
        ) from error
    opened: dict[str, str] = json.loads(plain)
    return opened


def _bound(organization_id: UUID, place: str, row_id: UUID) -> bytes:
    return f"{organization_id}/{place}/{row_id}".encode()


def _key() -> bytes:
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"quittance seal 1")
    return derive.derive(settings.SEAL_KEY.encode())
