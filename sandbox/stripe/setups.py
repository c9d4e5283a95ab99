"""The life of a setup intent: a method is kept for later, with the payer's permission."""

from __future__ import annotations

from typing import Any, Final

from sandbox.stripe import intents, methods, shapes, verification
from sandbox.stripe.errors import StripeError, card_error, invalid, unexpected
from sandbox.stripe.events import record
from sandbox.stripe.following import follow
from sandbox.stripe.numbers import SAYS
from sandbox.stripe.state import Sandbox
from sandbox.stripe.store import Store, Thing

Asked = dict[str, Any]
_OPEN: Final = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(sandbox: Sandbox, account_id: str, asked: Asked, **hidden: object) -> Thing:
    """Make a setup intent. Raises ``StripeError``."""
    store = sandbox.store
    types = asked.get("allowed_payment_method_types") or ["card"]
    for kind in types:
        if kind not in {"card", *intents.DEBITS}:
            raise invalid(
                f"The payment method type {kind} is not known.", "allowed_payment_method_types"
            )
    if asked.get("customer"):
        store.get(asked["customer"], "customer", account_id)
    if asked.get("payment_method"):
        asked["payment_method"] = methods.obtain(store, account_id, asked["payment_method"]).id
    made = store.add(account_id, shapes.setup(asked, types), **hidden)
    if asked.get("payment_method"):
        made.shown["status"] = "requires_confirmation"
    record(store, "setup_intent.created", store.save(made))
    return confirm(sandbox, made, asked) if asked.get("confirm") else made


def confirm(sandbox: Sandbox, setup: Thing, asked: Asked) -> Thing:
    """Try to set the method up. Raises ``StripeError`` 402 when the bank says no."""
    store, shown = sandbox.store, setup.shown
    if shown["status"] not in _OPEN:
        raise unexpected("setup_intent", shown["status"], "You cannot confirm this SetupIntent.")
    method = _method(store, setup, asked)
    kind = method.shown["type"]
    shown.update(payment_method=method.id, next_action=None, last_setup_error=None)
    if kind in intents.DEBITS:
        if not asked.get("mandate_data"):
            raise invalid("You must provide mandate_data.", "mandate_data")
        setup.hidden["mandate_data"] = asked["mandate_data"]
        if verification.is_needed(method):
            verification.ask(sandbox, setup)
            record(store, "setup_intent.requires_action", store.save(setup))
            follow(store, setup)
            return setup
        return _done(store, setup, method)
    number = methods.number_of(method)
    if number.asks:
        return _ask(sandbox, setup, asked)
    if number.code and not number.saves:
        return _fail(store, setup, method, number.code, number.decline_code)
    return _done(store, setup, method)


def answer(sandbox: Sandbox, setup: Thing, *, approved: bool) -> Thing:
    """The payer answered the bank; what follows is written and not raised."""
    if setup.shown["status"] != "requires_action":
        raise unexpected("setup_intent", setup.shown["status"], "Nothing was asked.")
    setup.shown["next_action"] = None
    method = sandbox.store.get(setup.shown["payment_method"], "payment_method")
    if approved:
        return _done(sandbox.store, setup, method)
    try:
        return _fail(sandbox.store, setup, method, "setup_intent_authentication_failure", "")
    except StripeError:
        return setup


def verified(sandbox: Sandbox, setup: Thing) -> Thing:
    """The payer's account was proven by micro-deposits."""
    setup.shown["next_action"] = None
    method = sandbox.store.get(setup.shown["payment_method"], "payment_method")
    return _done(sandbox.store, setup, method)


def verification_failed(sandbox: Sandbox, setup: Thing) -> Thing:
    """Too many wrong proofs: another method is needed."""
    method = sandbox.store.get(setup.shown["payment_method"], "payment_method")
    try:
        return _fail(sandbox.store, setup, method, verification.EXCEEDED, "")
    except StripeError:
        return setup


def cancel(store: Store, setup: Thing, reason: str | None) -> Thing:
    """Close an open setup intent for good."""
    if setup.shown["status"] not in _OPEN:
        raise unexpected("setup_intent", setup.shown["status"], "You cannot cancel it.")
    setup.shown.update(status="canceled", cancellation_reason=reason, next_action=None)
    record(store, "setup_intent.canceled", store.save(setup))
    return setup


def _method(store: Store, setup: Thing, asked: Asked) -> Thing:
    named = asked.get("payment_method") or setup.shown["payment_method"]
    if asked.get("payment_method_data"):
        told = asked["payment_method_data"]
        method = methods.create(store, setup.account_id, told, verified=bool(asked.get("verified")))
    elif named:
        method = methods.obtain(store, setup.account_id, named)
    else:
        message = "You cannot confirm this SetupIntent because it's missing a payment method."
        raise unexpected("setup_intent", setup.shown["status"], message)
    if method.shown["type"] not in setup.shown["payment_method_types"]:
        raise invalid("The PaymentMethod's type is not allowed here.", "payment_method")
    return method


def _ask(sandbox: Sandbox, setup: Thing, asked: Asked) -> Thing:
    url = f"{sandbox.public_url}/3ds/{setup.id}"
    if asked.get("use_stripe_sdk"):
        told: Asked = {"type": "three_d_secure_redirect", "stripe_js": url}
        setup.shown["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": told}
    else:
        setup.shown["next_action"] = {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": asked.get("return_url"), "url": url},
        }
    setup.shown["status"] = "requires_action"
    setup.hidden["return_url"] = asked.get("return_url")
    record(sandbox.store, "setup_intent.requires_action", sandbox.store.save(setup))
    return setup


def _done(store: Store, setup: Thing, method: Thing) -> Thing:
    shown = setup.shown
    if method.shown["type"] in intents.DEBITS:
        told = setup.hidden.get("mandate_data")
        shown["mandate"] = methods.mandate_for(store, method, told, single=None).id
    shown.update(status="succeeded", next_action=None)
    method.hidden["set_up"] = shown["usage"] == "off_session"
    store.save(method)
    record(store, "setup_intent.succeeded", store.save(setup))
    if shown["customer"]:
        methods.attach(store, method, shown["customer"])
    follow(store, setup)
    return setup


def _fail(store: Store, setup: Thing, method: Thing, code: str, decline: str) -> Thing:
    message = SAYS.get(decline or code, "We are unable to authenticate your payment method.")
    error = {
        "type": "card_error", "code": code, "message": message, "payment_method": method.shown,
        **({"decline_code": decline} if decline else {}),
    }  # fmt: skip
    setup.shown.update(
        status="requires_payment_method", payment_method=None, next_action=None,
        last_setup_error=error,
    )  # fmt: skip
    record(store, "setup_intent.setup_failed", store.save(setup))
    raise card_error(
        code, message, decline_code=decline or None, setup_intent=setup.shown,
        payment_method=method.shown,
    )  # fmt: skip
