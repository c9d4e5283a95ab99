"""What GoCardless must be told."""

from __future__ import annotations

import re
from dataclasses import dataclass

from quittance.core.credentials import credential
from quittance.core.errors import Misconfigured
from quittance.core.origins import origin_of


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """One account at GoCardless. Raises ``Misconfigured`` for what cannot be right."""

    address: str = credential(
        "Address",
        "https://api.gocardless.com, or https://api-sandbox.gocardless.com to try it out.",
        address=True,
    )
    access_token: str = credential("Access token", "Developers, then Access tokens.", secret=True)
    webhook_secret: str = credential(
        "Webhook secret",
        "Of the webhook endpoint. While one is being replaced: both, with a space between them.",
        secret=True,
    )

    def __post_init__(self) -> None:
        if origin_of(self.address) is None:
            raise Misconfigured("This is no address.", field="address")
        if not re.fullmatch(r"[!-~]+", self.access_token):  # it goes into a header
            raise Misconfigured("The token has characters no token has.", field="access_token")

    @property
    def webhook_secrets(self) -> list[str]:
        """The secrets of which one must have signed a message."""
        return self.webhook_secret.split()
