"""What PayPal must be told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from quittance.core.credentials import credential
from quittance.core.errors import Misconfigured
from quittance.core.origins import Origin, origin_of

LIVE: Final = "https://api-m.paypal.com"
_OWN: Final = {"api-m.paypal.com", "api.paypal.com"}, {
    "api-m.sandbox.paypal.com", "api.sandbox.paypal.com"
}  # fmt: skip
_KEY: Final = re.compile(r"[!-9;-~]+")  # no colon: it stands between id and secret
_WEBHOOK: Final = re.compile(r"[A-Za-z0-9]{1,50}")
_MOST_LAG: Final = 24 * 60


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """One PayPal business account. Raises ``Misconfigured`` for what cannot be right."""

    client_id: str = credential(
        "Client ID", "From the PayPal developer dashboard: Apps & Credentials, your REST app."
    )
    client_secret: str = credential("Secret", "Beside the client ID.", secret=True)
    webhook_id: str = credential(
        "Webhook ID",
        "Of the webhook that you made for our address, in the same REST app. While one is being"
        " replaced: both, with a space between them.",
    )
    address: str = credential(
        "Address",
        f"{LIVE}, or https://api-m.sandbox.paypal.com for a trial with PayPal's sandbox.",
        default=LIVE,
        rarely=True,
        address=True,
    )
    report_lag: str = credential(
        "Delay of the reports",
        "In minutes. PayPal promises that a transaction is in its report after three hours: 180.",
        default="180",
        rarely=True,
    )

    def __post_init__(self) -> None:
        if origin_of(self.address) is None or urlsplit(self.address).path not in {"", "/"}:
            raise Misconfigured(
                "The address must be http:// or https:// and a host, without a path.",
                field="address",
            )
        for field in ("client_id", "client_secret"):
            if not _KEY.fullmatch(getattr(self, field)):
                raise Misconfigured("It has characters that no key has.", field=field)
        if not self.webhook_ids or not all(map(_WEBHOOK.fullmatch, self.webhook_ids)):
            raise Misconfigured("A webhook ID has letters and digits only.", field="webhook_id")
        if not self.report_lag.isdecimal() or int(self.report_lag) > _MOST_LAG:
            raise Misconfigured(
                "The delay is a number of minutes, a day at most.", field="report_lag"
            )

    @property
    def webhook_ids(self) -> list[str]:
        """The webhooks of which one must have been meant by a message."""
        return self.webhook_id.split()

    @property
    def root(self) -> str:
        """The address without a slash at its end."""
        return self.address.rstrip("/")

    def may_hold_certificates(self, origin: Origin) -> bool:
        """Whether a webhook's certificate may come from there: from PayPal's own API hosts only.

        For any other address, such as that of our sandbox, only that very origin counts.
        """
        own = origin_of(self.address)
        for hosts in _OWN:
            if own is not None and own.host in hosts:
                return origin.scheme == "https" and origin.port == 443 and origin.host in hosts
        return origin == own
