"""Stripe's books: what each movement brought, what it cost, and what is left."""

from __future__ import annotations

from typing import Any

from sandbox.stripe import shapes
from sandbox.stripe.clock import stamp
from sandbox.stripe.store import Store, Thing

DISPUTE_FEE_MINOR = 1500
_REPORTED = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "payment_failure_refund": "charge_failure",
    "payout": "payout",
    "payout_failure": "payout_reversal",
    "stripe_fee": "fee",
}


def fee(kind: str, amount: int) -> int:
    """Return the fee in minor units, rounded half up.

    Cards 2.9 % and 30, ACH debits 0.8 % and at most 500, SEPA debits 0.8 % and 30, at most 600.
    """
    if kind == "card":
        return (amount * 29 + 500) // 1000 + 30
    share = (amount * 8 + 500) // 1000
    return min(share, 500) if kind == "us_bank_account" else min(share + 30, 600)


def enter(
    store: Store,
    account_id: str,
    kind: str,
    *,
    amount: int,
    currency: str,
    source: str | None,
    fee_minor: int = 0,
    reported: str = "",
    description: str | None = None,
    payout: str | None = None,
) -> Thing:
    """Write one balance transaction; ``amount`` is below zero when money leaves."""
    details = {
        "amount": fee_minor,
        "application": None,
        "currency": currency,
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    made = shapes.head("balance_transaction", "txn")
    del made["livemode"]
    shown: dict[str, Any] = {
        **made,
        "amount": amount,
        "available_on": stamp(),
        "balance_type": "payments",
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee_minor,
        "fee_details": [details] if fee_minor else [],
        "net": amount - fee_minor,
        "reporting_category": reported or _REPORTED[kind],
        "source": source,
        "status": "available",
        "type": kind,
    }
    return store.add(account_id, shown, payout=payout)


def held(store: Store, account_id: str) -> list[dict[str, Any]]:
    """Return, for each currency, the sum of all movements."""
    rows = store.all(
        "SELECT shown ->> '$.currency' AS currency, sum(shown ->> '$.net') AS amount FROM thing"
        " WHERE object = 'balance_transaction' AND account_id = ? GROUP BY 1 ORDER BY 1",
        account_id,
    )
    return [
        {
            "amount": row["amount"],
            "currency": row["currency"],
            "source_types": {"card": row["amount"]},
        }
        for row in rows
    ]
