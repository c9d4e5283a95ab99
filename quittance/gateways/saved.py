"""Methods that a gateway keeps for a payer: saved, verified, renewed, removed, and their mandates.

Numbers never reach us. Of a method we keep the gateway's token and what a person recognizes it by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, runtime_checkable

from quittance.core.money import Money
from quittance.gateways.base import Consent, Holder, Payer


class MandateState(StrEnum):
    """What the gateway says of a permission to debit."""

    PENDING = "pending"  # the bank or the gateway; it may be charged if the gateway takes it
    ACTIVE = "active"  # nobody: it may be charged
    ENDED = "ended"  # the payer: revoked, refused by his bank or lapsed; never charged again


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayMandate:
    """The gateway's own word on a permission to debit a bank account."""

    gateway_mandate: str
    reference: str  # what the payer's statement shows (SEPA's unique mandate reference); or ""
    scheme: str  # of ``SCHEMES``
    state: MandateState
    detail: str = ""  # why it ended, in the gateway's own words, for the AR team and the log only


# Under which rules a bank account is debited: who may return what, and how long, hangs on it.
SCHEMES = frozenset({"ach_ccd", "ach_web", "sepa_core", "sepa_b2b", "bacs", "pad", "becs", "other"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedMethod:
    """A method that the gateway keeps for one payer. No field can hold a whole number."""

    gateway_method: str  # the token; worth nothing outside this gateway account
    gateway_payer: str  # whose it is there; "" where a gateway has no payers
    method: str  # one of ``Capabilities.saved_methods``
    is_usable: bool  # false: removed, or its mandate ended; only the payer can save a new one
    brand: str = ""  # "Visa"; a wallet's name; "" for a bank account
    bank_name: str = ""
    last4: str = ""  # at most four digits; "" for a wallet
    expires_on: date | None = None  # a card's last day
    funding: str = ""  # "credit", "debit" or "prepaid"; "" when not told (a fee may hang on it)
    holder: Holder | None = None
    fingerprint: str = ""  # the gateway's word for the same account, however often it is saved
    initial_reference: str = ""  # the network's id of the payment or check that saved it
    mandate: GatewayMandate | None = None

    @property
    def label(self) -> str:
        """What a person recognizes it by: "Visa ••4242"."""
        name = self.brand or self.bank_name
        return f"{name} ••{self.last4}".strip() if self.last4 else name


class SavingState(StrEnum):
    """What the gateway says of an attempt to save a method."""

    OPEN = "open"  # the payer, on the gateway's page or in its fields
    VERIFYING = "verifying"  # the payer, some days later: see ``VerifiesAccounts``
    SAVED = "saved"  # nobody: it may be charged
    FAILED = "failed"  # nobody: the payer may start a new one
    CANCELLED = "cancelled"  # nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveRequest:
    """What we ask for. ``reference`` is our own id and the idempotency key."""

    reference: str
    payer: Payer
    consent: Consent
    method: str  # one of ``Capabilities.saved_methods``
    currency: str  # in which it will be charged: a bank account's scheme hangs on it
    return_url: str
    cancel_url: str
    locale: str
    embedded: bool = False  # in fields on our page: see ``fields.EmbedsFields``


class Proof(StrEnum):
    """How a payer shows that an account is his: he reads it in his bank's statement."""

    AMOUNTS = "amounts"  # of two small credits
    CODE = "code"  # of six characters, in the description of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a saving in ``VERIFYING`` waits for."""

    proof: Proof
    arrives_on: date | None  # when it should be in the payer's statement
    tries_left: int | None = None  # ``None`` when the gateway does not tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """The gateway's own word on one attempt to save a method. It moves no money of the payer."""

    gateway_saving: str
    reference: str
    state: SavingState
    redirect_url: str = ""  # where the payer goes on, while ``OPEN``; "" in embedded fields
    waits_for_us: bool = False  # ``OPEN``, the payer agreed, and the gateway waits for our word
    verification: Verification | None = None  # while ``VERIFYING``
    saved: SavedMethod | None = None  # once ``SAVED``; while ``VERIFYING`` if it is known already
    reason: str = ""  # a word of ours for why it failed: see ``base.REASONS``
    detail: str = ""  # the gateway's own words, for the AR team and the log only


@runtime_checkable
class SavesMethods(Protocol):
    """An optional deed: a method is kept at the gateway, with the payer's consent.

    A lost answer is asked for again under the same reference: no money moves, so an attempt of
    which nobody knows does no harm and lapses.
    """

    def start_saving(self, request: SaveRequest) -> Saving:
        """Make the gateway's object; nothing is kept before the payer acts there.

        Sends ``request.reference`` as the idempotency key, and makes the payer if he has no
        ``gateway_payer``. Raises: ``Refused``, ``Misconfigured``, ``Unavailable`` (surely not
        made), ``OutcomeUnknown``.
        """

    def read_saving(self, gateway_saving: str) -> Saving:
        """Return the attempt as it is now."""

    def complete_saving(self, gateway_saving: str) -> Saving:
        """Say our word to a saving that ``waits_for_us``; any other is only read.

        Raises as ``start_saving``; the same call may be made again.
        """

    def method_of_payment(self, gateway_object: str) -> SavedMethod | None:
        """Return what was saved with a payment whose request had a ``consent``; or ``None``."""

    def read_method(self, gateway_method: str) -> SavedMethod:
        """Return a method as it is now; one that is gone comes back with ``is_usable`` false.

        Raises ``Refused`` for a token that this account never had, if the gateway can tell.
        """

    def remove_method(self, gateway_method: str) -> None:
        """Have the gateway forget it, and end its mandate. One that is gone already is no error.

        Raises: ``Misconfigured``, ``Unavailable``, ``OutcomeUnknown`` (ask again).
        """


@runtime_checkable
class VerifiesAccounts(Protocol):
    """An optional deed: a bank account is the payer's when he can read its statement.

    A wrong proof is an answer: the saving is still ``VERIFYING``, with one try less, and ``FAILED``
    after the last one. Raises: ``Refused`` when nothing waits for a proof, ``Misconfigured``,
    ``Unavailable``, ``OutcomeUnknown`` (``read_saving`` tells). Never sent twice on a guess.
    """

    def verify_with_amounts(self, gateway_saving: str, first: Money, second: Money) -> Saving:
        """Try the amounts of the two credits, in any order."""

    def verify_with_code(self, gateway_saving: str, code: str) -> Saving:
        """Try the code of the one credit."""


@runtime_checkable
class RenewsCards(Protocol):
    """An optional deed: a card that was extended keeps its token."""

    def change_expiry(self, gateway_method: str, expires_on: date) -> SavedMethod:
        """Set the card's last month, and return it. Raises ``Refused`` for a date that is past."""


@runtime_checkable
class TakesMandates(Protocol):
    """An optional deed: debits of bank accounts need the payer's mandate, and he may end it."""

    def read_mandate(self, gateway_mandate: str) -> GatewayMandate:
        """Return a mandate as it is now."""

    def revoke_mandate(self, gateway_mandate: str) -> GatewayMandate:
        """End it, and return it ``ENDED``, also when it was already. Debits under way go on."""


class MethodNews(StrEnum):
    """What happened to a method; what it is now is asked."""

    SAVING = "saving"  # read the saving: saved, failed, or to be verified
    CHANGED = "changed"  # read the method: the network renewed or replaced the card
    GONE = "gone"  # read the method: removed there, or closed by its bank
    MANDATE = "mandate"  # read the method: its mandate became active, or ended


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodEvent:
    """That something happened to a saving or a method; what happened is asked, never read here."""

    event_id: str
    news: MethodNews
    gateway_saving: str = ""  # for ``SAVING``
    gateway_method: str = ""  # for all others
    kind: str  # the gateway's own word, for the log
    code: str = ""  # the bank's own, where it is told: "C01", "ADDACS-3"


@runtime_checkable
class ReportsMethods(Protocol):
    """An optional deed: the gateway says by itself that a method changed."""

    def read_method_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[MethodEvent]:
        """Verify the signature, then translate what is about methods; leave out all else.

        It gets the same messages as ``Gateway.read_webhook``. Raises ``Refused`` if forged.
        """
