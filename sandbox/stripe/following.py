"""Keeps a Checkout Session in step with the intent that its page made."""

from __future__ import annotations

from sandbox.stripe.events import record
from sandbox.stripe.store import Store, Thing


def follow(store: Store, intent: Thing) -> None:
    """Write into the session, if there is one, what became of its payment or setup."""
    id_ = intent.hidden.get("session")
    if not id_:
        return
    session = store.get(id_, "checkout.session")
    shown, status = session.shown, intent.shown["status"]
    if shown["status"] == "open":
        _while_open(store, session, intent)
    elif status == "succeeded" and shown["payment_status"] == "unpaid":
        shown["payment_status"] = "paid"
        record(store, "checkout.session.async_payment_succeeded", store.save(session))
    elif status == "requires_payment_method":
        record(store, "checkout.session.async_payment_failed", session)


def _while_open(store: Store, session: Thing, intent: Thing) -> None:
    action = intent.shown["next_action"] or {}
    waits = "verify_with_microdeposits" in action
    if intent.shown["status"] not in {"succeeded", "processing"} and not waits:
        return
    shown = session.shown
    shown.update(status="complete", url=None)
    if shown["mode"] == "payment":
        shown["payment_status"] = "paid" if intent.shown["status"] == "succeeded" else "unpaid"
    record(store, "checkout.session.completed", store.save(session))
