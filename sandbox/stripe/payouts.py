"""Payouts: what is held goes to the merchant's bank, and may come back from there."""

from __future__ import annotations

import json

from sandbox.stripe import money, shapes
from sandbox.stripe.errors import unexpected
from sandbox.stripe.events import record
from sandbox.stripe.store import Store, Thing


def pay_out(store: Store, account_id: str) -> list[Thing]:
    """Pay out all that was not paid out yet, one payout for each currency; it may be negative."""
    sums = store.all(
        "SELECT shown ->> '$.currency' AS currency, sum(shown ->> '$.net') AS amount FROM thing"
        " WHERE object = 'balance_transaction' AND account_id = ?"
        " AND hidden ->> '$.payout' IS NULL GROUP BY 1 HAVING sum(shown ->> '$.net') <> 0",
        account_id,
    )
    return [_one(store, account_id, row["currency"], row["amount"]) for row in sums]


def _one(store: Store, account_id: str, currency: str, amount: int) -> Thing:
    payout = store.add(account_id, shapes.payout(amount, currency))
    store.run(
        "UPDATE thing SET hidden = json_set(hidden, '$.payout', ?)"
        " WHERE object = 'balance_transaction' AND account_id = ?"
        " AND hidden ->> '$.payout' IS NULL AND shown ->> '$.currency' = ?",
        payout.id, account_id, currency,
    )  # fmt: skip
    entry = money.enter(
        store, account_id, "payout", amount=-amount, currency=currency, source=payout.id,
        payout=payout.id,
    )  # fmt: skip
    payout.shown["balance_transaction"] = entry.id
    record(store, "payout.created", store.save(payout))
    record(store, "payout.paid", payout)
    return payout


def fail(store: Store, payout: Thing, code: str) -> Thing:
    """The merchant's bank sent the money back: it is in the balance again."""
    shown = payout.shown
    if shown["status"] == "failed":
        raise unexpected("payout", "failed", "This payout has failed already.")
    entry = money.enter(
        store, payout.account_id, "payout_failure", amount=shown["amount"],
        currency=shown["currency"], source=payout.id,
    )  # fmt: skip
    shown.update(
        status="failed", failure_code=code, failure_message="The bank did not take it.",
        failure_balance_transaction=entry.id,
    )  # fmt: skip
    record(store, "payout.failed", store.save(payout))
    return payout


def plan(store: Store, account_id: str, every_seconds: float) -> None:
    """Plan the account's next payout, which plans the one after it."""
    store.stop_timers(account_id, "payout")
    store.start_timer("payout", account_id, every_seconds, every=every_seconds)


def plans(store: Store) -> list[tuple[str, float]]:
    """Return which accounts pay out, and how often."""
    rows = store.all("SELECT subject, data FROM timer WHERE kind = 'payout'")
    return [(row["subject"], json.loads(row["data"])["every"]) for row in rows]
