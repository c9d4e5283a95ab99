"""Money sent back to the payer, never more than came in."""

from __future__ import annotations

from typing import Any

from sandbox.gateway import balance, payments
from sandbox.gateway.errors import ApiError
from sandbox.gateway.events import payment_event
from sandbox.gateway.store import Row, Store, iso, new_id, now


def create(store: Store, account_id: str, asked: dict[str, Any]) -> Row:
    """Refund a part or all of a payment. Raises ``ApiError``."""
    id_ = new_id("re")
    with store.transaction():
        payment = payments.get(store, asked["payment"], account_id)
        if payment["state"] != "succeeded":
            raise ApiError(409, "not_captured", f"The payment is {payment['state']}.", "payment")
        if asked["currency"] != payment["currency"]:
            message = f"The payment was made in {payment['currency']}."
            raise ApiError(400, "currency_mismatch", message, "currency")
        rest = payment["amount_minor"] - payment["refunded_minor"] - payment["returned_minor"]
        if asked["amount_minor"] > rest:
            message = f"Only {rest} can still be refunded."
            raise ApiError(409, "refund_too_large", message, "amount_minor")
        store.insert(
            "refund",
            id=id_,
            account_id=account_id,
            payment_id=payment["id"],
            reference=asked["reference"],
            amount_minor=asked["amount_minor"],
            currency=asked["currency"],
            created_at=now(),
        )
        store.run(
            "UPDATE payment SET refunded_minor = refunded_minor + ? WHERE id = ?",
            asked["amount_minor"],
            payment["id"],
        )
        balance.enter(store, payment, "refund", gross_minor=-asked["amount_minor"], refund_id=id_)
        payment_event(store, payment, "refund.succeeded", refund=id_)
    return get(store, id_, account_id)


def get(store: Store, id_: str, account_id: str) -> Row:
    """Return a refund of this account. Raises ``ApiError``."""
    row = store.one("SELECT * FROM refund WHERE id = ? AND account_id = ?", id_, account_id)
    if row is None:
        raise ApiError(404, "not_found", f"This account has no refund {id_!r}.", "id")
    return row


def shown(row: Row) -> dict[str, Any]:
    """Return a refund as the API shows it."""
    return {
        "id": row["id"],
        "payment": row["payment_id"],
        "reference": row["reference"],
        "amount_minor": row["amount_minor"],
        "currency": row["currency"],
        "state": "succeeded",
        "created_at": iso(row["created_at"]),
    }
