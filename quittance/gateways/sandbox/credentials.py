"""What the gateway sandbox must be told."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from quittance.core.credentials import credential
from quittance.core.errors import Misconfigured
from quittance.core.origins import origin_of


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """One account at the sandbox. Raises ``Misconfigured`` for what cannot be right."""

    address: str = credential(
        "Address", "Where the API answers, such as https://gateway.example.", address=True
    )
    api_key: str = credential("API key", "It begins with sk_.", secret=True)
    webhook_secret: str = credential(
        "Webhook secret",
        "It begins with whsec_. While one is being replaced: both, with a space between them.",
        secret=True,
    )
    fields_address: str = credential(
        "Address of the fields",
        "Where the script of the embedded fields answers; empty: on the gateway's page only.",
        optional=True,
        address=True,
        rarely=True,
    )

    completion: str = credential(
        "Completion",
        "“ours”: a payment on its page waits for our word after the payer agreed.",
        optional=True,
        rarely=True,
    )

    def __post_init__(self) -> None:
        for field in ("address", "fields_address"):
            address = getattr(self, field)
            if (address or field == "address") and not _is_origin(address):
                raise Misconfigured(
                    "The address must be http:// or https:// and a host, without a path.",
                    field=field,
                )
        if self.completion not in {"", "ours"}:
            raise Misconfigured("This is “ours” or empty.", field="completion")
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
    return origin_of(address) is not None and urlsplit(address).path in {"", "/"}


def _is_secret(text: str) -> bool:
    try:
        return text.startswith("whsec_") and bool(base64.b64decode(text[6:], validate=True))
    except ValueError:
        return False
