"""What Acme must be told: the back office makes its form of these fields."""

from __future__ import annotations

import re
from dataclasses import dataclass

from quittance.core.credentials import credential
from quittance.core.errors import Misconfigured
from quittance.core.origins import origin_of


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """One account at Acme. Raises ``Misconfigured`` for what cannot be right."""

    address: str = credential("Address", "Where the API answers.", address=True)
    api_key: str = credential("API key", "From Acme's settings.", secret=True)
    webhook_secret: str = credential(
        "Webhook secret",
        "From Acme's settings. While one is being replaced: both, with a space between them.",
        secret=True,
    )

    def __post_init__(self) -> None:
        if origin_of(self.address) is None:
            raise Misconfigured("This is no address.", field="address")
        if not re.fullmatch(r"[!-~]+", self.api_key):  # it goes into a header
            raise Misconfigured("The API key has characters no key has.", field="api_key")

    @property
    def webhook_secrets(self) -> list[str]:
        """The secrets of which one must have signed a message."""
        return self.webhook_secret.split()
