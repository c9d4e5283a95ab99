"""What every gateway can do for us, and the values that go in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from quittance.core.money import Money


class PaymentState(StrEnum):
    """What the gateway says of its payment. Each one says who has the next move."""

    OPEN = "open"  # the payer
    PROCESSING = "processing"  # the bank
    SUCCEEDED = "succeeded"  # nobody: the money is ours
    FAILED = "failed"  # nobody: the payer may start a new one
    CANCELLED = "cancelled"  # nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """Facts the checkout and the janitor read. A deed is a protocol, not a flag."""

    currencies: frozenset[str]  # empty means all
    methods: Sequence[str]  # of "card", "bank_debit"
    key_lifetime_hours: int  # how long a repeated key is sure to be answered with the first result
    settle_seconds: int  # how long after a lost send "there is none" may still become untrue


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """What we ask for. ``reference`` is our own id and the idempotency key."""

    reference: str
    amount: Money
    method: str  # one of ``Capabilities.methods``
    description: str  # what the payer's statement and the hosted page may show
    return_url: str
    cancel_url: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayPayment:
    """The gateway's own word on one payment."""

    gateway_object: str
    reference: str
    state: PaymentState
    amount: Money
    redirect_url: str = ""  # where the payer goes on, while ``OPEN``
    method_label: str = ""  # "Visa ••4242"; never more than the last four digits
    reason: str = ""  # a word of ours for why it failed: see ``REASONS``
    detail: str = ""  # the gateway's own words, for the AR team and the log only
    succeeded_at: datetime | None = None
    fee: Money | None = None


# Why a payment failed, in words that all gateways share; the sentence is in ui/sentences.py.
REASONS = frozenset(
    {
        "declined", "insufficient_funds", "expired_card", "authentication_failed", "fraud",
        "account_closed", "abandoned", "gateway_fault",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent:
    """That something happened to a payment; what happened is asked, never read from here."""

    event_id: str
    gateway_object: str
    kind: str


class Gateway(Protocol):
    """One organization's account at one gateway. It raises ``OutsideError`` and nothing else."""

    capabilities: Capabilities

    def check(self) -> str:
        """Ask for something small and return the account's name. Raises ``Misconfigured``."""

    def create_payment(self, request: PaymentRequest) -> GatewayPayment:
        """Make the gateway's object; no money moves before the payer acts.

        Sends ``request.reference`` as the idempotency key. Raises: ``Refused``, ``Misconfigured``,
        ``Unavailable`` (surely not made), ``OutcomeUnknown``.
        """

    def read_payment(self, gateway_object: str) -> GatewayPayment:
        """Return the gateway's payment as it is now."""

    def find_payment(self, reference: str) -> GatewayPayment | None:
        """Look up our own reference; ``None`` means that there surely is none at this moment."""

    def cancel_payment(self, gateway_object: str) -> GatewayPayment:
        """Close an open payment, so that nobody can pay it any more, and return what it is now.

        A payment that succeeded meanwhile comes back ``SUCCEEDED``: that is an answer, no error.
        """

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[WebhookEvent]:
        """Verify the signature on the raw body, then translate. Raises ``Refused`` if forged."""
