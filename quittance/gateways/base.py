"""What every gateway can do for us, and the values that go in and out.

The port is this file (with ``facts`` and ``consent`` below it, which it hands on) and one file for
each further deed: ``fields`` (the gateway's fields on our page), ``saved`` (methods that are kept),
``charges`` (of such methods), ``transfers`` (instructions for the payer's own bank); ``amounts``
reads and writes a gateway's numbers. Those import this file, an adapter imports this file and the
deeds that it can do, and nobody imports an adapter but the registry.

A deed is a protocol: ``isinstance(gateway, Refunds)`` asks whether there is one. Every state says
who has the next move, and every call ends in a value or in one of four errors that say what to do
next: ``Refused`` (tell the person), ``Misconfigured`` (tell the AR team), ``Unavailable`` (surely
nothing was done: ask again), ``OutcomeUnknown`` (look before you ask again).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from quittance.core.money import Money
from quittance.gateways.consent import Agreement, Consent, Holder, Payer
from quittance.gateways.facts import METHODS, Capabilities, MinorUnits, Origins, ReturnRule

__all__ = [  # with what this file hands on
    "METHODS", "REASONS", "Account", "Agreement", "Capabilities", "CompletesPayments", "Consent",
    "DisputeState", "Gateway", "GatewayDispute", "GatewayPayment", "GatewayPayout", "GatewayRefund",
    "Holder", "MinorUnits", "Movement", "MovementKind", "MovementPage", "Origins", "Payer",
    "PaymentRequest", "PaymentState", "RefundRequest", "RefundState", "Refunds", "ReportsDisputes",
    "ReportsMovements", "ReturnRule", "WebhookEvent",
]  # fmt: skip


class PaymentState(StrEnum):
    """What the gateway says of its payment. Each one says who has the next move."""

    OPEN = "open"  # the payer; we, when ``GatewayPayment.waits_for_us``
    PROCESSING = "processing"  # the bank
    SUCCEEDED = "succeeded"  # nobody: the money is ours
    FAILED = "failed"  # nobody: the payer may start a new one
    CANCELLED = "cancelled"  # nobody


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
    embedded: bool = False  # pay in fields on our page: see ``fields.EmbedsFields``
    payer: Payer | None = None  # needed to save
    consent: Consent | None = None  # also save what he pays with: see ``saved.SavesMethods``


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayPayment:
    """The gateway's own word on one payment."""

    gateway_object: str
    reference: str
    state: PaymentState
    amount: Money
    redirect_url: str = ""  # where the payer goes on, while ``OPEN``; "" in embedded fields
    waits_for_us: bool = False  # ``OPEN``, the payer agreed, and nothing moves before our word
    method_label: str = ""  # "Visa ••4242"; never more than the last four digits
    reason: str = ""  # a word of ours for why it failed: see ``REASONS``
    detail: str = ""  # the gateway's own words, for the AR team and the log only
    succeeded_at: datetime | None = None
    fee: Money | None = None

    def without_our_word(self) -> GatewayPayment:
        """Return what it is when we never say our word: ``CANCELLED``, if only that is missing."""
        if not self.waits_for_us:
            return self
        return replace(self, state=PaymentState.CANCELLED, redirect_url="", waits_for_us=False)


