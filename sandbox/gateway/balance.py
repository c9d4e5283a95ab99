"""The gateway's own books: what each movement brought, what it cost, and what is left."""

from __future__ import annotations

from typing import Any

from sandbox.gateway.clock import iso, now
from sandbox.gateway.store import Row, Store, new_id

_CARD_PER_MILLE, _CARD_FIXED_MINOR = 29, 30
_DEBIT_PER_MILLE, _DEBIT_LIMIT_MINOR = 8, 500


def fee(method: str, amount_minor: int) -> int:
    """Return the fee in minor units, rounded half up.

    Cards 2.9 % and 30 minor units, bank debits 0.8 % and at most 500 minor units.
    """
    if method == "card":
        return (amount_minor * _CARD_PER_MILLE + 500) // 1000 + _CARD_FIXED_MINOR
    return min((amount_minor * _DEBIT_PER_MILLE + 500) // 1000, _DEBIT_LIMIT_MINOR)


def enter(
    store: Store,
    payment: Row,
    kind: str,
    *,
    gross_minor: int,
    fee_minor: int = 0,
    subject: str = "",
    code: str = "",
) -> None:
    """Write one movement of a payment; ``gross_minor`` is below zero when money leaves."""
    _insert(
        store,
        account_id=payment["account_id"],
        payment_id=payment["id"],
        currency=payment["currency"],
        kind=kind,
        gross_minor=gross_minor,
        fee_minor=fee_minor,
        subject=subject,
        code=code,
    )


def enter_payout(
    store: Store, payout: Row, *, gross_minor: int, code: str = "", payout_id: str | None = None
) -> None:
    """Write that a payout left the balance, or (without ``payout_id``) came back into it."""
    _insert(
        store,
        account_id=payout["account_id"],
        currency=payout["currency"],
        kind="payout",
        gross_minor=gross_minor,
        fee_minor=0,
        subject=payout["id"],
        code=code,
        payout_id=payout_id,
    )


def enter_fee(
    store: Store, account_id: str, *, fee_minor: int, currency: str, payment_id: str | None
) -> None:
    """Write a charge of the gateway's own that belongs to no other movement."""
    _insert(
        store,
        account_id=account_id,
        payment_id=payment_id,
        currency=currency,
        kind="fee",
        gross_minor=0,
        fee_minor=fee_minor,
    )


def _insert(store: Store, *, gross_minor: int, fee_minor: int, **facts: object) -> None:
    store.insert(
        "balance_entry",
        id=new_id("bal"),
        gross_minor=gross_minor,
        fee_minor=fee_minor,
        net_minor=gross_minor - fee_minor,
        created_at=now(),
        **facts,
    )


def held(store: Store, account_id: str) -> list[dict[str, Any]]:
    """Return for each currency what the account holds: the sum of all its entries."""
    rows = store.all(
        "SELECT currency, sum(net_minor) AS amount_minor FROM balance_entry"
        " WHERE account_id = ? GROUP BY currency ORDER BY currency",
        account_id,
    )
    return [dict(row) for row in rows]


def entry_shown(row: Row) -> dict[str, Any]:
    """Return a balance entry as the API shows it."""
    return {
        "id": row["id"],
        "kind": row["kind"],
        "payment": row["payment_id"],
        "subject": row["subject"] or None,
        "code": row["code"] or None,
        "gross_minor": row["gross_minor"],
        "fee_minor": row["fee_minor"],
        "net_minor": row["net_minor"],
        "currency": row["currency"],
        "payout": row["payout_id"],
        "created_at": iso(row["created_at"]),
    }
