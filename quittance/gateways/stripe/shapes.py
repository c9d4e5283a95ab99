"""Stripe's objects, as far as we read them.

A field that may hold another object holds its id, or the whole of it where we ask for that.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{3}$")]
Whole = Annotated[int, msgspec.Meta(ge=1 - 2**63, le=2**63 - 1)]
Last4 = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9]{4}$")]
Metadata = dict[str, str]


class Transaction(msgspec.Struct, frozen=True):
    """A balance transaction without its source."""

    id: Id
    amount: Whole
    fee: Whole
    net: Whole
    currency: Currency
    created: int
    type: str
    reporting_category: str


class CardFacts(msgspec.Struct, frozen=True):
    """A card of a payment method or a charge."""

    brand: str | None = None
    last4: Last4 | None = None
    exp_month: int | None = None
    exp_year: int | None = None
    funding: str | None = None
    fingerprint: str | None = None
    network_transaction_id: str | None = None
    mandate: str | None = None


class BankFacts(msgspec.Struct, frozen=True):
    """A bank account of a payment method or a charge, in the US or in Europe."""

    last4: Last4 | None = None
    bank_name: str | None = None
    bank_code: str | None = None
    account_holder_type: str | None = None
    fingerprint: str | None = None
    mandate: str | None = None


class Details(msgspec.Struct, frozen=True):
    """What was paid with."""

    type: str
    card: CardFacts | None = None
    us_bank_account: BankFacts | None = None
    sepa_debit: BankFacts | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What the network said."""

    network_decline_code: str | None = None
    reason: str | None = None


class Charge(msgspec.Struct, frozen=True):
    """A charge of a payment intent."""

    id: Id
    status: str
    created: int
    payment_intent: str | None = None
    metadata: Metadata = {}
    balance_transaction: Transaction | str | None = None
    failure_balance_transaction: Transaction | str | None = None
    payment_method_details: Details | None = None
    failure_code: str | None = None
    outcome: Outcome | None = None


class Problem(msgspec.Struct, frozen=True):
    """Why the last attempt failed."""

    type: str = ""
    code: str | None = None
    decline_code: str | None = None
    message: str | None = None


class Redirect(msgspec.Struct, frozen=True):
    """Where the payer's bank asks."""

    url: str | None = None


class Deposits(msgspec.Struct, frozen=True):
    """What proves an account."""

    arrival_date: int
    hosted_verification_url: str
    microdeposit_type: str | None = None


class NextAction(msgspec.Struct, frozen=True):
    """What the payer must do."""

    type: str
    redirect_to_url: Redirect | None = None
    verify_with_microdeposits: Deposits | None = None


class Method(msgspec.Struct, frozen=True):
    """A payment method."""

    id: Id
    type: str
    customer: str | None = None
    card: CardFacts | None = None
    us_bank_account: BankFacts | None = None
    sepa_debit: BankFacts | None = None


class Intent(msgspec.Struct, frozen=True):
    """A payment intent."""

    id: Id
    status: str
    amount: Annotated[int, msgspec.Meta(gt=0)]
    currency: Currency
    created: int
    metadata: Metadata = {}
    client_secret: str | None = None
    customer: str | None = None
    setup_future_usage: str | None = None
    latest_charge: Charge | str | None = None
    last_payment_error: Problem | None = None
    next_action: NextAction | None = None
    payment_method: Method | str | None = None


class Mandate(msgspec.Struct, frozen=True):
    """The permission to debit an account."""

    id: Id
    status: str
    type: str
    payment_method: Method | str
    payment_method_details: MandateDetails


class MandateReference(msgspec.Struct, frozen=True):
    """What a mandate is called at the banks."""

    reference: str = ""


class MandateDetails(msgspec.Struct, frozen=True):
    """What a mandate is for."""

    type: str
    sepa_debit: MandateReference | None = None


class Setup(msgspec.Struct, frozen=True):
    """A setup intent."""

    id: Id
    status: str
    created: int
    metadata: Metadata | None = None
    client_secret: str | None = None
    customer: str | None = None
    mandate: Mandate | str | None = None
    payment_method: Method | str | None = None
    last_setup_error: Problem | None = None
    next_action: NextAction | None = None


class Session(msgspec.Struct, frozen=True):
    """A Checkout Session."""

    id: Id
    status: str
    mode: str
    created: int
    expires_at: int
    metadata: Metadata | None = None
    amount_total: int | None = None
    currency: Currency | None = None
    url: str | None = None
    customer: str | None = None
    payment_intent: Intent | str | None = None
    setup_intent: Setup | str | None = None


class Refund(msgspec.Struct, frozen=True):
    """A refund."""

    id: Id
    amount: Annotated[int, msgspec.Meta(gt=0)]
    currency: Currency
    status: str
    created: int
    metadata: Metadata | None = None
    payment_intent: str | None = None
    failure_reason: str | None = None
    balance_transaction: Transaction | str | None = None
    failure_balance_transaction: Transaction | str | None = None


class EvidenceDetails(msgspec.Struct, frozen=True):
    """Until when a dispute may be answered."""

    due_by: int | None = None


class DisputedMethod(msgspec.Struct, frozen=True):
    """What a dispute is about."""

    type: str


class Dispute(msgspec.Struct, frozen=True):
    """A dispute."""

    id: Id
    amount: Whole
    currency: Currency
    status: str
    reason: str
    created: int
    balance_transactions: list[Transaction]
    evidence_details: EvidenceDetails
    payment_intent: str | None = None
    network_reason_code: str | None = None
    payment_method_details: DisputedMethod | None = None


class Entry(Transaction, frozen=True):
    """A balance transaction with its source; what that is, its ``object`` says."""

    source: dict[str, object] | str | None = None


class Payout(msgspec.Struct, frozen=True):
    """A payout."""

    id: Id
    amount: Whole
    currency: Currency
    status: str
    created: int


class Held(msgspec.Struct, frozen=True):
    """What is held of one currency."""

    amount: Whole
    currency: Currency


class Balance(msgspec.Struct, frozen=True):
    """What is held; both together are what the books say."""

    available: list[Held]
    pending: list[Held]


class Dashboard(msgspec.Struct, frozen=True):
    """What people call an account."""

    display_name: str | None = None


class Settings(msgspec.Struct, frozen=True):
    """An account's settings."""

    dashboard: Dashboard | None = None


class Account(msgspec.Struct, frozen=True):
    """The account that a key belongs to."""

    id: Id
    settings: Settings | None = None
    email: str | None = None


class Customer(msgspec.Struct, frozen=True):
    """A customer."""

    id: Id


class EventData(msgspec.Struct, frozen=True):
    """What an event is about."""

    about: dict[str, object] = msgspec.field(name="object")


class Event(msgspec.Struct, frozen=True):
    """A webhook's body."""

    id: Id
    type: Id
    livemode: bool
    data: EventData
    account: str | None = None
