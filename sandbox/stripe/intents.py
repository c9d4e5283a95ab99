"""The life of a payment intent: made, confirmed, authenticated, taken or failed, cancelled."""

from __future__ import annotations

from typing import Any, Final

from sandbox.stripe import charges, methods, shapes, verification
from sandbox.stripe.clock import stamp
from sandbox.stripe.errors import StripeError, card_error, invalid, unexpected
from sandbox.stripe.events import record
from sandbox.stripe.following import follow
from sandbox.stripe.numbers import SAYS, Number
from sandbox.stripe.state import Sandbox
from sandbox.stripe.store import Store, Thing

Asked = dict[str, Any]
AUTOMATIC: Final = {"usd": ["card", "us_bank_account"], "eur": ["card", "sepa_debit"]}
MINIMUM: Final = {"usd": 50, "eur": 50, "gbp": 30, "jpy": 50, "kwd": 150}
DEBITS: Final = ("us_bank_account", "sepa_debit")
_OPEN: Final = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(sandbox: Sandbox, account_id: str, asked: Asked, **hidden: object) -> Thing:
    """Make an intent; no money moves unless it says ``confirm``. Raises ``StripeError``."""
    currency = str(asked["currency"]).lower()
    asked["currency"] = currency
    check_amount(asked["amount"], currency)
    types = asked.get("allowed_payment_method_types") or AUTOMATIC.get(currency, ["card"])
    check_types(types, currency)
    store = sandbox.store
    if asked.get("customer"):
        store.get(asked["customer"], "customer", account_id)
    if asked.get("payment_method"):
        asked["payment_method"] = methods.obtain(store, account_id, asked["payment_method"]).id
    intent = store.add(account_id, shapes.intent(asked, types), **hidden)
    if asked.get("payment_method"):
        intent.shown["status"] = "requires_confirmation"
    record(store, "payment_intent.created", store.save(intent))
    return confirm(sandbox, intent, asked) if asked.get("confirm") else intent


def confirm(sandbox: Sandbox, intent: Thing, asked: Asked) -> Thing:
    """Try to take the money. Raises ``StripeError`` 402 for a decline, which stays written."""
    store, shown = sandbox.store, intent.shown
    if shown["status"] not in _OPEN:
        raise unexpected("payment_intent", shown["status"], "You cannot confirm this intent.")
    method = _method(store, intent, asked)
    kind = method.shown["type"]
    mandate = _mandate(store, intent, method, asked) if kind in DEBITS else asked.get("mandate")
    usage = ((asked.get("payment_method_options") or {}).get("card") or {}).get(
        "stored_credential_usage"
    )
    shown.update(payment_method=method.id, next_action=None, last_payment_error=None)
    for name in ("setup_future_usage", "receipt_email"):
        if asked.get(name):
            shown[name] = asked[name]
    intent.hidden.update(
        mandate=mandate, usage=usage, return_url=asked.get("return_url"),
        off_session=asked.get("off_session") or False,
    )  # fmt: skip
    number = methods.number_of(method)
    if kind in DEBITS:
        return _debit(sandbox, intent, method)
    if asks_for_authentication(number, method):
        if asked.get("off_session"):
            return _fail(sandbox, intent, method, "authentication_required")
        return ask(sandbox, intent, asked)
    return take(sandbox, intent, method)


def take(sandbox: Sandbox, intent: Thing, method: Thing) -> Thing:
    """Charge a card at once. Raises ``StripeError`` 402 when the bank says no."""
    number = methods.number_of(method)
    if number.code:
        return _fail(sandbox, intent, method, number.code, number.decline_code)
    charge = charges.begin(
        sandbox.store, intent, method,
        mandate=intent.hidden.get("mandate"), usage=intent.hidden.get("usage"),
    )  # fmt: skip
    charges.succeed(sandbox.store, charge, sandbox.pace)
    return done(sandbox.store, intent, method)


def ask(sandbox: Sandbox, intent: Thing, asked: Asked) -> Thing:
    """The bank wants to hear from the payer first: 3-D Secure, or our micro-deposits."""
    url = f"{sandbox.public_url}/3ds/{intent.id}"
    if asked.get("use_stripe_sdk"):
        told: Asked = {"type": "three_d_secure_redirect", "stripe_js": url}
        intent.shown["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": told}
    else:
        back = asked.get("return_url")
        intent.shown["next_action"] = {
            "type": "redirect_to_url", "redirect_to_url": {"return_url": back, "url": url},
        }  # fmt: skip
    intent.shown["status"] = "requires_action"
    record(sandbox.store, "payment_intent.requires_action", sandbox.store.save(intent))
    return intent