# Why a payment failed, in words that all gateways share; the sentence is in ui/sentences.py.
REASONS = frozenset(
    {
        "declined", "insufficient_funds", "expired_card", "authentication_failed", "fraud",
        "account_closed", "abandoned", "gateway_fault", "authentication_required", "method_gone",
        "verification_failed",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent:
    """That something happened to a payment; what happened is asked, never read from here."""

    event_id: str
    gateway_object: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account at the gateway that a key belongs to; a new key of it leaves ``id`` as it is."""

    id: str
    name: str


class Gateway(Protocol):
    """One organization's account at one gateway. It raises ``OutsideError`` and nothing else."""

    capabilities: Capabilities

    def check(self) -> Account:
        """Ask for something small and return whose key it is. Raises ``Misconfigured``."""

    def create_payment(self, request: PaymentRequest) -> GatewayPayment:
        """Make the gateway's object; no money moves before the payer acts, on the gateway's page.

        Sends ``request.reference`` as the idempotency key. Raises: ``Refused``, ``Misconfigured``,
        ``Unavailable`` (surely not made), ``OutcomeUnknown``.
        """

    def read_payment(self, gateway_object: str) -> GatewayPayment:
        """Return the gateway's payment as it is now."""

    def find_payment(self, reference: str) -> GatewayPayment | None:
        """Look up our own reference; ``None`` means that there surely is none at this moment."""

    def cancel_payment(self, gateway_object: str) -> GatewayPayment:
        """Close an open payment, so that nobody can pay it any more, and return what it is now.

        A payment that succeeded meanwhile comes back ``SUCCEEDED``: that is an answer, no error. So
        is ``CANCELLED`` for one that waits for our word only, also where the gateway closes none:
        we say no word to what we gave up. ``read_payment`` may go on to say ``OPEN`` there.
        """

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[WebhookEvent]:
        """Verify the signature on the raw body, then translate. Raises ``Refused`` if forged.

        Events about anything but payments are left out: see ``saved.ReportsMethods``.
        """


@runtime_checkable
class CompletesPayments(Protocol):
    """An optional deed: after the payer agreed, the gateway waits for our word to take the money.

    So its object exists, and we know its id, before anything moves: an answer that was lost is
    always found by ``read_payment``. A payment that we gave up is never completed, and lapses.
    """

    def complete_payment(self, gateway_object: str) -> GatewayPayment:
        """Take the money of a payment that ``waits_for_us``; it is taken once, however often asked.

        A decline is an answer. One that waits for nobody is left alone: what it is, is returned.
        Raises: ``Refused``, ``Misconfigured``, ``Unavailable`` (surely not taken),
        ``OutcomeUnknown`` (``read_payment`` says what became of it).
        """


class RefundState(StrEnum):
    """What the gateway says of a refund."""

    PENDING = "pending"  # the gateway or the bank: it is on its way
    SUCCEEDED = "succeeded"  # nobody: the money left us; a bank may still send it back: FAILED
    FAILED = "failed"  # nobody: the money is still ours, or ours again


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """What shall go back. ``reference`` is our own id and the idempotency key."""

    reference: str
    gateway_object: str  # the payment that it is taken from
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRefund:
    """The gateway's own word on one refund."""

    gateway_refund: str
    gateway_object: str
    reference: str  # "" for one that was made in the gateway's own pages
    state: RefundState
    amount: Money
    detail: str = ""  # the gateway's own words, for the AR team and the log only


@runtime_checkable
class Refunds(Protocol):
    """An optional deed: money goes back to the payer, in part or whole."""

    def create_refund(self, request: RefundRequest) -> GatewayRefund:
        """Send money back. Sends ``request.reference`` as the idempotency key.

        Raises: ``Refused`` (surely not made: the gateway's own words), ``Misconfigured``,
        ``Unavailable`` (surely not made), ``OutcomeUnknown``.
        """

    def read_refund(self, gateway_refund: str) -> GatewayRefund:
        """Return the gateway's refund as it is now."""

    def find_refund(self, reference: str, *, gateway_object: str) -> GatewayRefund | None:
        """Look up our own reference; ``None`` means that there surely is none at this moment."""


class DisputeState(StrEnum):
    """What the gateway says of a dispute."""

    OPEN = "open"  # we: answer with evidence, or accept
    UNDER_REVIEW = "under_review"  # the payer's bank
    WON = "won"  # nobody: the money came back
    LOST = "lost"  # nobody: the money is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayDispute:
    """The gateway's own word on one dispute."""

    gateway_dispute: str
    gateway_object: str
    state: DisputeState
    amount: Money
    reason: str  # the bank's, in the gateway's words
    answer_until: datetime | None


@runtime_checkable
class ReportsDisputes(Protocol):
    """An optional deed: the payer's bank may ask the money back, and be answered."""

    def disputes_of(self, gateway_object: str) -> Sequence[GatewayDispute]:
        """Return all disputes of one payment as they are now, the oldest first."""


class MovementKind(StrEnum):
    """Why the gateway's balance moved."""

    CHARGE = "charge"  # a payment came in
    REFUND = "refund"  # by us, or in the gateway's own pages
    REFUND_FAILED = "refund_failed"  # a refund came back
    RETURN = "return"  # the payer's bank took a debit back
    DISPUTE = "dispute"  # the payer's bank took it for the time of a dispute
    DISPUTE_WON = "dispute_won"  # and gave it back; or gave a return back
    FEE = "fee"  # the gateway's own charge that belongs to no other movement
    PAYOUT = "payout"  # to our bank; below zero when it is paid out


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One entry in the gateway's own books. Above zero comes to us, below zero leaves us."""

    movement_id: str
    kind: MovementKind
    gateway_object: str  # the payment; "" when it belongs to none
    # The refund, dispute or payout; "" for a charge, a return and a fee. Where a return is given
    # back: the return's own entry.
    subject: str
    gross: Money  # zero for a fee
    fee: Money  # what the gateway kept of it: above zero is its own
    code: str  # why: a return's code, a dispute's reason; "" otherwise
    happened_at: datetime

    @property
    def net(self) -> Money:
        """What the balance moved by."""
        return self.gross - self.fee


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementPage:
    """Some movements in the order of the books. Keep ``cursor`` only together with them."""

    movements: Sequence[Movement]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayPayout:
    """Money that the gateway sent to our bank; negative: that it took from there."""

    payout_id: str
    state: str  # "in_transit", "paid" or "failed"
    amount: Money
    created_at: datetime


@runtime_checkable
class ReportsMovements(Protocol):
    """An optional deed: the gateway's own books, entry by entry. What they say is the truth."""

    def movements(self, cursor: str) -> MovementPage:
        """Return the movements after ``cursor``, the earliest first; "" means from the start."""

    def movements_of(self, gateway_object: str) -> Sequence[Movement]:
        """Return every movement of one payment, the earliest first."""

    def payouts(self) -> Sequence[GatewayPayout]:
        """Return the payouts of the last 60 days, the oldest first."""

    def movements_in(self, payout_id: str) -> Sequence[Movement]:
        """Return the movements that one payout pays out, without the payout itself."""

    def balances(self) -> Mapping[str, Money]:
        """Return, for each currency, what the gateway holds for us and has not paid out.

        A currency is left out while that can not be compared with the movements: where a gateway
        tells its fees with the payout, until everything was paid out.
        """
