"""PayPal's words and ours: orders, captures, refunds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

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

# The name of our one purchase unit says what an order is for; those of other shops have others.
PAYS: Final = "quittance"  # the payer approves it on PayPal's page
CHARGES: Final = "quittance-charge"  # we capture it from a saved account
SEALS: Final = "quittance-none"  # it stands where there was none: see ``orders.find``
OURS: Final = {PAYS, CHARGES}

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

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Amount(msgspec.Struct, frozen=True):
    """An amount as PayPal writes it."""

    currency_code: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]
    value: str


class Link(msgspec.Struct, frozen=True):
    """Where to go on."""

    href: str
    rel: str


def link_in(links: Sequence[Link], *rels: str) -> str:
    """Return the address of the first link of one of these kinds; "" when there is none."""
    return next((one.href for one in links if one.rel in rels), "")


class Reason(msgspec.Struct, frozen=True):
    """Why a payment or a refund is not done."""

    reason: str = ""


class Breakdown(msgspec.Struct, frozen=True):
    """What a capture brought."""

    paypal_fee: Amount | None = None


class RelatedIds(msgspec.Struct, frozen=True):
    """What a capture came from."""

    order_id: str = ""


class Related(msgspec.Struct, frozen=True):
    """More about a capture."""

    related_ids: RelatedIds = RelatedIds()


class Capture(msgspec.Struct, frozen=True):
    """A captured payment, as far as we read it."""

    id: Text
    status: Literal["COMPLETED", "DECLINED", "PARTIALLY_REFUNDED", "PENDING", "REFUNDED", "FAILED"]
    amount: Amount
    status_details: Reason = Reason()
    custom_id: str = ""
    create_time: Moment | None = None
    update_time: Moment | None = None
    seller_receivable_breakdown: Breakdown = Breakdown()
    supplementary_data: Related = Related()
    links: list[Link] = msgspec.field(default_factory=list)


class Refund(msgspec.Struct, frozen=True):
    """A refund, as far as we read it."""

    id: Text
    status: Literal["PENDING", "COMPLETED", "FAILED", "CANCELLED"]
    amount: Amount
    status_details: Reason = Reason()
    custom_id: str = ""
    links: list[Link] = msgspec.field(default_factory=list)


class Payments(msgspec.Struct, frozen=True):
    """What was captured of a purchase unit, and sent back."""

    captures: list[Capture] = msgspec.field(default_factory=list)
    refunds: list[Refund] = msgspec.field(default_factory=list)


class Unit(msgspec.Struct, frozen=True):
    """The one purchase unit of an order."""

    amount: Amount
    reference_id: str = ""
    custom_id: str = ""
    description: str = ""
    payments: Payments = Payments()


class Vaulted(msgspec.Struct, frozen=True):
    """What was saved with an order."""

    id: str = ""
    status: str = ""


class Attributes(msgspec.Struct, frozen=True):
    """More about the payer's account."""

    vault: Vaulted = Vaulted()


class Wallet(msgspec.Struct, frozen=True):
    """The payer's account; his name and mail address are not read."""

    attributes: Attributes = Attributes()


class Source(msgspec.Struct, frozen=True):
    """What was paid with."""

    paypal: Wallet = Wallet()


class Order(msgspec.Struct, frozen=True):
    """An order, as far as we read it."""

    id: Text
    status: Literal["CREATED", "SAVED", "APPROVED", "VOIDED", "COMPLETED", "PAYER_ACTION_REQUIRED"]
    intent: Literal["CAPTURE", "AUTHORIZE"]
    purchase_units: Annotated[list[Unit], msgspec.Meta(min_length=1, max_length=1)]
    payment_source: Source = Source()
    create_time: Moment | None = None
    links: list[Link] = msgspec.field(default_factory=list)

    @property
    def unit(self) -> Unit:
        """The one purchase unit."""
        return self.purchase_units[0]

    @property
    def is_closed(self) -> bool:
        """Whether we shut it: PayPal captures no order of the other intent."""
        return self.intent != "CAPTURE" and self.status != "COMPLETED"

    @property
    def waits_for_us(self) -> bool:
        """Whether it is ours, and can be captured: the payer agreed now, or long ago."""
        if self.is_closed or self.unit.reference_id not in OURS:
            return False
        is_charge = self.unit.reference_id == CHARGES
        return self.status == "APPROVED" or (is_charge and self.status == "CREATED")


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
