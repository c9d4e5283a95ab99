"""The life of a Checkout Session: made, paid on its page, complete or expired."""

from __future__ import annotations

from typing import Any, Final

from sandbox.stripe import intents, setups, shapes
from sandbox.stripe.clock import stamp
from sandbox.stripe.errors import invalid, unexpected
from sandbox.stripe.events import record
from sandbox.stripe.state import Sandbox
from sandbox.stripe.store import Store, Thing

Asked = dict[str, Any]
_SHORTEST, _LONGEST = 1800, 24 * 3600
_MOST_LINES: Final = 100


def create(sandbox: Sandbox, account_id: str, asked: Asked) -> Thing:
    """Make a session; its payment intent comes when the payer presses the button [docs]."""
    store, mode = sandbox.store, asked["mode"]
    if mode not in {"payment", "setup"}:
        raise invalid("The sandbox knows the modes payment and setup.", "mode")
    if asked.get("ui_mode") not in {None, "hosted_page"}:
        raise invalid("The sandbox has the hosted page only.", "ui_mode")
    if not asked.get("success_url"):
        raise invalid("Missing required param: success_url.", "success_url", "parameter_missing")
    if asked.get("customer"):
        store.get(asked["customer"], "customer", account_id)
    total = _total(asked) if mode == "payment" else None
    currency = asked.get("currency") or ""
    types = asked.get("allowed_payment_method_types") or intents.AUTOMATIC.get(currency, ["card"])
    if mode == "payment":
        intents.check_amount(total or 0, currency)
    if currency:
        intents.check_types(types, currency)
    expires_at = asked.get("expires_at") or stamp() + _LONGEST
    if not stamp() + _SHORTEST - 60 <= expires_at <= stamp() + _LONGEST + 60:
        raise invalid("expires_at must be 30 minutes to 24 hours from now.", "expires_at")
    shown = shapes.session(asked, types, total=total, url=sandbox.public_url)
    session = store.add(account_id, shown, asked=asked)
    if mode == "setup":
        _make_setup(sandbox, session)
    store.start_timer("expire", session.id, expires_at - stamp())
    return store.save(session)


def pay(sandbox: Sandbox, session: Thing, method: Asked, *, verified: bool) -> Thing:
    """The payer pressed the button: make or take up the intent and confirm it.

    Raises ``StripeError`` for a decline; the session stays open. Returns the intent.
    """
    if session.shown["status"] != "open":
        raise unexpected("checkout.session", session.shown["status"], "It is not open.")
    store = sandbox.store
    told: Asked = {
        "payment_method_data": method, "verified": verified, "use_stripe_sdk": False,
        "return_url": f"{sandbox.public_url}/c/pay/{session.id}/back",
        "mandate_data": {"customer_acceptance": {"type": "online", "online": {}}},
    }  # fmt: skip
    if session.shown["mode"] == "setup":
        setup = store.get(session.shown["setup_intent"], "setup_intent")
        return setups.confirm(sandbox, setup, told)
    return intents.confirm(sandbox, _intent(sandbox, session), told)


def expire(store: Store, session: Thing) -> Thing:
    """Close an open session and its intent. Raises ``StripeError`` when it is not open."""
    shown = session.shown
    if shown["status"] != "open":
        told = shown["status"]
        message = f'Only Checkout Sessions with a status in ["open"] can be expired: {told}.'
        raise unexpected("checkout.session", shown["status"], message)
    shown.update(status="expired", url=None)
    store.save(session)
    for name, close in (("payment_intent", intents.cancel), ("setup_intent", setups.cancel)):
        if shown[name]:
            close(store, store.get(shown[name], name), "abandoned")
    store.stop_timers(session.id, "expire")
    record(store, "checkout.session.expired", session)
    return session


def _intent(sandbox: Sandbox, session: Thing) -> Thing:
    store, shown, asked = sandbox.store, session.shown, session.hidden["asked"]
    if shown["payment_intent"]:
        return store.get(shown["payment_intent"], "payment_intent")
    data = asked.get("payment_intent_data") or {}
    told: Asked = {
        "amount": shown["amount_total"],
        "currency": shown["currency"],
        "customer": shown["customer"],
        "allowed_payment_method_types": shown["payment_method_types"],
        "payment_method_options": shown["payment_method_options"],
        **{
            name: data.get(name)
            for name in (
                "description", "metadata", "setup_future_usage", "statement_descriptor_suffix"
            )
        },
    }  # fmt: skip
    intent = intents.create(sandbox, session.account_id, told, session=session.id)
    shown["payment_intent"] = intent.id
    store.save(session)
    return intent


def _make_setup(sandbox: Sandbox, session: Thing) -> None:
    asked = session.hidden["asked"]
    data = asked.get("setup_intent_data") or {}
    told: Asked = {
        "customer": session.shown["customer"],
        "allowed_payment_method_types": session.shown["payment_method_types"],
        "metadata": data.get("metadata"),
        "description": data.get("description"),
    }
    made = setups.create(sandbox, session.account_id, told, session=session.id)
    session.shown["setup_intent"] = made.id


def _total(asked: Asked) -> int:
    lines = asked.get("line_items") or []
    if not 0 < len(lines) <= _MOST_LINES:
        raise invalid("Missing required param: line_items.", "line_items", "parameter_missing")
    total = 0
    for line in lines:
        price = line.get("price_data") or {}
        product = price.get("product_data") or {}
        if price.get("unit_amount") is None or not price.get("currency") or not product.get("name"):
            raise invalid("Invalid line item.", "line_items[0][price_data]", "parameter_missing")
        if line.get("quantity") is None:
            raise invalid("Quantity is required.", "line_items[0][quantity]", "parameter_missing")
        currency = price["currency"].lower()
        if asked.setdefault("currency", currency) != currency:
            raise invalid("All line items must have the same currency.", "line_items")
        total += price["unit_amount"] * line["quantity"]
    return total
