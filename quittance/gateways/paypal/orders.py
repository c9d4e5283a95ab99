"""Orders: made, found again, captured once, shut for good."""

from __future__ import annotations

import base64
import hashlib
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways.amounts import decimal_text
from quittance.gateways.base import GatewayPayment, Payer, PaymentRequest, PaymentState
from quittance.gateways.paypal.calls import Calls, is_unknown, issue_of, later
from quittance.gateways.paypal.reports import Reports
from quittance.gateways.paypal.shapes import CHARGES, PAYS, SEALS, Capture, Order
from quittance.gateways.paypal.translate import CLOSED, DECLINES, FACTS, of_capture, payment_of
from quittance.httpclient.answers import part

_PATH: Final = "/v2/checkout/orders"
_SEARCH_DAYS: Final = 31  # in which a charge is looked for in the reports
_USED: Final = "DUPLICATE_REQUEST_ID"  # seen by others at PayPal's older API
_MOVED_ON: Final = {"ORDER_ALREADY_CAPTURED", "ORDER_NOT_APPROVED", "ACTION_DOES_NOT_MATCH_INTENT"}
# Source: PayPal, "Locale codes"; without one PayPal asks the payer's browser.
_LOCALE: Final = re.compile(r"[a-z]{2}-[A-Z]{2}")


def create(calls: Calls, request: PaymentRequest) -> GatewayPayment:
    """Make an order for the payer to approve; ``request.reference`` is key, id and invoice id.

    An answer for another amount is that of an earlier request: no money moves by it.
    """
    wallet: dict[str, Any] = {"experience_context": _context(request)}
    if request.consent is not None:
        wallet["attributes"] = _saving(request.payer)
    return _made(calls, request.reference, request.amount, {
        "intent": "CAPTURE",
        "purchase_units": [unit(PAYS, request.reference, request.amount, request.description)],
        "payment_source": {"paypal": wallet},
    })  # fmt: skip


def prepare(calls: Calls, reference: str, amount: Money, description: str) -> GatewayPayment:
    """Make an order for a charge of a saved account; nothing moves before it is captured."""
    return _made(calls, reference, amount, {
        "intent": "CAPTURE",
        "purchase_units": [unit(CHARGES, reference, amount, description)],
    })  # fmt: skip


def unit(name: str, reference: str, amount: Money, description: str) -> dict[str, Any]:
    """Return our one purchase unit. The invoice id makes PayPal refuse a second payment of it."""
    return {
        "reference_id": name,
        "custom_id": reference,
        "invoice_id": reference,
        "description": description[:127] or reference,
        "amount": written(amount),
    }


def written(amount: Money) -> dict[str, str]:
    """Write an amount. Raises ``Refused`` for one that PayPal can not take exactly."""
    if amount.minor <= 0:
        raise Refused("The amount must be above zero.")
    return {"currency_code": amount.currency, "value": decimal_text(amount, FACTS)}


def _made(calls: Calls, reference: str, amount: Money, content: dict[str, Any]) -> GatewayPayment:
    order = calls.write(_PATH, Order, content, key=reference)
    if order.unit.custom_id != reference:
        raise OutcomeUnknown("It answered about another payment.", gateway_object=order.id)
    if order.unit.reference_id == SEALS:
        raise Refused("We said before that there is no such payment.", gateway_object=order.id)
    made = payment_of(order, OutcomeUnknown)
    if made.amount != amount:
        raise Refused("Its id was used for another amount.", gateway_object=order.id)
    return made


def read(calls: Calls, gateway_object: str) -> GatewayPayment:
    """Return an order as it is now; or a payment without one, by the id of its capture."""
    return _known(calls, gateway_object)[1]


def cancel(calls: Calls, gateway_object: str) -> GatewayPayment:
    """Shut what is still open, approved or not, and return what it is now."""
    order, told = _known(calls, gateway_object)
    if order is None or told.state is not PaymentState.OPEN:
        return told
    return close(calls, order)


def complete(calls: Calls, gateway_object: str) -> GatewayPayment:
    """Take the money that the payer agreed to; leave alone what does not wait for that."""
    order = fetch(calls, gateway_object)
    if order.status != "APPROVED" or not order.waits_for_us:
        return payment_of(order, Unavailable)
    return capture(calls, order)


def _known(calls: Calls, gateway_object: str) -> tuple[Order | None, GatewayPayment]:
    order, captures = fetch_known(calls, gateway_object)
    if order is None:
        return None, of_capture(captures[0], gateway_object, Unavailable)
    return order, payment_of(order, Unavailable)


def fetch(calls: Calls, order_id: str) -> Order:
    """Return an order. Raises ``Refused`` for one that PayPal does not know, or has forgotten."""
    return _the(order_id, calls.read(f"{_PATH}/{part(order_id)}", Order))


def fetch_known(calls: Calls, gateway_object: str) -> tuple[Order | None, list[Capture]]:
    """Return a payment's order, if it has one, and what was captured."""
    order = calls.find(f"{_PATH}/{part(gateway_object)}", Order)
    if order is None:
        return None, [calls.read(f"/v2/payments/captures/{part(gateway_object)}", Capture)]
    return order, _the(gateway_object, order).unit.payments.captures


def _the(order_id: str, order: Order) -> Order:
    if order.id != order_id:
        raise Unavailable("It answered about another payment.", gateway_object=order.id)
    return order


