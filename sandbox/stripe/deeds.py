"""What the API does when it is asked to change something."""

from __future__ import annotations

import re
from typing import Any

from sandbox.stripe import (
    disputes,
    intents,
    methods,
    refunds,
    sessions,
    setups,
    shapes,
    verification,
)
from sandbox.stripe.errors import StripeError, invalid
from sandbox.stripe.events import API_VERSION, record
from sandbox.stripe.state import Sandbox
from sandbox.stripe.store import Thing, new_id

Asked = dict[str, Any]
Path = dict[str, str]


def create_customer(sandbox: Sandbox, account_id: str, asked: Asked, _path: Path) -> Asked:
    """POST /v1/customers."""
    made = sandbox.store.add(account_id, shapes.customer(asked))
    record(sandbox.store, "customer.created", made)
    return made.shown


def change_customer(sandbox: Sandbox, account_id: str, asked: Asked, path: Path) -> Asked:
    """POST /v1/customers/:id."""
    found = sandbox.store.get(path["id"], "customer", account_id)
    found.shown.update({name: value for name, value in asked.items() if name != "expand"})
    record(sandbox.store, "customer.updated", sandbox.store.save(found))
    return found.shown


def create_intent(sandbox: Sandbox, account_id: str, asked: Asked, _path: Path) -> Asked:
    """POST /v1/payment_intents."""
    asked["off_session"] = asked.get("off_session") not in {None, "false"}
    return intents.create(sandbox, account_id, asked).shown


def confirm_intent(sandbox: Sandbox, account_id: str, asked: Asked, path: Path) -> Asked:
    """POST /v1/payment_intents/:id/confirm."""
    intent = _intent(sandbox, account_id, asked, path, "payment_intent")
    if intent.hidden.get("session"):
        raise invalid("You cannot confirm a PaymentIntent that Checkout made.")
    asked["off_session"] = asked.get("off_session") not in {None, "false"}
    return intents.confirm(sandbox, intent, asked).shown


def cancel_intent(sandbox: Sandbox, account_id: str, asked: Asked, path: Path) -> Asked:
    """POST /v1/payment_intents/:id/cancel."""
    intent = sandbox.store.get(path["id"], "payment_intent", account_id)
    if intent.hidden.get("session"):
        raise invalid("You cannot cancel a PaymentIntent that Checkout made: expire the Session.")
    return intents.cancel(sandbox.store, intent, asked.get("cancellation_reason")).shown


def verify_intent(sandbox: Sandbox, account_id: str, asked: Asked, path: Path) -> Asked:
    """POST /v1/payment_intents/:id/verify_microdeposits."""
    intent = _intent(sandbox, account_id, asked, path, "payment_intent")
    return _prove(sandbox, intent, asked, intents).shown


def create_setup(sandbox: Sandbox, account_id: str, asked: Asked, _path: Path) -> Asked:
    """POST /v1/setup_intents."""
    return setups.create(sandbox, account_id, asked).shown


def confirm_setup(sandbox: Sandbox, account_id: str, asked: Asked, path: Path) -> Asked:
    """POST /v1/setup_intents/:id/confirm."""
    setup = _intent(sandbox, account_id, asked, path, "setup_intent")
    return setups.confirm(sandbox, setup, asked).shown


def cancel_setup(sandbox: Sandbox, account_id: str, asked: Asked, path: Path) -> Asked:
    """POST /v1/setup_intents/:id/cancel."""
    setup = sandbox.store.get(path["id"], "setup_intent", account_id)
    return setups.cancel(sandbox.store, setup, asked.get("cancellation_reason")).shown


def verify_setup(sandbox: Sandbox, account_id: str, asked: Asked, path: Path) -> Asked:
    """POST /v1/setup_intents/:id/verify_microdeposits."""
    setup = _intent(sandbox, account_id, asked, path, "setup_intent")
    return _prove(sandbox, setup, asked, setups).shown


def create_method(sandbox: Sandbox, account_id: str, asked: Asked, _path: Path) -> Asked:
    """POST /v1/payment_methods."""
    return methods.create(sandbox.store, account_id, asked).shown


