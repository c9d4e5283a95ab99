"""Captured payments: completed, pending, denied, refunded, reversed."""

from __future__ import annotations

from typing import Any

from sandbox.paypal import amounts, books, events
from sandbox.paypal.errors import ApiError, unprocessable
from sandbox.paypal.moments import iso
from sandbox.paypal.state import Sandbox
from sandbox.paypal.store import Store, Thing, new_id
from sandbox.serving.clock import now

_TAKEN = {"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"}


def make(sandbox: Sandbox, order: Thing, *, pending: str = "", denied_later: bool = False) -> Thing:
    """Capture an order's amount; ``pending`` is PayPal's reason why it must wait."""
    store, unit = sandbox.store, order.shown["purchase_units"][0]
    minor, currency = amounts.read(unit["amount"], "amount")
    id_ = new_id()
    shown = {
        "id": id_,
        "status": "PENDING" if pending else "COMPLETED",
        "amount": amounts.shown(minor, currency),
        "final_capture": True,
        "seller_protection": {"status": "NOT_ELIGIBLE"},
        "create_time": iso(now()),
        "update_time": iso(now()),
        "links": [
            sandbox.link("self", f"/v2/payments/captures/{id_}"),
            sandbox.link("refund", f"/v2/payments/captures/{id_}/refund", "POST"),
            sandbox.link("up", f"/v2/checkout/orders/{order.id}"),
        ],
    }
    shown |= {name: unit[name] for name in ("invoice_id", "custom_id") if name in unit}
    if pending:
        shown["status_details"] = {"reason": pending}
    hidden = {"minor": minor, "currency": currency, "fee_minor": books.fee_of(minor)}
    capture = store.add(
        "capture",
        id_,
        order.account_id,
        shown,
        owner=order.id,
        hidden={**hidden, "refunded_minor": 0, "gone_minor": 0},
    )
    books.enter_capture(store, capture, status="P" if pending else "S")
    if pending:
        _event(store, capture, "PENDING")
        kind = "deny_capture" if denied_later else "settle_capture"
        store.start_timer(kind, id_, float(store.setting("settle_delay", 3)))
    else:
        _complete(store, capture)
    return store.get("capture", id_)


def settle(store: Store, id_: str) -> Thing:
    """A pending payment succeeded."""
    capture = _pending(store, id_)
    capture.shown["status"] = "COMPLETED"
    capture.shown.pop("status_details", None)
    books.change(store, id_, status="S", fee_minor=capture.hidden["fee_minor"])
    _complete(store, capture)
    return capture


def deny(store: Store, id_: str) -> Thing:
    """A pending payment came to nothing."""
    capture = _pending(store, id_)
    capture.shown |= {"status": "DECLINED", "update_time": iso(now())}
    store.save(capture)
    books.change(store, id_, status="D")
    _event(store, capture, "DENIED")
    return capture


def _pending(store: Store, id_: str) -> Thing:
    capture = store.get("capture", id_)
    if capture.shown["status"] != "PENDING":
        raise ApiError(409, "RESOURCE_CONFLICT", "NOT_PENDING")
    store.stop_timers(id_, "settle_capture", "deny_capture")
    return capture


def _complete(store: Store, capture: Thing) -> None:
    minor, currency = capture.hidden["minor"], capture.hidden["currency"]
    fee_minor = capture.hidden["fee_minor"]
    capture.shown["seller_receivable_breakdown"] = {
        "gross_amount": amounts.shown(minor, currency),
        "paypal_fee": amounts.shown(fee_minor, currency),
        "net_amount": amounts.shown(minor - fee_minor, currency),
    }
    capture.shown["update_time"] = iso(now())
    store.save(capture)
    _event(store, capture, "COMPLETED")


def refund(
    sandbox: Sandbox, capture: Thing, body: dict[str, Any], *, waits: bool | None = None
) -> Thing:
    """Send money back, all that is left if no amount is named. Raises ``ApiError``."""
    store, minor = sandbox.store, _refundable(capture, body)
    if waits is None:
        waits = bool(store.setting("refunds", {}).get("pending"))
    shown = _refund_shown(sandbox, capture, minor, waits=waits)
    shown |= {
        name: body[name] for name in ("invoice_id", "custom_id", "note_to_payer") if name in body
    }
    made = store.add(
        "refund", shown["id"], capture.account_id, shown, owner=capture.id, hidden={"minor": minor}
    )
    _add_refunded(store, capture, minor)
    books.enter(
        store,
        capture.account_id,
        "T1107",
        gross_minor=-minor,
        currency=capture.hidden["currency"],
        transaction_id=made.id,
        related=capture.id,
        custom=body.get("custom_id", ""),
    )
    _event(store, capture, "REFUNDED", resource=shown, resource_type="refund")
    return made


