"""PayPal's words and ours: orders, captures, refunds."""

from __future__ import annotations

from typing import Final

from quittance.core.errors import OutsideError
from quittance.core.money import InexactAmount, Money
from quittance.gateways.amounts import from_decimal_text
from quittance.gateways.base import (
    Capabilities,
    GatewayPayment,
    GatewayRefund,
    MinorUnits,
    PaymentState,
    RefundState,
)
from quittance.gateways.paypal.shapes import Amount, Capture, Order, Refund, link_in

FACTS: Final = Capabilities(
    # Source: PayPal, "Currency codes"; BRL, CNY and MYR only inside their own countries.
    currencies=frozenset(
        {
            "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS",
            "JPY", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "TWD", "USD",
        }
    ),
    methods=("wallet",),
    key_lifetime_hours=6,  # of orders; refunds 45 days. Source: the descriptions, PayPal-Request-Id
    settle_seconds=60,
    saved_methods=frozenset({"wallet"}),
    minor_units={"HUF": MinorUnits(digits=0), "JPY": MinorUnits(digits=0),
                 "TWD": MinorUnits(digits=0)},
)  # fmt: skip

# Issues at capture after which the payer may start anew; anything else is raised.
DECLINES: Final = {
    "INSTRUMENT_DECLINED": "declined",
    "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING": "declined",
    "PAYER_CANNOT_PAY": "declined",
    "TRANSACTION_REFUSED": "declined",
    "TRANSACTION_LIMIT_EXCEEDED": "declined",
    "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED": "declined",
    "TRANSACTION_BLOCKED_BY_PAYEE": "fraud",
    "COMPLIANCE_VIOLATION": "fraud",
    "PAYER_ACCOUNT_RESTRICTED": "account_closed",
    "PAYER_ACCOUNT_LOCKED_OR_CLOSED": "account_closed",
    "REFERENCED_CARD_EXPIRED": "expired_card",
    "PAYER_ACTION_REQUIRED": "authentication_required",
    "TOKEN_ID_NOT_FOUND": "method_gone",
    "AGREEMENT_ALREADY_CANCELLED": "method_gone",
    "BILLING_AGREEMENT_NOT_FOUND": "method_gone",
}
CLOSED: Final = "Closed by the seller"  # in the description of an order that we shut
_REFUNDS: Final = {
    "PENDING": RefundState.PENDING,
    "COMPLETED": RefundState.SUCCEEDED,
    "FAILED": RefundState.FAILED,
    "CANCELLED": RefundState.FAILED,
}


def money_of(amount: Amount, lost: type[OutsideError]) -> Money:
    """Read an amount. Raises ``lost`` for one that is none."""
    try:
        return from_decimal_text(amount.value, amount.currency_code)
    except InexactAmount as error:
        raise lost("Its answer has an amount that is none.", value=amount.value[:40]) from error


def payment_of(order: Order, lost: type[OutsideError]) -> GatewayPayment:
    """Translate an order; amount and currency are what PayPal said. Raises ``lost``.

    What was captured counts, not what was ordered.
    """
    unit, taken = order.unit, order.unit.payments.captures
    if taken:
        return of_capture(taken[0], order.id, lost)
    reason, detail, state, waits, url = "", "", PaymentState.OPEN, False, ""
    if order.is_closed:
        said = unit.description.removeprefix(CLOSED).strip(": ")
        reason = DECLINES.get(said, "")
        detail, state = said, PaymentState.FAILED if reason else PaymentState.CANCELLED
    elif order.status == "VOIDED":
        state = PaymentState.CANCELLED
    elif order.status == "COMPLETED":
        raise lost(
            "PayPal says that the order is complete, but not what was captured.", id=order.id
        )
    elif order.waits_for_us:
        waits = True
    else:
        url = link_in(order.links, "payer-action", "approve")
    return GatewayPayment(
        gateway_object=order.id,
        reference=unit.custom_id,
        state=state,
        amount=money_of(unit.amount, lost),
        redirect_url=url,
        waits_for_us=waits,
        reason=reason,
        detail=detail,
    )


def of_capture(said: Capture, gateway_object: str, lost: type[OutsideError]) -> GatewayPayment:
    """Translate a captured payment. Raises ``lost``."""
    fee = said.seller_receivable_breakdown.paypal_fee
    state, reason = PaymentState.SUCCEEDED, ""
    if said.status == "PENDING":
        state = PaymentState.PROCESSING
    elif said.status in {"DECLINED", "FAILED"}:
        state, reason = PaymentState.FAILED, "declined"
    done = state is PaymentState.SUCCEEDED
    return GatewayPayment(
        gateway_object=gateway_object,
        reference=said.custom_id,
        state=state,
        amount=money_of(said.amount, lost),
        method_label="PayPal",
        reason=reason,
        detail="" if done else f"{said.status} {said.status_details.reason}".strip(),
        succeeded_at=(said.create_time or said.update_time) if done else None,
        fee=money_of(fee, lost) if fee and done else None,
    )


def refund_of(
    said: Refund, gateway_object: str, lost: type[OutsideError], *, of: str = ""
) -> GatewayRefund:
    """Translate a refund. Raises ``lost``. ``of`` is the payment's own reference.

    A refund from PayPal's own pages has no id of ours; one that shows the payment's has none of
    its own either.
    """
    state = _REFUNDS[said.status]
    detail = f"{said.status} {said.status_details.reason}".strip()
    return GatewayRefund(
        gateway_refund=said.id,
        gateway_object=gateway_object,
        reference="" if said.custom_id == of else said.custom_id,
        state=state,
        amount=money_of(said.amount, lost),
        detail="" if state is RefundState.SUCCEEDED else detail,
    )
