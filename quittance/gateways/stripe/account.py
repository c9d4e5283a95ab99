"""One account at Stripe: how to ask it, and what is true of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

import httpx

from quittance.core.errors import OutsideError, Refused, Unavailable
from quittance.core.money import InexactAmount, Money
from quittance.gateways.amounts import from_whole_number
from quittance.gateways.base import Capabilities, Holder, MinorUnits, Origins, ReturnRule
from quittance.gateways.stripe import shapes
from quittance.gateways.stripe.calls import Calls
from quittance.gateways.stripe.credentials import Credentials

if TYPE_CHECKING:
    from stripe.params.checkout import SessionListParams

REFERENCE: Final = "quittance_reference"  # in the metadata of all that we make
FLOW: Final = "quittance_flow"  # beside it: how the payer pays
HOLDER: Final = "quittance_holder"  # whose account the payer said it is
HOSTED, FIELDS, CHARGE = "checkout", "elements", "charge"
DEBITS: Final = ("us_bank_account", "sepa_debit")
_REMEMBERED: Final = 2000
_REAL: Final = "https://api.stripe.com"

# Where Stripe does not count as ISO 4217 does. Source: docs.stripe.com/currencies [docs]: no
# decimals for MGA; two for ISK and UGX, which must be zero; a last decimal of zero where ISO has
# three. HUF and TWD are charged with two decimals.
_UNITS: Final = {
    "MGA": MinorUnits(digits=0),
    "ISK": MinorUnits(digits=2, step=100),
    "UGX": MinorUnits(digits=2, step=100),
    **{code: MinorUnits(digits=3, step=10) for code in ("BHD", "JOD", "KWD", "OMR", "TND")},
}
_ACH: Final = "Nacha rules as told by features.md, 5.1 (November 2026)"
_SEPA: Final = "SEPA Core as told by features.md, 5.2 (November 2026)"
_RETURNS: Final = (
    ReturnRule(
        method="bank_debit", currency="USD", holder=Holder.BUSINESS, days=5, unauthorized_days=5,
        source=_ACH,
    ),
    ReturnRule(
        method="bank_debit", currency="USD", holder=Holder.PERSONAL, days=5, unauthorized_days=60,
        source=_ACH,
    ),
    ReturnRule(
        method="bank_debit", currency="EUR", days=56, unauthorized_days=396, source=_SEPA
    ),
)  # fmt: skip


def facts_of(credentials: Credentials) -> Capabilities:
    """Return what is true of this account."""
    embeds = bool(credentials.publishable_key)
    return Capabilities(
        currencies=frozenset(),
        methods=("card", "bank_debit"),
        key_lifetime_hours=24,
        settle_seconds=60,
        saved_methods=frozenset({"card", "bank_debit"}),
        embedded_methods=frozenset({"card", "bank_debit"}) if embeds else frozenset(),
        returns=_RETURNS,
        minor_units=_UNITS,
        origins=_origins(credentials) if embeds else Origins(),
    )


def _origins(credentials: Credentials) -> Origins:
    """Source: docs.stripe.com/security/guide, "Content Security Policy" [docs]."""
    script, api = _origin(credentials.script_address), _origin(credentials.address)
    if api == _REAL:
        own = [script, "https://*.js.stripe.com"]
        return Origins(
            script=own,
            frame=[*own, "https://hooks.stripe.com"],
            connect=[api],
            image=["https://*.stripe.com"],
        )
    return Origins(script=[script], frame=[script, api], connect=[api, script])


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass
class Account:
    """What every deed needs. ``sessions`` remembers which Checkout made which intent."""

    credentials: Credentials
    calls: Calls
    facts: Capabilities
    sessions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, credentials: Credentials, client: httpx.Client) -> Account:
        """Return the account of these credentials; nothing is asked yet."""
        return cls(credentials, Calls(credentials, client), facts_of(credentials))

    def money(self, number: int, currency: str, lost: type[OutsideError] = Unavailable) -> Money:
        """Read an amount of Stripe's. Raises ``lost`` for one that we can not hold."""
        try:
            return from_whole_number(number, currency.upper(), self.facts)
        except InexactAmount as error:
            raise lost("Its amount makes no sense.", currency=currency) from error

    def object_of(self, intent: str, metadata: shapes.Metadata | None = None) -> str:
        """Return our id for a payment of Stripe's: the session's that Checkout made, or its own.

        One that Checkout made is asked for by the list, which knows it at once.
        """
        if intent in self.sessions:
            return self.sessions[intent]
        if metadata is None or REFERENCE not in metadata:
            metadata = self.calls.ask(
                shapes.Intent, lambda api: api.v1.payment_intents.retrieve(intent)
            ).metadata
        found = intent
        if metadata.get(FLOW) == HOSTED:
            made = self.calls.all(
                shapes.Session,
                lambda api, page: api.v1.checkout.sessions.list(cast("SessionListParams", page)),
                payment_intent=intent,
            )
            if not made:
                raise Unavailable("It does not show the session of this payment.", intent=intent)
            found = made[0].id
        if len(self.sessions) > _REMEMBERED:
            self.sessions.clear()
        self.sessions[intent] = found
        return found

    def session_of_setup(self, setup: str, customer: str) -> str:
        """Return the Checkout Session that made a setup intent; "" when there is none."""
        made = self.calls.all(
            shapes.Session,
            lambda api, page: api.v1.checkout.sessions.list(cast("SessionListParams", page)),
            customer=customer,
        )
        return next((each.id for each in made if each.setup_intent == setup), "")


def kind_of(method: str, currency: str) -> str:
    """Return Stripe's word for one of our methods. Raises ``Refused`` when there is none."""
    if method == "card":
        return "card"
    kind = {"USD": "us_bank_account", "EUR": "sepa_debit"}.get(currency)
    if method != "bank_debit" or kind is None:
        raise Refused(f"Stripe takes no {method} in {currency}.", method=method, currency=currency)
    return kind


def locale_of(text: str) -> str:
    """Return a language that Checkout speaks; it guesses from the browser for any other."""
    language, _, region = text.replace("_", "-").partition("-")
    whole = f"{language.lower()}-{region.upper()}" if region else language.lower()
    return next((each for each in (whole, language.lower()) if each in _LOCALES), "auto")


# Source: the type of ``locale`` in the SDK's SessionCreateParams.
_LOCALES: Final = frozenset(
    {
        "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr",
        "fr-CA", "hi-IN", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl",
        "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
    }
)  # fmt: skip
