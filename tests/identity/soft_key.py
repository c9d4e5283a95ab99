"""A passkey of the tests: signs as a phone does, and lies when it is told to."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

_UP, _UV, _AT = 0x01, 0x04, 0x40


@dataclass
class SoftKey:
    """One key pair of one host."""

    host: str = "pay.example"
    origin: str = "https://pay.example"
    verifies: bool = True  # that it is its person
    count: int = 0
    counts: bool = True
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    handle: str = ""

    def made(self, options: str) -> str:
        """Answer a wish for a new passkey."""
        asked = json.loads(options)
        self.handle = asked["user"]["id"]
        numbers = self.private.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        attested = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id
        data = self._data(_AT) + attested + cbor2.dumps(key)
        answer = {
            "clientDataJSON": self._client("webauthn.create", asked),
            "attestationObject": bytes_to_base64url(
                cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
            ),
        }
        return self._answer(answer)

    def used(self, options: str) -> str:
        """Sign a challenge."""
        asked = json.loads(options)
        client = self._client("webauthn.get", asked)
        self.count += self.counts
        data = self._data(0)
        signed = data + hashlib.sha256(base64url_to_bytes(client)).digest()
        answer = {
            "clientDataJSON": client,
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(self.private.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": self.handle,
        }
        return self._answer(answer)

    def _client(self, act: str, asked: dict[str, Any]) -> str:
        said = {"type": act, "challenge": asked["challenge"], "origin": self.origin}
        return bytes_to_base64url(json.dumps(said).encode())

    def _data(self, more: int) -> bytes:
        flags = _UP | (_UV if self.verifies else 0) | more
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _answer(self, response: dict[str, Any]) -> str:
        name = bytes_to_base64url(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
