"""The gateway's own books: what each movement brought, what it cost, and what was paid out."""

from __future__ import annotations

from typing import Any

from sandbox.gateway import timers
from sandbox.gateway.events import record
from sandbox.gateway.store import Row, Store, iso, new_id, now

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
    refund_id: str | None = None,
) -> None:
    """Write one movement; ``gross_minor`` is below zero when money leaves."""
    store.insert(
        "balance_entry",
        id=new_id("bal"),
        account_id=payment["account_id"],
        kind=kind,
        payment_id=payment["id"],
        refund_id=refund_id,
        gross_minor=gross_minor,
        fee_minor=fee_minor,
        net_minor=gross_minor - fee_minor,
        currency=payment["currency"],
        created_at=now(),
    )


def pay_out(store: Store, account_id: str) -> list[str]:
    """Pay out all that was not paid out yet, one payout for each currency; it may be negative."""
    made = []
    with store.transaction():
        for sums in store.all(
            "SELECT currency, sum(net_minor) AS net, sum(fee_minor) AS fee, count(*) AS entries"
            " FROM balance_entry WHERE account_id = ? AND payout_id IS NULL"
            " GROUP BY currency ORDER BY currency",
            account_id,
        ):
            id_ = new_id("po")
            store.insert(
                "payout",
                id=id_,
                account_id=account_id,
                amount_minor=sums["net"],
                fee_minor=sums["fee"],
                entries=sums["entries"],
                currency=sums["currency"],
                created_at=now(),
            )
            store.run(
                "UPDATE balance_entry SET payout_id = ?"
                " WHERE account_id = ? AND currency = ? AND payout_id IS NULL",
                id_,
                account_id,
                sums["currency"],
            )
            record(store, account_id, "payout.paid", payout=id_)
            made.append(id_)
    return made


def plan_payout(store: Store, account_id: str, every_seconds: float) -> None:
    """Plan the account's next payout, which plans the one after it."""
    timers.stop(store, account_id, "payout")
    timers.start(store, "payout", account_id, every_seconds, every=every_seconds)


def entry_shown(row: Row) -> dict[str, Any]:
    """Return a balance entry as the API shows it."""
    return {
        "id": row["id"],
        "kind": row["kind"],
        "payment": row["payment_id"],
        "refund": row["refund_id"],
        "gross_minor": row["gross_minor"],
        "fee_minor": row["fee_minor"],
        "net_minor": row["net_minor"],
        "currency": row["currency"],
        "payout": row["payout_id"],
        "created_at": iso(row["created_at"]),
    }


def payout_shown(row: Row) -> dict[str, Any]:
    """Return a payout as the API shows it."""
    return {
        "id": row["id"],
        "state": "paid",
        "amount_minor": row["amount_minor"],
        "fee_minor": row["fee_minor"],
        "entries": row["entries"],
        "currency": row["currency"],
        "created_at": iso(row["created_at"]),
    }
