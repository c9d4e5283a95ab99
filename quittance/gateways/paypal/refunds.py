"""Refunds of captured payments: made once, found in their order."""

from __future__ import annotations

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.gateways.base import GatewayRefund, RefundRequest, RefundState
from quittance.gateways.paypal.calls import Calls
from quittance.gateways.paypal.orders import fetch_known, written
from quittance.gateways.paypal.reports import Reports
from quittance.gateways.paypal.shapes import Capture, Refund
from quittance.gateways.paypal.translate import refund_of
from quittance.httpclient.answers import part


def create(calls: Calls, reports: Reports, request: RefundRequest) -> GatewayRefund:
    """Send money back, under our reference as key and as PayPal's custom id.

    It looks first: PayPal answers a known key with what that one made, whatever is asked for now.
    """
    known = find(calls, reports, request.reference, request.gateway_object)
    if known is not None and known.state is not RefundState.FAILED:
        if known.amount != request.amount:
            raise Refused("Its id was used for another amount.", refund=known.gateway_refund)
        return known
    _, captures = fetch_known(calls, request.gateway_object)
    if not captures:
        raise Refused("Nothing was captured of this payment.")
    said = calls.write(
        f"/v2/payments/captures/{part(captures[0].id)}/refund",
        Refund,
        {"amount": written(request.amount), "custom_id": request.reference},
        key=request.reference,
    )
    made = refund_of(said, request.gateway_object, OutcomeUnknown)
    if (made.reference, made.amount) != (request.reference, request.amount):
        raise OutcomeUnknown("It answered about another refund.", refund=made.gateway_refund)
    return made


def read(calls: Calls, reports: Reports, gateway_refund: str) -> GatewayRefund:
    """Return a refund as it is now, with the payment that it was taken from."""
    said = calls.read(f"/v2/payments/refunds/{part(gateway_refund)}", Refund)
    if said.id != gateway_refund:
        raise Unavailable("It answered about another refund.", gateway_refund=said.id)
    capture_id = reports.capture_of_refund(gateway_refund)
    if capture_id is None:
        raise Unavailable("PayPal does not say of which payment.", gateway_refund=said.id)
    capture = calls.read(f"/v2/payments/captures/{part(capture_id)}", Capture)
    return refund_of(said, reports.payment_of(capture_id), Unavailable, of=capture.custom_id)


def find(
    calls: Calls, reports: Reports, reference: str, gateway_object: str
) -> GatewayRefund | None:
    """Look up our own reference. The order shows its refunds as soon as they exist.

    A payment without an order shows none. If nothing of it was refunded, there is none; else the
    report must have the refund with our reference, or we do not know: raises ``Unavailable``.
    """
    order, captures = fetch_known(calls, gateway_object)
    if order is None:
        return _without_order(calls, reports, reference, captures[0])
    found = [
        refund_of(one, gateway_object, Unavailable)
        for one in order.unit.payments.refunds
        if one.custom_id == reference
    ]
    return max(found, key=lambda one: one.state is not RefundState.FAILED, default=None)


def _without_order(
    calls: Calls, reports: Reports, reference: str, capture: Capture
) -> GatewayRefund | None:
    if capture.status == "COMPLETED":
        return None
    if capture.create_time is None:
        raise Unavailable("PayPal does not say when it was captured.", capture=capture.id)
    ours = None
    shown = 0
    for one in reports.whole(capture.create_time):
        if one.paypal_reference_id == capture.id and one.transaction_event_code == "T1107":
            shown += 1
            if one.custom_field == reference:
                ours = read(calls, reports, one.transaction_id)
    if ours is None and not shown:
        raise Unavailable("PayPal's report does not show yet what was refunded.")
    return ours
