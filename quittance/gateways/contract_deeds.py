"""The stage for the contract of the optional deeds: refunds, disputes, the gateway's own books.

Subclass ``RefundContract``, ``DisputeContract`` and ``MovementContract`` as far as the adapter has
their deeds. Whoever gives money back also shows the books: they are how we learn of what we did not
do ourselves.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol
from uuid import uuid4

from quittance.core.money import Money
from quittance.gateways.base import (
    Gateway,
    GatewayDispute,
    GatewayPayment,
    GatewayRefund,
    Movement,
    MovementKind,
    RefundRequest,
    Refunds,
    ReportsDisputes,
    ReportsMovements,
)
from quittance.gateways.contract import Trouble, request_for


class FullGateway(Gateway, Refunds, ReportsDisputes, ReportsMovements, Protocol):
    """A gateway with every deed; a test uses those of its class only."""


class DeedsStage(Protocol):
    """What these tests need: the payer, the banks, the gateway's own clerks, and the trouble."""

    @property
    def gateway(self) -> FullGateway: ...

    def open_unreachable(self) -> FullGateway: ...

    def pay(self, payment: GatewayPayment) -> None:
        """Pay as the payer, so that it succeeds at once; a bank debit too."""

    def trouble(self, kind: Trouble, reference: str) -> None:
        """Prepare trouble for the next call; ``reference`` is the refund's that it will make."""

    def waiting_refunds(self) -> AbstractContextManager[None]:
        """Inside, refunds stay pending until ``decide_refund``."""

    def decide_refund(self, refund: GatewayRefund, *, failed: bool) -> None: ...

    def refund_in_pages(self, payment: GatewayPayment, amount: Money) -> None:
        """Refund as a clerk does in the gateway's own pages."""

    def dispute(self, payment: GatewayPayment, amount: Money) -> None: ...

    def decide_dispute(self, dispute: GatewayDispute, *, won: bool) -> None: ...

    def return_debit(self, payment: GatewayPayment, code: str) -> None: ...

    def pay_out(self) -> None:
        """Pay out all that is held."""

    def fail_payout(self, payout_id: str) -> None: ...


def paid(stage: DeedsStage, *, minor: int = 1000, method: str = "card") -> GatewayPayment:
    """Return a payment that succeeded, by another method if the gateway has not this one."""
    methods = stage.gateway.capabilities.methods
    chosen = method if method in methods else methods[0]
    request = request_for(stage.gateway, minor=minor, method=chosen)
    made = stage.gateway.create_payment(request)
    stage.pay(made)
    return stage.gateway.read_payment(made.gateway_object)


def refund_of(payment: GatewayPayment, minor: int, reference: str = "") -> RefundRequest:
    """Return a request for a part of a payment, under a reference of its own."""
    return RefundRequest(
        reference=reference or f"test-{uuid4()}",
        gateway_object=payment.gateway_object,
        amount=Money(minor, payment.amount.currency),
    )


def part(payment: GatewayPayment, minor: int) -> Money:
    """Return some of a payment's currency."""
    return Money(minor, payment.amount.currency)


def told(movements: list[Movement], *kinds: MovementKind) -> list[tuple[str, int]]:
    """Return what left or came, of these kinds: subjects and gross amounts."""
    return [(one.subject, one.gross.minor) for one in movements if one.kind in kinds]
