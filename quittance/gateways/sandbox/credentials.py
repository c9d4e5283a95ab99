"""What the gateway sandbox must be told."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from quittance.core.credentials import credential
from quittance.core.errors import Misconfigured


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """One account at the sandbox. Raises ``Misconfigured`` for what cannot be right."""

    address: str = credential("Address", "Where the API answers, such as https://gateway.example.")
    api_key: str = credential("API key", "It begins with sk_.", secret=True)
    webhook_secret: str = credential(
        "Webhook secret",
        "It begins with whsec_. While one is being replaced: both, with a space between them.",
        secret=True,
    )

    def __post_init__(self) -> None:
        if not _is_origin(self.address):
            raise Misconfigured(
                "The address must be http:// or https:// and a host, without a path.",
                field="address",
            )
        if not re.fullmatch(r"[!-~]+", self.api_key):
            raise Misconfigured("The API key has characters no key has.", field="api_key")
        if not self.webhook_secrets or not all(map(_is_secret, self.webhook_secrets)):
            raise Misconfigured(
                "A webhook secret is whsec_ followed by base 64.", field="webhook_secret"
            )

    @property
    def webhook_secrets(self) -> list[str]:
        """The secrets of which one must have signed a message."""
        return self.webhook_secret.split()


def _is_origin(address: str) -> bool:
    try:
        parts = urlsplit(address)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_bare = parts.path in {"", "/"} and not parts.query and not parts.fragment
    has_host = bool(parts.hostname) and "@" not in parts.netloc
    is_text = re.fullmatch(r"[!-~]+", address) is not None
    return parts.scheme in {"http", "https"} and has_host and port_is_right and is_bare and is_text


def _is_secret(text: str) -> bool:
    try:
        return text.startswith("whsec_") and bool(base64.b64decode(text[6:], validate=True))
    except ValueError:
        return False
