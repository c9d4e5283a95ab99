"""The sandbox's words and ours."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from quittance.core.money import Money
from quittance.gateways.base import GatewayPayment, PaymentState, WebhookEvent

STATES: Final = {
    "open": PaymentState.OPEN,
    "processing": PaymentState.PROCESSING,
    "succeeded": PaymentState.SUCCEEDED,
    "failed": PaymentState.FAILED,
    "cancelled": PaymentState.CANCELLED,
}
REASONS: Final = {
    "card_declined": "declined",
    "incorrect_cvc": "declined",
    "too_many_attempts": "declined",
    "insufficient_funds": "insufficient_funds",
    "expired_card": "expired_card",
    "authentication_failed": "authentication_failed",
    "suspected_fraud": "fraud",
    "account_closed": "account_closed",
    "expired": "abandoned",
    "authentication_required": "authentication_required",
    "method_gone": "method_gone",
    "verification_failed": "verification_failed",
    "cancelled": "",  # we asked for it: no reason to tell
}
BRANDS: Final = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "amex": "American Express",
    "card": "Card",
    "bank": "Bank account",
}
_CLOSED: Final = {PaymentState.FAILED, PaymentState.CANCELLED}

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Minor = Annotated[int, msgspec.Meta(gt=0, le=2**63 - 1)]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Instrument(msgspec.Struct, frozen=True):
    """What the payer paid with."""

    brand: str
    last4: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}$")]


class Failure(msgspec.Struct, frozen=True):
    """Why the last attempt failed."""

    code: str
    message: str


class Payment(msgspec.Struct, frozen=True):
    """The sandbox's payment, as far as we read it."""

    id: Text
    reference: Text
    amount_minor: Minor
    currency: Currency
    state: Literal["open", "processing", "succeeded", "failed", "cancelled"]
    url: str | None
    instrument: Instrument | None
    failure: Failure | None
    fee_minor: int | None
    succeeded_at: Moment | None
    waits_for_merchant: bool = False


class Account(msgspec.Struct, frozen=True):
    """The account that a key belongs to."""

    id: Text
    name: Text


class EventData(msgspec.Struct, frozen=True):
    """What an event is about; some are about no payment."""

    payment: str = ""


class Event(msgspec.Struct, frozen=True):
    """A webhook's body."""

    id: Text
    type: Text
    data: EventData


def payment_of(said: Payment) -> GatewayPayment:
    """Translate a payment; amount and currency are what the sandbox said."""
    state = STATES[said.state]
    failure = said.failure if state in _CLOSED else None
    instrument = said.instrument
    fee = None if said.fee_minor is None else Money(said.fee_minor, said.currency)
    return GatewayPayment(
        gateway_object=said.id,
        reference=said.reference,
        state=state,
        amount=Money(said.amount_minor, said.currency),
        redirect_url=(said.url or "") if state == PaymentState.OPEN else "",
        waits_for_us=said.waits_for_merchant,
        method_label=f"{BRANDS.get(instrument.brand, 'Card')} ••{instrument.last4}"
        if instrument
        else "",
        reason=REASONS.get(failure.code, "gateway_fault") if failure else "",
        detail=f"{said.failure.code}: {said.failure.message}" if said.failure else "",
        succeeded_at=said.succeeded_at,
        fee=fee,
    )


def events_of(said: Event) -> list[WebhookEvent]:
    """Translate an event; one that is about no payment becomes none."""
    if not said.data.payment:
        return []
    return [WebhookEvent(event_id=said.id, gateway_object=said.data.payment, kind=said.type)]
