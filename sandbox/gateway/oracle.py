"""The truth for tests: every movement of money, of all accounts, with our callers' references."""

from __future__ import annotations

from typing import Any, Final

from sandbox.gateway import balance
from sandbox.gateway.store import Store

_LISTS: Final = {
    "charges": "charge",
    "refunds": "refund",
    "refunds_failed": "refund_failed",
    "returns": "return",
    "disputes": "dispute",
    "disputes_won": "dispute_won",
    "fees": "fee",
    "payouts": "payout",
}


def ledger(store: Store, reference: str | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return the balance entries by kind, and every payment with its state.

    With ``reference``: only what belongs to payments of that reference.
    """
    movements = store.all(
        "SELECT balance_entry.*, payment.reference, refund.reference AS refund_reference,"
        " coalesce(refund.state, dispute.state, payout.state) AS state"
        " FROM balance_entry LEFT JOIN payment ON payment.id = balance_entry.payment_id"
        " LEFT JOIN refund ON refund.id = balance_entry.subject"
        " LEFT JOIN dispute ON dispute.id = balance_entry.subject"
        " LEFT JOIN payout ON payout.id = balance_entry.subject"
        " WHERE ?1 IS NULL OR payment.reference = ?1 ORDER BY balance_entry.seq",
        reference,
    )
    states = store.all(
        "SELECT id, account_id, reference, state, amount_minor, currency FROM payment"
        " WHERE ?1 IS NULL OR reference = ?1 ORDER BY rowid",
        reference,
    )
    shown = [
        {
            **balance.entry_shown(row),
            "account": row["account_id"],
            "reference": row["reference"],
            "refund_reference": row["refund_reference"],
            "state": row["state"],
        }
        for row in movements
    ]
    lists = {name: [row for row in shown if row["kind"] == kind] for name, kind in _LISTS.items()}
    return {**lists, "payments": [dict(row) for row in states]}