def _refundable(capture: Thing, body: dict[str, Any]) -> int:
    """Return how much is to go back, in minor units. Raises ``ApiError`` when it may not."""
    left = capture.hidden["minor"] - capture.hidden["refunded_minor"] - capture.hidden["gone_minor"]
    minor = int(left)
    if body.get("amount") is not None:
        minor, currency = amounts.read(body["amount"], "/amount")
        if currency != capture.hidden["currency"]:
            raise unprocessable("REFUND_CAPTURE_CURRENCY_MISMATCH")
    if capture.shown["status"] == "PENDING":
        raise unprocessable("PENDING_CAPTURE")
    if capture.shown["status"] not in _TAKEN:
        raise unprocessable("REFUND_NOT_ALLOWED")
    if left <= 0:
        raise unprocessable("CAPTURE_FULLY_REFUNDED")
    if minor > left:
        raise unprocessable("REFUND_AMOUNT_EXCEEDED")
    return minor


def _refund_shown(sandbox: Sandbox, capture: Thing, minor: int, *, waits: bool) -> dict[str, Any]:
    id_, currency = new_id(), capture.hidden["currency"]
    gone = capture.hidden["refunded_minor"] + minor
    shown = {
        "id": id_,
        "status": "PENDING" if waits else "COMPLETED",
        "amount": amounts.shown(minor, currency),
        "seller_payable_breakdown": {
            "gross_amount": amounts.shown(minor, currency),
            "paypal_fee": amounts.shown(0, currency),
            "net_amount": amounts.shown(minor, currency),
            "total_refunded_amount": amounts.shown(gone, currency),
        },
        "create_time": iso(now()),
        "update_time": iso(now()),
        "links": [
            sandbox.link("self", f"/v2/payments/refunds/{id_}"),
            sandbox.link("up", f"/v2/payments/captures/{capture.id}"),
        ],
    }
    return {**shown, "status_details": {"reason": "ECHECK"}} if waits else shown


def end_refund(store: Store, id_: str, *, failed: bool) -> Thing:
    """A pending refund arrived, or came back."""
    made = store.get("refund", id_)
    if made.shown["status"] != "PENDING":
        raise ApiError(409, "RESOURCE_CONFLICT", "NOT_PENDING")
    made.shown |= {"status": "FAILED" if failed else "COMPLETED", "update_time": iso(now())}
    if not failed:
        made.shown.pop("status_details", None)
    store.save(made)
    if failed:
        capture = store.get("capture", made.owner)
        events.record(
            store, made.account_id, "PAYMENT.REFUND.FAILED", made.shown, resource_type="refund"
        )
        _add_refunded(store, capture, -made.hidden["minor"])
        books.enter(
            store,
            made.account_id,
            "T1100",
            gross_minor=made.hidden["minor"],
            currency=capture.hidden["currency"],
            related=id_,
        )
    return made


def reverse(store: Store, id_: str) -> Thing:
    """PayPal takes a payment back: a bank returned it, or PayPal decided so."""
    capture = store.get("capture", id_)
    if capture.shown["status"] not in _TAKEN or capture.hidden.get("reversed"):
        raise ApiError(409, "RESOURCE_CONFLICT", "NOT_REVERSIBLE")
    capture.hidden["reversed"] = True
    store.save(capture)
    books.enter(
        store,
        capture.account_id,
        "T1106",
        gross_minor=-capture.hidden["minor"],
        currency=capture.hidden["currency"],
        related=id_,
    )
    _event(store, capture, "REVERSED")
    return capture


def add_gone(store: Store, capture: Thing, minor: int) -> None:
    """Count what a dispute took, or gave back: it can not be refunded meanwhile."""
    capture.hidden["gone_minor"] += minor
    store.save(capture)


def shown_alone(capture: Thing) -> dict[str, Any]:
    """Return a capture as its own address shows it: with the order that it came from."""
    related = {"related_ids": {"order_id": capture.owner}} if capture.owner else {}
    return {**capture.shown, **({"supplementary_data": related} if related else {})}


def _add_refunded(store: Store, capture: Thing, minor: int) -> None:
    capture.hidden["refunded_minor"] += minor
    refunded = capture.hidden["refunded_minor"]
    whole = refunded >= capture.hidden["minor"]
    capture.shown["status"] = (
        "REFUNDED" if whole else "PARTIALLY_REFUNDED" if refunded else "COMPLETED"
    )
    capture.shown["update_time"] = iso(now())
    store.save(capture)
    books.change(store, capture.id, status="V" if whole else "S")


def _event(
    store: Store,
    capture: Thing,
    what: str,
    *,
    resource: dict[str, Any] | None = None,
    resource_type: str = "capture",
) -> None:
    said = resource or shown_alone(capture)
    events.record(
        store, capture.account_id, f"PAYMENT.CAPTURE.{what}", said, resource_type=resource_type
    )
