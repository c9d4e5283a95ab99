"""Disputes: the payer's bank takes the money, and gives it back or not.

A bank debit is disputed by its bank's return: lost at once, with the network's own code [docs].
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.stripe import charges, money, shapes
from sandbox.stripe.clock import stamp
from sandbox.stripe.errors import invalid, unexpected
from sandbox.stripe.events import record
from sandbox.stripe.store import Store, Thing

ANSWER_SECONDS: Final = 7 * 86400
_OVER: Final = ("won", "lost")


def begin(store: Store, charge: Thing, *, reason: str, amount: int | None = None) -> Thing:
    """Take the money of a charge, or a part of it, with a fee. Raises ``StripeError``."""
    shown = charge.shown
    taken = charge.hidden.get("disputed", 0)
    amount = shown["amount_captured"] - taken if amount is None else amount
    if shown["status"] != "succeeded" or not 0 < amount <= shown["amount_captured"] - taken:
        raise invalid("This charge can not be disputed for this amount.")
    kind = shown["payment_method_details"]["type"]
    debit = kind in charges.RETURNABLE
    due_by = None if debit else stamp() + ANSWER_SECONDS
    word = "debit_not_authorized" if debit and reason.startswith("R") else reason
    dispute = store.add(charge.account_id, shapes.dispute(shown, amount, word, due_by))
    told = dispute.shown
    if debit:
        told["network_reason_code"] = reason if reason[:1] in {"R", "A", "M"} else "R10"
        told["reason"] = charges.CODES.get(told["network_reason_code"], "debit_not_authorized")
    else:
        told["payment_method_details"] = _card(shown)
    entry = money.enter(
        store, charge.account_id, "adjustment", amount=-amount, currency=shown["currency"],
        source=dispute.id, fee_minor=0 if debit else money.DISPUTE_FEE_MINOR, reported="dispute",
        description=f"Chargeback withdrawal for {charge.id}",
    )  # fmt: skip
    told["balance_transactions"] = [entry.shown]
    shown["disputed"] = True
    charge.hidden["disputed"] = taken + amount
    store.save(charge)
    store.stop_timers(charge.id, "dispute")
    record(store, "charge.dispute.created", store.save(dispute))
    record(store, "charge.dispute.funds_withdrawn", dispute)
    if debit:
        return close(store, dispute, won=False)
    store.start_timer("lose_dispute", dispute.id, ANSWER_SECONDS)
    return dispute


def answer(store: Store, dispute: Thing, asked: dict[str, Any]) -> Thing:
    """Keep evidence; with ``submit`` it goes to the bank, which looks at it."""
    told = dispute.shown
    if told["status"] != "needs_response":
        raise unexpected("dispute", told["status"], "This dispute takes no more evidence.")
    told["evidence"].update(asked.get("evidence") or {})
    told["evidence_details"]["has_evidence"] = True
    told["metadata"].update(asked.get("metadata") or {})
    if asked.get("submit", True):
        told["status"] = "under_review"
        told["evidence_details"].update(submission_count=1, submission_method="manual")
        store.stop_timers(dispute.id, "lose_dispute")
    record(store, "charge.dispute.updated", store.save(dispute))
    return dispute


def close(store: Store, dispute: Thing, *, won: bool) -> Thing:
    """The bank decided. A dispute that is won brings the money back, but not the fee."""
    told = dispute.shown
    if told["status"] in _OVER:
        raise unexpected("dispute", told["status"], "This dispute is already closed.")
    store.stop_timers(dispute.id, "lose_dispute")
    told["status"] = "won" if won else "lost"
    told["evidence_details"]["due_by"] = None
    if won:
        entry = money.enter(
            store, dispute.account_id, "adjustment", amount=told["amount"],
            currency=told["currency"], source=dispute.id, reported="dispute_reversal",
            description=f"Chargeback reversal for {told['charge']}",
        )  # fmt: skip
        told["balance_transactions"].append(entry.shown)
        charge = store.get(told["charge"], "charge")
        charge.hidden["disputed"] -= told["amount"]
        store.save(charge)
        record(store, "charge.dispute.funds_reinstated", dispute)
    record(store, "charge.dispute.closed", store.save(dispute))
    return dispute


def _card(charge: dict[str, Any]) -> dict[str, Any]:
    brand = charge["payment_method_details"]["card"]["brand"]
    told = {
        "brand": brand, "case_type": "chargeback", "network": brand, "network_reason_code": "10.4",
    }  # fmt: skip
    return {"type": "card", "card": told}