def answer(sandbox: Sandbox, intent: Thing, *, approved: bool) -> Thing:
    """The payer answered the bank. A decline that follows is written and not raised."""
    shown = intent.shown
    if shown["status"] != "requires_action" or shown["next_action"].get(
        "verify_with_microdeposits"
    ):
        raise unexpected("payment_intent", shown["status"], "The bank has not asked for anything.")
    shown["next_action"] = None
    method = sandbox.store.get(shown["payment_method"], "payment_method")
    method.hidden["authenticated"] = True
    sandbox.store.save(method)
    try:
        if approved:
            return take(sandbox, intent, method)
        code = "payment_intent_authentication_failure"
        return _fail(sandbox, intent, method, code, charged=False)
    except StripeError:
        return intent


def verified(sandbox: Sandbox, intent: Thing) -> Thing:
    """The payer's account was proven by micro-deposits: the debit goes to the bank."""
    method = sandbox.store.get(intent.shown["payment_method"], "payment_method")
    intent.shown["next_action"] = None
    return _debit(sandbox, intent, method)


def verification_failed(sandbox: Sandbox, intent: Thing) -> Thing:
    """Too many wrong proofs: another method is needed."""
    method = sandbox.store.get(intent.shown["payment_method"], "payment_method")
    _failed(sandbox.store, intent, method, verification.EXCEEDED)
    return intent


def settle(sandbox: Sandbox, intent: Thing, *, code: str = "") -> Thing:
    """The bank has answered a debit: it succeeded, or failed with ``code``."""
    shown = intent.shown
    if shown["status"] != "processing":
        raise unexpected("payment_intent", shown["status"], "Nothing is at the bank.")
    store = sandbox.store
    charge = store.get(shown["latest_charge"], "charge")
    method = store.get(shown["payment_method"], "payment_method")
    store.stop_timers(intent.id, "settle")
    if not code:
        charges.succeed(store, charge, sandbox.pace)
        return done(store, intent, method)
    charges.fail(store, charge, code)
    _failed(store, intent, method, code)
    return intent


def done(store: Store, intent: Thing, method: Thing) -> Thing:
    """The money is there; the method is kept if that was asked for."""
    shown = intent.shown
    shown.update(status="succeeded", amount_received=shown["amount"], next_action=None)
    record(store, "payment_intent.succeeded", store.save(intent))
    keep_method(store, shown, method)
    follow(store, intent)
    return intent


def keep_method(store: Store, shown: Asked, method: Thing) -> None:
    """Attach the method to the customer, so that later charges may use it."""
    if shown.get("setup_future_usage") and shown["customer"]:
        method.hidden["set_up"] = shown["setup_future_usage"] == "off_session"
        methods.attach(store, method, shown["customer"])
        store.save(method)


def cancel(store: Store, intent: Thing, reason: str | None) -> Thing:
    """Close an open intent for good. Raises ``StripeError`` when it is not open."""
    shown = intent.shown
    if shown["status"] not in _OPEN:
        message = (
            f"You cannot cancel this PaymentIntent because it has a status of {shown['status']}."
        )
        raise unexpected("payment_intent", shown["status"], message)
    shown.update(
        status="canceled",
        canceled_at=stamp(),
        cancellation_reason=reason,
        next_action=None,
        last_payment_error=None,  # "cleared if the PaymentIntent is later updated" [types]
    )
    record(store, "payment_intent.canceled", store.save(intent))
    return intent


def check_amount(amount: int, currency: str) -> None:
    """Raise ``StripeError`` for an amount that Stripe does not take."""
    if len(currency) != 3 or not currency.isalpha():
        raise invalid(f"Invalid currency: {currency}", "currency")
    if amount < 1:
        raise invalid("Invalid positive integer", "amount", "parameter_invalid_integer")
    if amount < MINIMUM.get(currency, 1):
        raise invalid("Amount must be at least 50 cents.", "amount", "amount_too_small")
    if amount > 99_999_999:
        raise invalid("Amount must be no more than $999,999.99", "amount", "amount_too_large")


