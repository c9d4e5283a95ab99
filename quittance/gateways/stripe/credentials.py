"""What Stripe's adapter must be told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from quittance.core.credentials import credential
from quittance.core.errors import Misconfigured
from quittance.core.origins import origin_of

_SECRET_KEY: Final = re.compile(r"(?:sk|rk)_(test|live)_[A-Za-z0-9_]+")
_PUBLIC_KEY: Final = re.compile(r"pk_(test|live)_[A-Za-z0-9_]+")
_WEBHOOK_SECRET: Final = re.compile(r"whsec_[A-Za-z0-9+/=_-]+")
_ACCOUNT: Final = re.compile(r"acct_[A-Za-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """One account at Stripe, in its test or its live mode. Raises ``Misconfigured``."""

    api_key: str = credential(
        "Secret key",
        "Developers, API keys: it begins with sk_ (or rk_ for a restricted key).",
        secret=True,
    )
    publishable_key: str = credential(
        "Publishable key",
        "It begins with pk_. Needed to show Stripe's fields on our own page; no secret.",
        optional=True,
    )
    webhook_secret: str = credential(
        "Webhook signing secret",
        "It begins with whsec_. While one is being replaced: both, with a space between them.",
        secret=True,
    )
    account_id: str = credential(
        "Account",
        "Such as acct_1ABC. When it is given, a key or a message of another account is refused.",
        optional=True,
    )
    address: str = credential(
        "API address",
        "Where Stripe's API answers; another one only for a rehearsal.",
        default="https://api.stripe.com",
        rarely=True,
        address=True,
    )
    script_address: str = credential(
        "Script address",
        "Where browsers load Stripe.js from; another one only for a rehearsal.",
        default="https://js.stripe.com/endive/stripe.js",
        rarely=True,
        address=True,
    )

    def __post_init__(self) -> None:
        mode = _matched(_SECRET_KEY, self.api_key, "api_key", "The secret key is not like one.")
        if self.publishable_key:
            told = "The publishable key is not like one."
            other = _matched(_PUBLIC_KEY, self.publishable_key, "publishable_key", told)
            if other[1] != mode[1]:
                raise Misconfigured(
                    "One key is for test mode and the other for live mode.", field="publishable_key"
                )
        if not self.webhook_secrets or not all(
            map(_WEBHOOK_SECRET.fullmatch, self.webhook_secrets)
        ):
            raise Misconfigured("A signing secret begins with whsec_.", field="webhook_secret")
        if self.account_id:
            told = "An account's id begins with acct_."
            _matched(_ACCOUNT, self.account_id, "account_id", told)
        if origin_of(self.address) is None or urlsplit(self.address).path not in {"", "/"}:
            raise Misconfigured(
                "The address must be http:// or https:// and a host, without a path.",
                field="address",
            )
        if origin_of(self.script_address) is None:
            raise Misconfigured("This is no address of a script.", field="script_address")

    @property
    def webhook_secrets(self) -> list[str]:
        """The secrets of which one must have signed a message."""
        return self.webhook_secret.split()

    @property
    def is_live(self) -> bool:
        """Whether real money moves."""
        return "_live_" in self.api_key[:8]


def _matched(pattern: re.Pattern[str], text: str, field: str, told: str) -> re.Match[str]:
    found = pattern.fullmatch(text)
    if found is None:
        raise Misconfigured(told, field=field)
    return found
