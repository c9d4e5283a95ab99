"""Disputes: the payer's bank takes the money at once, and decides later who keeps it."""

from __future__ import annotations

from typing import Any, Final

from sandbox.gateway import balance, payments
from sandbox.gateway.clock import iso, now
from sandbox.gateway.errors import ApiError, missing
from sandbox.gateway.events import payment_event
from sandbox.gateway.store import Row, Store, new_id

FEE_MINOR: Final = 1500
ANSWER_SECONDS: Final = 7 * 86400  # then a dispute that nobody answered is lost


def begin(
    store: Store,
    payment_id: str,
    reason: str,
    *,
    amount_minor: int | None = None,
    fee_minor: int = FEE_MINOR,
) -> Row:
    """Take the money of a payment, or a part of it, with a fee. Raises ``ApiError``.

    What was refunded may be disputed all the same: then more leaves than came in.
    """
    id_ = new_id("dp")
    with store.transaction():
        payment = payments.get(store, payment_id)
        rest = payment["amount_minor"] - payment["disputed_minor"]
        amount_minor = rest if amount_minor is None else amount_minor
        if payment["state"] != "succeeded" or not 0 < amount_minor <= rest:
            message = f"The payment is {payment['state']}, and {rest} can still be disputed."
            raise ApiError(409, "not_disputable", message)
        store.insert(
            "dispute",
            id=id_,
            account_id=payment["account_id"],
            payment_id=payment_id,
            amount_minor=amount_minor,
            fee_minor=fee_minor,
            currency=payment["currency"],
            reason=reason,
            state="open",
            answer_until=now() + ANSWER_SECONDS,
            created_at=now(),
        )
        payments.add(store, payment_id, "disputed_minor", amount_minor)
        balance.enter(
            store,
            payment,
            "dispute",
            gross_minor=-amount_minor,
            fee_minor=fee_minor,
            subject=id_,
            code=reason,
        )
        store.stop_timers(payment_id, "dispute")
        store.start_timer("lose_dispute", id_, ANSWER_SECONDS)
        payment_event(store, payment, "dispute.created", dispute=id_, code=reason)
    return get(store, id_)


def review(store: Store, id_: str) -> Row:
    """The merchant has answered; the bank looks at it."""
    return _move(store, id_, "under_review", "dispute.updated")


def lose(store: Store, id_: str) -> Row:
    """The bank's customer keeps the money."""
    return _move(store, id_, "lost", "dispute.closed")


def win(store: Store, id_: str) -> Row:
    """The money comes back, but not the fee."""
    with store.transaction():
        dispute = _move(store, id_, "won", "dispute.closed")
        payment = payments.get(store, dispute["payment_id"])
        amount_minor = dispute["amount_minor"]
        payments.add(store, payment["id"], "disputed_minor", -amount_minor)
        balance.enter(
            store,
            payment,
            "dispute_won",
            gross_minor=amount_minor,
            subject=id_,
            code=dispute["reason"],
        )
    return dispute


def _move(store: Store, id_: str, state: str, event: str) -> Row:
    with store.transaction():
        dispute = get(store, id_)
        before = {"open"} if state == "under_review" else {"open", "under_review"}
        if dispute["state"] not in before:
            message = f"The dispute is {dispute['state']} and can not become {state}."
            raise ApiError(409, f"dispute_{dispute['state']}", message)
        closed_at = None if state == "under_review" else now()
        store.run("UPDATE dispute SET state = ?, closed_at = ? WHERE id = ?", state, closed_at, id_)
        store.stop_timers(id_, "lose_dispute")
        payment = payments.get(store, dispute["payment_id"])
        payment_event(store, payment, event, dispute=id_, state=state)
    return get(store, id_)


def get(store: Store, id_: str, account_id: str | None = None) -> Row:
    """Return a dispute, of this account if one is given. Raises ``ApiError``."""
    row = store.one("SELECT * FROM dispute WHERE id = ?", id_)
    if row is None or account_id not in {None, row["account_id"]}:
        raise missing("dispute", id_)
    return row


def shown(row: Row) -> dict[str, Any]:
    """Return a dispute as the API shows it."""
    names = ("amount_minor", "fee_minor", "currency", "reason", "state")
    return {
        "id": row["id"],
        "payment": row["payment_id"],
        **{name: row[name] for name in names},
        "answer_until": iso(row["answer_until"]) if row["state"] == "open" else None,
        "created_at": iso(row["created_at"]),
        "closed_at": iso(row["closed_at"]),
    }
