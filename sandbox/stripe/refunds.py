"""Refunds: money goes back to the payer, at once or later, and may come back from there."""

from __future__ import annotations

from typing import Any

from sandbox.stripe import charges, methods, money, shapes
from sandbox.stripe.errors import invalid, unexpected
from sandbox.stripe.events import record
from sandbox.stripe.state import Sandbox
from sandbox.stripe.store import Store, Thing


def create(sandbox: Sandbox, account_id: str, asked: dict[str, Any]) -> Thing:
    """Refund a charge in part or whole. Raises ``StripeError``."""
    store = sandbox.store
    charge = _charge(store, account_id, asked)
    left = charges.rest(charge)
    amount = left if asked.get("amount") is None else int(asked["amount"])
    if charge.shown["refunded"]:
        message = f"Charge {charge.id} has already been refunded."
        raise invalid(message, None, "charge_already_refunded")
    if charge.shown["disputed"] and left < amount:
        raise invalid(f"Charge {charge.id} has been charged back.", None, "charge_disputed")
    if not 0 < amount <= left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise invalid(message, "amount", "parameter_invalid_integer" if amount <= 0 else None)
    refund = store.add(account_id, shapes.refund(charge.shown, amount, asked))
    kind = charge.shown["payment_method_details"]["type"]
    entry = money.enter(
        store, account_id, "refund" if kind == "card" else "payment_refund",
        amount=-amount, currency=charge.shown["currency"], source=refund.id,
    )  # fmt: skip
    refund.shown["balance_transaction"] = entry.id
    if kind == "card":
        refund.shown["destination_details"] = {"type": "card", "card": {"type": "refund"}}
    _of_charge(charge, amount)
    number = methods.number_of(store.get(charge.shown["payment_method"], "payment_method"))
    if number.refund == "pending" or store.setting("refunds", {}).get("pending"):
        refund.shown["status"] = "pending"
        if number.refund == "pending":
            store.start_timer("settle_refund", refund.id, sandbox.pace.settle)
    if number.refund == "fails":
        store.start_timer("fail_refund", refund.id, sandbox.pace.settle)
    record(store, "refund.created", store.save(refund))
    record(store, "charge.refunded", store.save(charge))
    return refund


def settle(store: Store, refund: Thing) -> Thing:
    """The bank has given the money to the payer."""
    if refund.shown["status"] != "pending":
        raise unexpected("refund", refund.shown["status"], "Only a waiting refund can succeed.")
    refund.shown["status"] = "succeeded"
    record(store, "refund.updated", store.save(refund))
    return refund


def fail(store: Store, refund: Thing, reason: str) -> Thing:
    """The bank could not give the money to the payer: it is in the balance again."""
    shown = refund.shown
    if shown["status"] not in {"pending", "succeeded"}:
        raise unexpected("refund", shown["status"], "This refund can not fail any more.")
    charge = store.get(shown["charge"], "charge")
    entry = money.enter(
        store, refund.account_id, "refund_failure",
        amount=shown["amount"], currency=shown["currency"], source=refund.id,
    )  # fmt: skip
    shown.update(status="failed", failure_reason=reason, failure_balance_transaction=entry.id)
    _of_charge(charge, -shown["amount"])
    store.save(charge)
    record(store, "refund.failed", store.save(refund))
    return refund


def _charge(store: Store, account_id: str, asked: dict[str, Any]) -> Thing:
    if asked.get("charge"):
        return store.get(asked["charge"], "charge", account_id)
    if not asked.get("payment_intent"):
        raise invalid("One of the params `charge` or `payment_intent` is required.", "charge")
    intent = store.get(asked["payment_intent"], "payment_intent", account_id)
    if intent.shown["status"] != "succeeded":
        message = f"This PaymentIntent ({intent.id}) does not have a successful charge to refund."
        raise unexpected("payment_intent", intent.shown["status"], message)
    return store.get(intent.shown["latest_charge"], "charge")


def _of_charge(charge: Thing, amount: int) -> None:
    shown = charge.shown
    shown["amount_refunded"] += amount
    shown["refunded"] = shown["amount_refunded"] >= shown["amount_captured"]
