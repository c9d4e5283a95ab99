"""Seals secrets for one row of one organization, and opens them there and nowhere else."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
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
    bound = _bound(organization_id, place, row_id)
    sealed = AESGCM(_derived(settings.SEAL_KEY)).encrypt(nonce, plain, bound)
    return _VERSION + nonce + sealed


def open_sealed(
    sealed: bytes | memoryview, *, organization_id: UUID, place: str, row_id: UUID
) -> dict[str, str]:
    """Open what ``seal`` made for this very place. Raises ``Misconfigured`` otherwise.

    While a key is replaced, the one before opens too, so that nobody has to stop for it.
    """
    raw = bytes(sealed)
    bound = _bound(organization_id, place, row_id)
    for key in filter(None, (settings.SEAL_KEY, settings.SEAL_KEY_BEFORE)):
        with suppress(InvalidTag, ValueError):  # sealed with the other key, or never by us
            if raw[:1] == _VERSION:
                opened: dict[str, str] = json.loads(_decrypted(raw[1:], key, bound))
                return opened
    raise Misconfigured(
        "The stored credentials do not open with this QUITTANCE_SEAL_KEY. Nothing was asked"
        " outside. Set the key they were sealed with, or enter the credentials again."
    )


def _decrypted(sealed: bytes, key: str, bound: bytes) -> bytes:
    return AESGCM(_derived(key)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)


def _bound(organization_id: UUID, place: str, row_id: UUID) -> bytes:
    return f"{organization_id}/{place}/{row_id}".encode()


def _derived(key: str) -> bytes:
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"quittance seal 1")
    return derive.derive(key.encode())