def find(calls: Calls, reports: Reports, reference: str) -> GatewayPayment | None:
    """Look up our own reference; ``None`` is sure.

    PayPal can not search orders. What it promises is this: a request under a known
    PayPal-Request-Id makes nothing and shows what the first one made, for six hours. So we ask for
    an order again under the same id: for one that nobody can pay, of the other intent and with a
    name of its own.

    * PayPal shows ours: that is the payment.
    * PayPal shows that other one: there was none, and there will be none. A first request that
      still is on its way comes too late, for its id is taken.
    * The id was forgotten, because more than six hours went by. Then the first order may exist, and
      can do no harm: to approve it one needs its address, to capture it one needs its id, and both
      were in the answer that was lost. PayPal forgets it after some hours.

    One case is left: that we knew the id and forgot it, with a database from before. Then what was
    captured stands in the report, as soon as that is there, and is looked for.

    Of a request with another content PayPal's documentation does not speak. Where it says that the
    id was used, and does not show for what, that first order is one of which nobody knows: none.
    """
    order = _asked_again(calls, reference)
    if order is not None and order.unit.reference_id != SEALS:
        return payment_of(order, Unavailable)
    start = datetime.now(UTC) - timedelta(days=_SEARCH_DAYS)
    for one in reports.whole(start):
        if one.custom_field == reference and one.is_income:
            return read(calls, reports.payment_of(one.transaction_id))
    return None


def _asked_again(calls: Calls, reference: str) -> Order | None:
    """Return what stands under our id, now for sure; ``None`` when PayPal does not show it."""
    try:
        order = calls.write(_PATH, Order, _nobody_pays(reference), key=reference)
    except OutcomeUnknown as error:
        raise later(error) from error
    except Refused as error:
        if is_unknown(error) or issue_of(error) == _USED:
            return None
        raise Unavailable("PayPal does not show what it has.", said=str(error)) from error
    if order.unit.custom_id != reference:
        raise Unavailable("It answered about another payment.", reference=reference)
    return order


def _nobody_pays(reference: str) -> dict[str, Any]:
    none = {
        "reference_id": SEALS,
        "custom_id": reference,
        "description": "Nothing is to be paid",
        "amount": {"currency_code": "USD", "value": "1.00"},
    }
    return {"intent": "AUTHORIZE", "purchase_units": [none]}


def capture(
    calls: Calls,
    order: Order,
    source: dict[str, Any] | None = None,
    *,
    payer_is_there: bool = False,
) -> GatewayPayment:
    """Take the money of an order that waits for us.

    An order is captured once, whatever is asked: that is PayPal's own rule, not one of keys. A
    decline is an answer, and shuts the order, so that the payer starts anew. One who is there is
    led to PayPal when it asks for him.
    """
    content = {"payment_source": source} if source else {}
    key = f"{order.unit.custom_id}:capture"
    try:
        done = calls.write(f"{_PATH}/{order.id}/capture", Order, content, key=key)
    except Refused as error:
        issue = issue_of(error)
        if issue == "PAYER_ACTION_REQUIRED" and payer_is_there:
            return read(calls, order.id)
        if issue in DECLINES:
            return close(calls, order, why=issue)
        if issue in _MOVED_ON:
            return read(calls, order.id)
        if issue == "DUPLICATE_INVOICE_ID":
            raise OutcomeUnknown("PayPal took this payment before, by another order.") from error
        raise
    if done.id != order.id:
        raise OutcomeUnknown("It answered about another payment.", gateway_object=done.id)
    return payment_of(done, OutcomeUnknown)


def close(calls: Calls, order: Order, *, why: str = "") -> GatewayPayment:
    """Shut an order: nobody can capture it any more, whatever the payer does.

    PayPal cancels no order, but it captures only what was made to be captured: so its intent is
    changed, and why is kept in the description. Should PayPal refuse the change, the order is over
    all the same, for it is captured by our word only, and we say none for what we gave up.
    """
    words = f"{CLOSED}: {why}" if why else CLOSED
    prefix = f"/purchase_units/@reference_id=='{order.unit.reference_id}'"
    with suppress(Refused):
        try:
            calls.change(f"{_PATH}/{order.id}", [
                {"op": "replace", "path": "/intent", "value": "AUTHORIZE"},
                {"op": "replace", "path": f"{prefix}/description", "value": words},
            ])  # fmt: skip
        except OutcomeUnknown as error:
            raise later(error) from error  # shutting twice does no harm
    told = read(calls, order.id)
    if told.state is not PaymentState.OPEN:
        return told
    return replace(
        told,
        state=PaymentState.FAILED if why else PaymentState.CANCELLED,
        redirect_url="",
        waits_for_us=False,
        reason=DECLINES.get(why, ""),
        detail=why,
    )


def payer_id(payer: Payer) -> str:
    """Return PayPal's id for a payer of ours: 22 characters that are always the same."""
    if payer.gateway_payer:
        return payer.gateway_payer
    digest = hashlib.sha256(payer.reference.encode()).digest()[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _saving(payer: Payer | None) -> dict[str, Any]:
    """Return what has PayPal keep the account that is paid with."""
    if payer is None:
        raise Refused("Whoever saves a method must be named.")
    return {
        "customer": {"id": payer_id(payer)},
        "vault": {"store_in_vault": "ON_SUCCESS", "usage_type": "MERCHANT"},
    }


def _context(request: PaymentRequest) -> dict[str, str]:
    said = {
        "return_url": request.return_url,
        "cancel_url": request.cancel_url,
        "shipping_preference": "NO_SHIPPING",
        "user_action": "PAY_NOW",
    }
    return said | ({"locale": request.locale} if _LOCALE.fullmatch(request.locale) else {})