def change_method(sandbox: Sandbox, account_id: str, asked: Asked, path: Path) -> Asked:
    """POST /v1/payment_methods/:id."""
    method = sandbox.store.get(path["id"], "payment_method", account_id)
    if method.shown["customer"] is None:
        message = "You must save this PaymentMethod to a customer before you can update it."
        raise invalid(message)
    for kind in ("card", "us_bank_account"):
        if asked.get(kind):
            if method.shown["type"] != kind:
                raise invalid(f"This PaymentMethod is no {kind}.", kind)
            month = asked[kind].get("exp_month", 1)
            if not 1 <= month <= 12:
                raise invalid("Your card's expiration month is invalid.", "card[exp_month]")
            method.shown[kind].update(asked[kind])
    method.shown["metadata"].update(asked.get("metadata") or {})
    record(sandbox.store, "payment_method.updated", sandbox.store.save(method))
    return method.shown


def attach_method(sandbox: Sandbox, account_id: str, asked: Asked, path: Path) -> Asked:
    """POST /v1/payment_methods/:id/attach."""
    method = methods.obtain(sandbox.store, account_id, path["id"])
    return methods.attach(sandbox.store, method, asked["customer"]).shown


def detach_method(sandbox: Sandbox, account_id: str, _asked: Asked, path: Path) -> Asked:
    """POST /v1/payment_methods/:id/detach."""
    method = sandbox.store.get(path["id"], "payment_method", account_id)
    return methods.detach(sandbox.store, method).shown


def create_session(sandbox: Sandbox, account_id: str, asked: Asked, _path: Path) -> Asked:
    """POST /v1/checkout/sessions."""
    return sessions.create(sandbox, account_id, asked).shown


def expire_session(sandbox: Sandbox, account_id: str, _asked: Asked, path: Path) -> Asked:
    """POST /v1/checkout/sessions/:id/expire."""
    session = sandbox.store.get(path["id"], "checkout.session", account_id)
    return sessions.expire(sandbox.store, session).shown


def create_refund(sandbox: Sandbox, account_id: str, asked: Asked, _path: Path) -> Asked:
    """POST /v1/refunds."""
    return refunds.create(sandbox, account_id, asked).shown


def answer_dispute(sandbox: Sandbox, account_id: str, asked: Asked, path: Path) -> Asked:
    """POST /v1/disputes/:id."""
    dispute = sandbox.store.get(path["id"], "dispute", account_id)
    return disputes.answer(sandbox.store, dispute, asked).shown


def create_endpoint(sandbox: Sandbox, account_id: str, asked: Asked, _path: Path) -> Asked:
    """POST /v1/webhook_endpoints; only this answer shows the secret."""
    if not re.fullmatch(r"https?://[!-~]+", asked["url"]):
        raise invalid("Invalid URL: must begin with http:// or https://.", "url", "url_invalid")
    secret = new_id("whsec", 32)
    shown = {
        **shapes.head("webhook_endpoint", "we"),
        "api_version": API_VERSION,
        "application": None,
        "description": asked.get("description"),
        "enabled_events": asked["enabled_events"],
        "metadata": asked.get("metadata") or {},
        "status": "enabled",
        "url": asked["url"],
    }
    sandbox.store.add(account_id, shown, secret=secret)
    return {**shown, "secret": secret}


def delete_endpoint(sandbox: Sandbox, account_id: str, _asked: Asked, path: Path) -> Asked:
    """DELETE /v1/webhook_endpoints/:id."""
    found = sandbox.store.get(path["id"], "webhook_endpoint", account_id)
    sandbox.store.run("DELETE FROM thing WHERE id = ?", found.id)
    sandbox.store.run("DELETE FROM delivery WHERE endpoint_id = ?", found.id)
    return {"id": found.id, "object": "webhook_endpoint", "deleted": True}


def _prove(sandbox: Sandbox, thing: Thing, asked: Asked, room: Any) -> Thing:
    """Try a proof; the last wrong one ends the attempt. ``room`` is that of the object."""
    try:
        verification.prove(sandbox, thing, asked)
    except StripeError as error:
        if error.told.get("code") == verification.EXCEEDED:
            room.verification_failed(sandbox, thing)
        raise
    done: Thing = room.verified(sandbox, thing)
    return done


def _intent(sandbox: Sandbox, account_id: str, asked: Asked, path: Path, kind: str) -> Thing:
    """Return an intent; with a client secret it must be this one's."""
    intent = sandbox.store.get(path["id"], kind, account_id)
    secret = asked.pop("client_secret", None)
    if secret is not None and secret != intent.shown["client_secret"]:
        message = "The client_secret provided does not match the intent."
        raise invalid(message, "client_secret", f"{kind}_invalid_parameter")
    return intent
