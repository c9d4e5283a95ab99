"""What is true of one account at one gateway, whoever pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from quittance.gateways.consent import Holder

# The ways to pay: with a card, by a debit of a bank account, from an account at the gateway, by the
# payer's own bank. One word for each, at every gateway.
METHODS: Final = frozenset({"card", "bank_debit", "wallet", "transfer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRule:
    """How long the payer's bank may take a payment of one method back, after it succeeded."""

    method: str
    currency: str = ""  # "" for every one
    holder: Holder | None = None  # ``None`` for both
    days: int  # calendar days: no money, closed account; with SEPA Core without any reason
    unauthorized_days: int  # calendar days, when the payer says that he never agreed
    source: str  # whose rule, and of when: it is data, and grows old


@dataclass(frozen=True, slots=True, kw_only=True)
class MinorUnits:
    """How a gateway counts one currency, where that is not ISO 4217's way. See ``amounts``."""

    digits: int  # decimals of the number on the wire
    step: int = 1  # what that number, without its point, must be a multiple of


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Where embedded fields load from and talk to, for the page's policy: scheme and host only."""

    script: Sequence[str] = ()
    frame: Sequence[str] = ()
    connect: Sequence[str] = ()
    image: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """Facts the checkout and the janitor read. A deed is a protocol, not a flag."""

    currencies: frozenset[str]  # empty means all
    methods: Sequence[str]  # of ``METHODS``, in the order in which to offer them
    key_lifetime_hours: int  # how long a repeated key is sure to be answered with the first result
    settle_seconds: int  # how long after a lost send "there is none" may still become untrue
    saved_methods: frozenset[str] = frozenset()  # those that can be saved and charged later
    embedded_methods: frozenset[str] = frozenset()  # those whose fields can stand on our page
    returns: Sequence[ReturnRule] = ()  # a method that is absent is never taken back, but disputed
    minor_units: Mapping[str, MinorUnits] = field(default_factory=dict)  # absent: as ISO 4217
    origins: Origins = Origins()  # empty when nothing is embedded

    def return_rule(
        self, method: str, currency: str, holder: Holder | None = None
    ) -> ReturnRule | None:
        """Return the rule for one payment, the longest when it is not known whose account it is."""
        fitting = [
            rule
            for rule in self.returns
            if rule.method == method
            and rule.currency in {"", currency}
            and (holder is None or rule.holder in {None, holder})
        ]
        return max(fitting, key=lambda rule: rule.unauthorized_days, default=None)
