"""Refunds: made once, and found again by our reference.

GoCardless opens them to an account on request only [docs]; before, each is answered by a 403.
"""

from __future__ import annotations

from typing import Final

from quittance.core.errors import OutcomeUnknown, Refused
from quittance.core.money import Money
from quittance.gateways.amounts import whole_number
from quittance.gateways.base import GatewayRefund, RefundRequest, RefundState
from quittance.gateways.gocardless import shapes
from quittance.gateways.gocardless.calls import Calls
from quittance.gateways.gocardless.debits import object_of, taken
from quittance.gateways.gocardless.translate import FACTS, REFERENCE
from quittance.httpclient.answers import part

_ENDED: Final = {
    "paid": RefundState.SUCCEEDED,
    "cancelled": RefundState.FAILED,
    "funds_returned": RefundState.FAILED,
}  # any other is on its way: to the payer, or ("bounced") back to us


def create(calls: Calls, request: RefundRequest) -> GatewayRefund:
    """See ``Refunds.create_refund``.

    The total that will have gone back is said too, so that two who refund at once do not both.
    """
    debit = taken(calls, request.gateway_object)
    amount = whole_number(request.amount, FACTS)
    if amount <= 0 or request.amount.currency != debit.currency:
        raise Refused("A refund is above zero, in the currency of the payment.")
    content = {
        "amount": amount,
        "total_amount_confirmation": debit.amount_refunded + amount,
        "links": {"payment": debit.id},
        "metadata": {REFERENCE: request.reference},
    }
    said = calls.create("refunds", content, shapes.Refund, key=request.reference)
    if said.metadata.get(REFERENCE) != request.reference or said.links.payment != debit.id:
        raise OutcomeUnknown("It answered about another refund.", gateway_refund=said.id)
    if (said.amount, said.currency) != (amount, request.amount.currency):
        raise Refused("This reference was used for another amount.", reference=request.reference)
    return _told(said, request.gateway_object)


def read(calls: Calls, gateway_refund: str) -> GatewayRefund:
    """See ``Refunds.read_refund``."""
    said = calls.read("refunds", f"/refunds/{part(gateway_refund)}", shapes.Refund)
    return _told(said, payment_of(calls, said))


def find(calls: Calls, reference: str, gateway_object: str) -> GatewayRefund | None:
    """See ``Refunds.find_refund``: looks through the refunds of the payment."""
    for said in of_debit(calls, taken(calls, gateway_object)):
        if said.metadata.get(REFERENCE) == reference:
            return _told(said, gateway_object)
    return None


def of_debit(calls: Calls, debit: shapes.Payment) -> list[shapes.Refund]:
    """Return the refunds of a debit."""
    return calls.all("refunds", shapes.Refund, payment=debit.id)


def payment_of(calls: Calls, said: shapes.Refund) -> str:
    """Return the payment that a refund is taken from; "" when it is of none."""
    if not said.links.payment:
        return ""
    path = f"/payments/{part(said.links.payment)}"
    return object_of(calls.read("payments", path, shapes.Payment))


def _told(said: shapes.Refund, gateway_object: str) -> GatewayRefund:
    return GatewayRefund(
        gateway_refund=said.id,
        gateway_object=gateway_object,
        reference=said.metadata.get(REFERENCE, ""),
        state=_ENDED.get(said.status, RefundState.PENDING),
        amount=Money(said.amount, said.currency),
        detail=said.status,
    )