def check_types(types: list[str], currency: str) -> None:
    """Raise ``StripeError`` for a payment method that can not pay in this currency."""
    for kind, only in (("us_bank_account", "usd"), ("sepa_debit", "eur")):
        if kind in types and currency != only:
            raise invalid(f"{kind} takes {only} only.", "currency", "payment_method_invalid")
    for kind in types:
        if kind not in {"card", *DEBITS}:
            raise invalid(
                f"The payment method type {kind} is not activated.", "allowed_payment_method_types"
            )


def asks_for_authentication(number: Number, method: Thing) -> bool:
    """Say whether the bank wants the payer to answer before a charge."""
    if number.asks == "unless_set_up":
        return not method.hidden.get("set_up")
    return number.asks == "always"


def _method(store: Store, intent: Thing, asked: Asked) -> Thing:
    shown = intent.shown
    if asked.get("payment_method_data"):
        told = asked["payment_method_data"]
        method = methods.create(
            store, intent.account_id, told, verified=bool(asked.get("verified"))
        )
    elif asked.get("payment_method") or shown["payment_method"]:
        named = asked.get("payment_method") or shown["payment_method"]
        method = methods.obtain(store, intent.account_id, named)
    else:
        message = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise unexpected("payment_intent", shown["status"], message)
    owner = method.shown["customer"]
    if owner != shown["customer"] and owner is not None:
        raise invalid("The PaymentMethod belongs to another Customer.", "payment_method")
    if method.hidden.get("detached"):
        raise invalid("The PaymentMethod was detached and may not be used.", "payment_method")
    if method.shown["type"] not in shown["payment_method_types"]:
        raise invalid("The PaymentMethod's type is not allowed here.", "payment_method")
    return method


def _mandate(store: Store, intent: Thing, method: Thing, asked: Asked) -> str:
    kept = methods.mandate_of(store, method)
    if asked.get("mandate"):
        kept = store.get(asked["mandate"], "mandate", intent.account_id)
    if kept is not None and kept.shown["status"] == "active":
        return kept.id
    if not asked.get("mandate_data"):
        message = "You must provide mandate_data, or a PaymentMethod with an active mandate."
        raise invalid(message, "mandate_data", "payment_intent_mandate_invalid")
    lasting = intent.shown["setup_future_usage"] or asked.get("setup_future_usage")
    single = {name: intent.shown[name] for name in ("amount", "currency")}
    made = methods.mandate_for(
        store, method, asked["mandate_data"], single=None if lasting else single
    )
    return made.id


def _debit(sandbox: Sandbox, intent: Thing, method: Thing) -> Thing:
    store, number = sandbox.store, methods.number_of(method)
    if verification.is_needed(method):
        verification.forbid_if_instant(intent)
        verification.ask(sandbox, intent)
        record(store, "payment_intent.requires_action", store.save(intent))
        follow(store, intent)
        return intent
    charge = charges.begin(store, intent, method, mandate=intent.hidden["mandate"])
    record(store, "charge.pending", store.save(charge))
    intent.shown["status"] = "processing"
    record(store, "payment_intent.processing", store.save(intent))
    follow(store, intent)
    if not number.waits:
        store.start_timer("settle", intent.id, sandbox.pace.settle, code=number.code)
    return intent


def _fail(
    sandbox: Sandbox, intent: Thing, method: Thing, code: str, decline: str = "", *,
    charged: bool = True,
) -> Thing:  # fmt: skip
    store = sandbox.store
    decline = "authentication_required" if code == "authentication_required" else decline
    if charged:
        charge = charges.begin(store, intent, method, mandate=None)
        charges.fail(store, charge, code, decline)
    error = _failed(store, intent, method, code, decline)
    raise card_error(
        code, error["message"], decline_code=decline or None,
        charge=intent.shown["latest_charge"], payment_intent=intent.shown,
        payment_method=method.shown,
    )  # fmt: skip


def _failed(store: Store, intent: Thing, method: Thing, code: str, decline: str = "") -> Asked:
    """Leave the intent open for another method, and write why this one was not taken."""
    message = SAYS.get(decline or code, "We are unable to authenticate your payment method.")
    error = {
        "type": "card_error" if method.shown["type"] == "card" else "invalid_request_error",
        "code": code, "message": message, "payment_method": method.shown,
        "charge": intent.shown["latest_charge"],
        **({"decline_code": decline} if decline else {}),
    }  # fmt: skip
    intent.shown.update(
        status="requires_payment_method", payment_method=None, next_action=None,
        last_payment_error=error,
    )  # fmt: skip
    record(store, "payment_intent.payment_failed", store.save(intent))
    follow(store, intent)
    return error
