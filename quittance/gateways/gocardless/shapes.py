"""GoCardless's objects, as far as we read them. What does not fit makes no sense.

Source: the API reference of version 2015-07-06 (developer.gocardless.com) [docs].
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
Minor = Annotated[int, msgspec.Meta(gt=0, le=2**63 - 1)]
Sum = Annotated[int, msgspec.Meta(ge=1 - 2**63, le=2**63 - 1)]  # may be below zero
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
PaymentStatus = Literal[
    "pending_customer_approval", "pending_submission", "submitted", "confirmed", "paid_out",
    "cancelled", "customer_approval_denied", "failed", "charged_back",
]  # fmt: skip
MandateStatus = Literal[
    "pending_customer_approval", "pending_submission", "submitted", "active", "failed",
    "cancelled", "expired", "consumed", "blocked", "suspended_by_payer",
]  # fmt: skip


class Creditor(msgspec.Struct, frozen=True):
    """Whose account it is."""

    id: Text
    name: Text


class RequestLinks(msgspec.Struct, frozen=True):
    """What a billing request led to."""

    customer: str = ""
    mandate_request_mandate: str = ""


class BillingRequest(msgspec.Struct, frozen=True):
    """What the payer is asked for: here always a mandate."""

    id: Text
    status: Literal["pending", "ready_to_fulfil", "fulfilling", "fulfilled", "cancelled"]
    links: RequestLinks
    metadata: dict[str, str] = msgspec.field(default_factory=dict)


class Flow(msgspec.Struct, frozen=True):
    """A link to the pages of a billing request. Each call makes a new one [docs]."""

    authorisation_url: Text


class PaymentLinks(msgspec.Struct, frozen=True):
    """What a payment is taken from."""

    mandate: Text


class Payment(msgspec.Struct, frozen=True):
    """A debit."""

    id: Text
    amount: Minor
    currency: Currency
    status: PaymentStatus
    charge_date: date | None
    links: PaymentLinks
    amount_refunded: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] = 0
    metadata: dict[str, str] = msgspec.field(default_factory=dict)


class MandateLinks(msgspec.Struct, frozen=True):
    """Whose mandate it is, on which account."""

    customer: Text
    customer_bank_account: Text


class Mandate(msgspec.Struct, frozen=True):
    """A permission to debit."""

    id: Text
    reference: str | None
    scheme: Text
    status: MandateStatus
    links: MandateLinks


class BankAccount(msgspec.Struct, frozen=True):
    """The payer's account; of its number the last two to four digits are told [docs]."""

    id: Text
    bank_name: str
    account_number_ending: Annotated[str, msgspec.Meta(pattern="^[0-9]{2,4}$")]


class EventDetails(msgspec.Struct, frozen=True):
    """Why something happened."""

    cause: str = ""
    description: str = ""
    reason_code: str = ""  # of the bank's report, where a bank said it: "ADDACS-3", "ARUDD-0"


class EventLinks(msgspec.Struct, frozen=True):
    """What an event is about."""

    payment: str = ""
    mandate: str = ""
    billing_request: str = ""
    refund: str = ""
    payout: str = ""


class Event(msgspec.Struct, frozen=True):
    """Something that happened, in the API and in a webhook."""

    id: Text
    created_at: Moment
    resource_type: Text
    action: Text
    links: EventLinks
    details: EventDetails = EventDetails()
    resource_metadata: dict[str, str] = msgspec.field(default_factory=dict)


class RefundLinks(msgspec.Struct, frozen=True):
    """What a refund is taken from; one that was made for a mandate alone has no payment."""

    payment: str = ""


class Refund(msgspec.Struct, frozen=True):
    """Money that goes back."""

    id: Text
    amount: Minor
    currency: Currency
    status: Literal[
        "created", "pending_submission", "submitted", "paid", "cancelled", "bounced",
        "funds_returned",
    ]  # fmt: skip
    links: RefundLinks
    metadata: dict[str, str] = msgspec.field(default_factory=dict)


class Payout(msgspec.Struct, frozen=True):
    """What is sent to our bank, after fees."""

    id: Text
    amount: Sum
    currency: Currency
    status: Literal["pending", "paid", "bounced"]
    created_at: Moment
    deducted_fees: Sum  # below zero when fees of what was taken back came back with it


class PayoutItem(msgspec.Struct, frozen=True):
    """One part of a payout. Fees have a decimal place, and the sum is rounded [docs]."""

    type: Text
    amount: Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]{1,18}([.][0-9]{1,4})?$")]
    links: EventLinks


class Balance(msgspec.Struct, frozen=True):
    """One kind of money of one currency that lies there."""

    amount: Sum
    currency: Currency
    balance_type: Text


class Events(msgspec.Struct, frozen=True):
    """A webhook's body."""

    events: list[Event]


class Links(msgspec.Struct, frozen=True):
    """The object that an error names."""

    conflicting_resource_id: str = ""


class Problem(msgspec.Struct, frozen=True):
    """One reason of an error."""

    reason: str = ""
    links: Links = Links()


class Error(msgspec.Struct, frozen=True):
    """The inside of an answer that is no success."""

    errors: list[Problem] = []


class ErrorAnswer(msgspec.Struct, frozen=True):
    """An answer that is no success."""

    error: Error
