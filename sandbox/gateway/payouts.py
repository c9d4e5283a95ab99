"""Payouts: what the gateway holds goes to the merchant's bank, and may come back from there."""

from __future__ import annotations

from typing import Any

from sandbox.gateway import balance
from sandbox.gateway.clock import iso, now
from sandbox.gateway.errors import ApiError, missing
from sandbox.gateway.events import record
from sandbox.gateway.store import Row, Store, new_id


def pay_out(store: Store, account_id: str, *, in_transit: bool = False) -> list[str]:
    """Pay out all that was not paid out yet, one payout for each currency; it may be negative."""
    with store.transaction():
        sums = store.all(
            "SELECT currency, sum(net_minor) AS amount_minor, sum(fee_minor) AS fee_minor,"
            " count(*) AS entries FROM balance_entry WHERE account_id = ? AND payout_id IS NULL"
            " GROUP BY currency HAVING sum(net_minor) <> 0 ORDER BY currency",
            account_id,
        )
        return [_pay_one(store, account_id, dict(row), in_transit=in_transit) for row in sums]


def _pay_one(store: Store, account_id: str, sums: dict[str, Any], *, in_transit: bool) -> str:
    id_ = new_id("po")
    store.insert(
        "payout",
        id=id_,
        account_id=account_id,
        state="in_transit" if in_transit else "paid",
        created_at=now(),
        **sums,
    )
    store.run(
        "UPDATE balance_entry SET payout_id = ?"
        " WHERE account_id = ? AND currency = ? AND payout_id IS NULL",
        id_,
        account_id,
        sums["currency"],
    )
    balance.enter_payout(store, get(store, id_), gross_minor=-sums["amount_minor"], payout_id=id_)
    record(store, account_id, "payout.created", payout=id_)
    if not in_transit:
        record(store, account_id, "payout.paid", payout=id_)
    return id_


def get(store: Store, id_: str, account_id: str | None = None) -> Row:
    """Return a payout, of this account if one is given. Raises ``ApiError``."""
    row = store.one("SELECT * FROM payout WHERE id = ?", id_)
    if row is None or account_id not in {None, row["account_id"]}:
        raise missing("payout", id_)
    return row


def arrive(store: Store, id_: str) -> Row:
    """The money reached the merchant's bank."""
    with store.transaction():
        if get(store, id_)["state"] != "in_transit":
            raise ApiError(409, "not_in_transit", "Only a payout under way can arrive.")
        store.run("UPDATE payout SET state = 'paid' WHERE id = ?", id_)
        payout = get(store, id_)
        record(store, payout["account_id"], "payout.paid", payout=id_)
    return payout


def fail(store: Store, id_: str, code: str) -> Row:
    """The merchant's bank sent the money back: it is in the balance again."""
    with store.transaction():
        if get(store, id_)["state"] == "failed":
            raise ApiError(409, "payout_failed", "This payout has failed already.")
        store.run("UPDATE payout SET state = 'failed', failure_code = ? WHERE id = ?", code, id_)
        payout = get(store, id_)
        balance.enter_payout(store, payout, gross_minor=payout["amount_minor"], code=code)
        record(store, payout["account_id"], "payout.failed", payout=id_, code=code)
    return payout


def plan(store: Store, account_id: str, every_seconds: float) -> None:
    """Plan the account's next payout, which plans the one after it."""
    store.stop_timers(account_id, "payout")
    store.start_timer("payout", account_id, every_seconds, every=every_seconds)


def shown(row: Row) -> dict[str, Any]:
    """Return a payout as the API shows it."""
    code = row["failure_code"]
    return {
        "id": row["id"],
        "state": row["state"],
        "amount_minor": row["amount_minor"],
        "fee_minor": row["fee_minor"],
        "entries": row["entries"],
        "currency": row["currency"],
        "failure": {"code": code, "message": "The bank did not take it."} if code else None,
        "created_at": iso(row["created_at"]),
    }
