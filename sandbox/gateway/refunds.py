"""Money sent back to the payer, never more than is left of what came in."""

from __future__ import annotations

from typing import Any, Final

from sandbox.gateway import balance, payments
from sandbox.gateway.clock import iso, now
from sandbox.gateway.errors import ApiError, missing
from sandbox.gateway.events import payment_event
from sandbox.gateway.payments import Pace
from sandbox.gateway.store import Row, Store, new_id

# Amounts (minor units) whose refund is pending first, and what the bank says then.
SPECIAL: Final = {991_001: "settle_refund", 991_002: "fail_refund", 991_003: ""}
FAILURES: Final = {
    "account_closed": "The payer's account is closed.",
    "card_lost": "The card was lost or stolen.",
    "bank_refused": "The payer's bank did not take the money.",
}


def create(store: Store, account_id: str, asked: dict[str, Any], pace: Pace) -> Row:
    """Refund a part or all of a payment. Raises ``ApiError``."""
    with store.transaction():
        payment = payments.get(store, asked["payment"], account_id)
        if asked["currency"] != payment["currency"]:
            message = f"The payment was made in {payment['currency']}."
            raise ApiError(400, "currency_mismatch", message, "currency")
        special = SPECIAL.get(asked["amount_minor"])
        waits = special is not None or store.setting("refunds", {}).get("pending", False)
        refund = make(
            store,
            payment,
            asked["amount_minor"],
            reference=asked["reference"],
            state="pending" if waits else "succeeded",
        )
        if special:
            store.start_timer(special, refund["id"], pace.settle, code="account_closed")
    return refund


def make(
    store: Store,
    payment: Row,
    amount_minor: int,
    *,
    reference: str | None = None,
    state: str = "succeeded",
) -> Row:
    """Make a refund; without ``reference`` in the gateway's own pages. Raises ``ApiError``."""
    id_ = new_id("re")
    with store.transaction():
        if payment["state"] != "succeeded":
            raise ApiError(409, "not_captured", f"The payment is {payment['state']}.", "payment")
        rest = payments.rest(payment)
        if amount_minor > rest:
            message = f"Only {rest} can still be refunded."
            raise ApiError(409, "refund_too_large", message, "amount_minor")
        store.insert(
            "refund",
            id=id_,
            account_id=payment["account_id"],
            payment_id=payment["id"],
            reference=reference,
            amount_minor=amount_minor,
            currency=payment["currency"],
            state=state,
            created_at=now(),
        )
        payments.add(store, payment["id"], "refunded_minor", amount_minor)
        balance.enter(store, payment, "refund", gross_minor=-amount_minor, subject=id_)
        payment_event(store, payment, "refund.created", refund=id_, state=state)
    return get(store, id_)


def settle(store: Store, id_: str) -> Row:
    """The bank took the money. Raises ``ApiError`` unless the refund is pending."""
    return _move(store, id_, "succeeded", "", {"pending"})


def fail(store: Store, id_: str, code: str) -> Row:
    """The bank sent the money back, perhaps after it had taken it. Raises ``ApiError``."""
    with store.transaction():
        refund = _move(store, id_, "failed", code, {"pending", "succeeded"})
        payment = payments.get(store, refund["payment_id"])
        amount_minor = refund["amount_minor"]
        payments.add(store, payment["id"], "refunded_minor", -amount_minor)
        balance.enter(
            store, payment, "refund_failed", gross_minor=amount_minor, subject=id_, code=code
        )
    return refund


def _move(store: Store, id_: str, state: str, code: str, before: set[str]) -> Row:
    with store.transaction():
        refund = get(store, id_)
        if refund["state"] not in before:
            message = f"The refund is {refund['state']} and can not become {state}."
            raise ApiError(409, f"refund_{refund['state']}", message)
        store.run("UPDATE refund SET state = ?, failure_code = ? WHERE id = ?", state, code, id_)
        store.stop_timers(id_, "settle_refund", "fail_refund")
        payment = payments.get(store, refund["payment_id"])
        payment_event(store, payment, "refund.updated", refund=id_, state=state)
    return get(store, id_)


def get(store: Store, id_: str, account_id: str | None = None) -> Row:
    """Return a refund, of this account if one is given. Raises ``ApiError``."""
    row = store.one("SELECT * FROM refund WHERE id = ?", id_)
    if row is None or account_id not in {None, row["account_id"]}:
        raise missing("refund", id_)
    return row


def shown(row: Row) -> dict[str, Any]:
    """Return a refund as the API shows it."""
    code = row["failure_code"]
    return {
        "id": row["id"],
        "payment": row["payment_id"],
        "reference": row["reference"],
        "amount_minor": row["amount_minor"],
        "currency": row["currency"],
        "state": row["state"],
        "failure": {"code": code, "message": FAILURES.get(code, code)} if code else None,
        "created_at": iso(row["created_at"]),
    }
