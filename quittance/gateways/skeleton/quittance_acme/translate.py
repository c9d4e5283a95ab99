"""Acme's words and ours."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from quittance.gateways.amounts import from_whole_number
from quittance.gateways.base import Capabilities, GatewayPayment, PaymentState, WebhookEvent

FACTS: Final = Capabilities(
    currencies=frozenset({"EUR", "JPY", "USD"}),  # empty: all
    methods=("card",),  # of METHODS in quittance/gateways/facts.py
    key_lifetime_hours=24,  # how long Acme answers a repeated key with the first result
    settle_seconds=30,  # how long after a lost send "none" may still become untrue
)
STATES: Final = {
    "open": PaymentState.OPEN,
    "paid": PaymentState.SUCCEEDED,
    "failed": PaymentState.FAILED,
    "cancelled": PaymentState.CANCELLED,
}
REASONS: Final = {"card_declined": "declined", "no_funds": "insufficient_funds"}

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class Payment(msgspec.Struct, frozen=True):
    """Acme's payment, as far as we read it. What does not fit this shape makes no sense."""

    id: Text
    reference: Text
    amount: Annotated[int, msgspec.Meta(gt=0, le=2**63 - 1)]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    state: Literal["open", "paid", "failed", "cancelled"]
    url: str | None
    card: Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$")] | None  # its last four digits
    failure: str | None
    paid_at: Annotated[datetime, msgspec.Meta(tz=True)] | None


class Payments(msgspec.Struct, frozen=True):
    """Those of one reference."""

    payments: list[Payment]


class Account(msgspec.Struct, frozen=True):
    """Whose key it is."""

    id: Text
    name: Text


class Event(msgspec.Struct, frozen=True):
    """A webhook's body."""

    id: Text
    type: Text
    payment: str = ""


def payment_of(said: Payment) -> GatewayPayment:
    """Translate a payment; amount and currency are what Acme said. Raises ``InexactAmount``."""
    state = STATES[said.state]
    return GatewayPayment(
        gateway_object=said.id,
        reference=said.reference,
        state=state,
        amount=from_whole_number(said.amount, said.currency, FACTS),
        redirect_url=(said.url or "") if state is PaymentState.OPEN else "",
        method_label=f"Card ••{said.card}" if said.card else "",
        reason=REASONS.get(said.failure or "", "gateway_fault")
        if state is PaymentState.FAILED
        else "",
        detail=said.failure or "",
        succeeded_at=said.paid_at,
    )


def events_of(said: Event) -> list[WebhookEvent]:
    """Translate an event; one that is about no payment becomes none."""
    if not said.payment:
        return []
    return [WebhookEvent(event_id=said.id, gateway_object=said.payment, kind=said.type)]
