"""The sandbox's words for money that goes back and for its own books, and ours."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from quittance.core.errors import Unavailable
from quittance.core.money import Money
from quittance.gateways.base import (
    DisputeState,
    GatewayDispute,
    GatewayPayout,
    GatewayRefund,
    Movement,
    MovementKind,
    RefundState,
)
from quittance.gateways.sandbox.translate import Currency, Failure, Minor, Moment, Text

REFUND_STATES: Final = {
    "pending": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
}
DISPUTE_STATES: Final = {
    "open": DisputeState.OPEN,
    "under_review": DisputeState.UNDER_REVIEW,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}
KINDS: Final = {
    "charge": MovementKind.CHARGE,
    "refund": MovementKind.REFUND,
    "refund_failed": MovementKind.REFUND_FAILED,
    "return": MovementKind.RETURN,
    "dispute": MovementKind.DISPUTE,
    "dispute_won": MovementKind.DISPUTE_WON,
    "fee": MovementKind.FEE,
    "payout": MovementKind.PAYOUT,
}
Sum = Annotated[int, msgspec.Meta(ge=1 - 2**63, le=2**63 - 1)]  # may be below zero


class Refund(msgspec.Struct, frozen=True):
    """The sandbox's refund, as far as we read it."""

    id: Text
    payment: Text
    reference: Text | None
    amount_minor: Minor
    currency: Currency
    state: Literal["pending", "succeeded", "failed"]
    failure: Failure | None


class Dispute(msgspec.Struct, frozen=True):
    """The sandbox's dispute, as far as we read it."""

    id: Text
    payment: Text
    amount_minor: Minor
    currency: Currency
    reason: Text
    state: Literal["open", "under_review", "won", "lost"]
    answer_until: Moment | None


class Entry(msgspec.Struct, frozen=True):
    """One entry of the sandbox's books."""

    id: Text
    kind: Literal[
        "charge", "refund", "refund_failed", "return", "dispute", "dispute_won", "fee", "payout"
    ]
    payment: Text | None
    subject: Text | None
    code: Text | None
    gross_minor: Sum
    fee_minor: Sum
    net_minor: Sum
    currency: Currency
    payout: Text | None
    created_at: Moment


class Payout(msgspec.Struct, frozen=True):
    """The sandbox's payout, as far as we read it."""

    id: Text
    state: Literal["in_transit", "paid", "failed"]
    amount_minor: Sum
    currency: Currency
    created_at: Moment


class Held(msgspec.Struct, frozen=True):
    """What the sandbox holds of one currency."""

    currency: Currency
    amount_minor: Sum


class Balance(msgspec.Struct, frozen=True):
    """What the sandbox holds of every currency."""

    data: list[Held]


def refund_of(said: Refund) -> GatewayRefund:
    """Translate a refund; amount and currency are what the sandbox said."""
    return GatewayRefund(
        gateway_refund=said.id,
        gateway_object=said.payment,
        reference=said.reference or "",
        state=REFUND_STATES[said.state],
        amount=Money(said.amount_minor, said.currency),
        detail=f"{said.failure.code}: {said.failure.message}" if said.failure else "",
    )


def dispute_of(said: Dispute) -> GatewayDispute:
    """Translate a dispute."""
    return GatewayDispute(
        gateway_dispute=said.id,
        gateway_object=said.payment,
        state=DISPUTE_STATES[said.state],
        amount=Money(said.amount_minor, said.currency),
        reason=said.reason,
        answer_until=said.answer_until,
    )


def movement_of(said: Entry) -> Movement:
    """Translate an entry. Raises ``Unavailable`` for one that does not add up."""
    if said.net_minor != said.gross_minor - said.fee_minor:
        raise Unavailable("An entry of its books does not add up.", entry=said.id)
    return Movement(
        movement_id=said.id,
        kind=KINDS[said.kind],
        gateway_object=said.payment or "",
        subject=said.subject or "",
        gross=Money(said.gross_minor, said.currency),
        fee=Money(said.fee_minor, said.currency),
        code=said.code or "",
        happened_at=said.created_at,
    )


def payout_of(said: Payout) -> GatewayPayout:
    """Translate a payout."""
    return GatewayPayout(
        payout_id=said.id,
        state=said.state,
        amount=Money(said.amount_minor, said.currency),
        created_at=said.created_at,
    )


def since(moment: datetime) -> str:
    """Write a moment as the sandbox reads it."""
    return moment.isoformat(timespec="milliseconds")
