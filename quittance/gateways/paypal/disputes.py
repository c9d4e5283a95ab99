"""Disputes: what a payer complains of at PayPal or at his bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from quittance.core.errors import Unavailable
from quittance.gateways.base import DisputeState, GatewayDispute
from quittance.gateways.paypal.calls import Calls
from quittance.gateways.paypal.orders import fetch_known
from quittance.gateways.paypal.shapes import Amount, Moment, Text
from quittance.gateways.paypal.translate import money_of
from quittance.httpclient.answers import part

_PATH: Final = "/v1/customer/disputes"
_OPEN: Final = {"OPEN", "WAITING_FOR_SELLER_RESPONSE"}
# Of the outcomes the seller keeps, or gets back, the money.
_WON: Final = {"RESOLVED_SELLER_FAVOUR", "RESOLVED_WITH_PAYOUT", "CANCELED_BY_BUYER", "DENIED"}


class Outcome(msgspec.Struct, frozen=True):
    """How a dispute ended."""

    outcome_code: str = ""


class Dispute(msgspec.Struct, frozen=True):
    """A dispute, as far as we read it; a list shows no outcome."""

    dispute_id: Text
    create_time: Moment
    status: Text
    dispute_amount: Amount
    reason: str = ""
    seller_response_due_date: Moment | None = None
    dispute_outcome: Outcome = Outcome()


class Listed(msgspec.Struct, frozen=True):
    """The disputes of one transaction."""

    items: list[Dispute] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class About:
    """Which dispute a movement of money belongs to."""

    id: str
    reason: str


def of_payment(calls: Calls, gateway_object: str) -> Sequence[GatewayDispute]:
    """Return all disputes of one payment, the oldest first."""
    _, captures = fetch_known(calls, gateway_object)
    found = []
    for capture in captures:
        for listed in _of_capture(calls, capture.id):
            said = calls.read(f"{_PATH}/{part(listed.dispute_id)}", Dispute)
            if said.dispute_id != listed.dispute_id:
                raise Unavailable("It answered about another dispute.", id=said.dispute_id)
            found.append(_told(said, gateway_object))
    return found


def about(calls: Calls, capture_id: str, minor: int) -> About:
    """Return the dispute for which so much was taken; of several the amount decides."""
    every = _of_capture(calls, capture_id)
    fitting = [
        one for one in every if money_of(one.dispute_amount, Unavailable).minor == minor
    ] or every
    if not fitting:
        raise Unavailable("PayPal does not show the dispute of a movement.", capture=capture_id)
    return About(fitting[0].dispute_id, fitting[0].reason)


def _of_capture(calls: Calls, capture_id: str) -> list[Dispute]:
    said = calls.read(_PATH, Listed, disputed_transaction_id=capture_id, page_size="50")
    return sorted(said.items, key=lambda one: (one.create_time, one.dispute_id))


def _told(said: Dispute, gateway_object: str) -> GatewayDispute:
    state = DisputeState.UNDER_REVIEW
    if said.status in _OPEN:
        state = DisputeState.OPEN
    elif said.status == "RESOLVED":
        won = said.dispute_outcome.outcome_code in _WON
        state = DisputeState.WON if won else DisputeState.LOST
    return GatewayDispute(
        gateway_dispute=said.dispute_id,
        gateway_object=gateway_object,
        state=state,
        amount=money_of(said.dispute_amount, Unavailable),
        reason=said.reason,
        answer_until=said.seller_response_due_date if state is DisputeState.OPEN else None,
    )
