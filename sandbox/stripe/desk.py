"""What the control port makes happen: the deeds of payers, banks and Stripe's own clerks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.serving.clock import true_now
from sandbox.stripe import (
    charges,
    disputes,
    intents,
    methods,
    payouts,
    refunds,
    sessions,
    setups,
    webhooks,
)
from sandbox.stripe.errors import StripeError, invalid
from sandbox.stripe.events import record
from sandbox.stripe.numbers import BY_NUMBER, ROUTING_NUMBER
from sandbox.stripe.state import Sandbox
from sandbox.stripe.store import ACCOUNTS, Thing, new_id

Body = dict[str, Any]
Handler = Callable[[Sandbox, Body, Body], object]
_ONLINE = {"customer_acceptance": {"type": "online", "online": {"ip_address": "192.0.2.1"}}}


def _pay(sandbox: Sandbox, path: Body, body: Body) -> object:
    """Pay or set up as a payer does, without the page.

    ``number`` is a test number; ``authenticate`` answers 3-D Secure: approve or fail; an account in
    the US is proven at once, unless ``deposits`` is how: amounts or descriptor_code. ``holder``:
    whose account it is, company or individual.
    """
    thing = _open(sandbox, path["id"])
    method = method_of(str(body.get("number")), thing.shown["payment_method_types"])
    if "us_bank_account" in method and body.get("holder"):
        method["us_bank_account"]["account_holder_type"] = body["holder"]
    verified = not body.get("deposits")
    _set_proof(sandbox, thing, body.get("deposits"))
    try:
        if thing.object == "checkout.session":
            intent = sessions.pay(sandbox, thing, method, verified=verified)
        else:
            act = intents.confirm if thing.object == "payment_intent" else setups.confirm
            told = {"payment_method_data": method, "mandate_data": _ONLINE, "verified": verified}
            intent = act(sandbox, thing, {**told, "return_url": "http://shop.example/return"})
    except StripeError as error:
        if not error.keeps:
            raise
        return error.body("req_control")
    asked = (intent.shown["next_action"] or {}).get("redirect_to_url")
    if asked and body.get("authenticate"):
        act_ = intents.answer if intent.object == "payment_intent" else setups.answer
        intent = act_(sandbox, intent, approved=body["authenticate"] == "approve")
    return intent.shown


def _set_proof(sandbox: Sandbox, thing: Thing, how: Any) -> None:
    if thing.object == "checkout.session" and thing.shown["setup_intent"]:
        thing = sandbox.store.get(thing.shown["setup_intent"], "setup_intent")
    if isinstance(how, str):
        thing.hidden["proof"] = how
        sandbox.store.save(thing)


def _answer_bank(sandbox: Sandbox, path: Body, body: Body) -> object:
    """The payer answers 3-D Secure: ``decision`` is approve or fail."""
    thing = _open(sandbox, path["id"])
    act = intents.answer if thing.object == "payment_intent" else setups.answer
    return act(sandbox, thing, approved=body.get("decision") == "approve").shown


def method_of(number: str, types: list[str]) -> Body:
    """Return the payment method of a test number, as a payer would type it."""
    for kind in types:
        if (kind, number.replace(" ", "")) in BY_NUMBER:
            break
    else:
        raise invalid(f"This is no test number for {', '.join(types)}.", "number")
    who = {"name": "Jenny Rosen", "email": "jenny@example.com"}
    if kind == "card":
        told: Body = {"number": number, "exp_month": 12, "exp_year": 2049}
    elif kind == "us_bank_account":
        told = {
            "account_number": number, "routing_number": ROUTING_NUMBER,
            "account_holder_type": "company",
        }  # fmt: skip
    else:
        told = {"iban": number}
    return {"type": kind, kind: told, "billing_details": who}


def _open(sandbox: Sandbox, id_: str) -> Thing:
    found = sandbox.store.find(id_)
    kinds = {"checkout.session", "payment_intent", "setup_intent"}
    if found is None or found.object not in kinds:
        raise invalid(f"There is no payment or setup {id_}.")
    return found


def _intent_of(sandbox: Sandbox, id_: str) -> Thing:
    """Return the payment intent, also of a Checkout Session's id."""
    found = _open(sandbox, id_)
    if found.object == "checkout.session":
        return sandbox.store.get(found.shown["payment_intent"] or "none", "payment_intent")
    return found


def _charge_of(sandbox: Sandbox, id_: str) -> Thing:
    intent = _intent_of(sandbox, id_)
    return sandbox.store.get(intent.shown["latest_charge"] or "none", "charge")


def _settle(sandbox: Sandbox, path: Body, body: Body) -> object:
    """The bank answers a debit: ``code`` says why it failed."""
    intent = _intent_of(sandbox, path["id"])
    return intents.settle(sandbox, intent, code=str(body.get("code") or "")).shown


def _take_back(sandbox: Sandbox, path: Body, body: Body) -> object:
    """The bank returns a debit that had succeeded; ``code`` is Nacha's or SEPA's.

    With ``late_failure`` as Stripe's failed charge, else as a dispute that is lost at once.
    """
    charge, code = _charge_of(sandbox, path["id"]), str(body.get("code") or "R01")
    if body.get("late_failure"):
        return charges.take_back(sandbox.store, charge, code).shown
    if charge.shown["payment_method_details"]["type"] == "card":
        raise invalid("Only a bank debit can be returned.")
    return disputes.begin(sandbox.store, charge, reason=code).shown


def _dispute(sandbox: Sandbox, path: Body, body: Body) -> object:
    charge = _charge_of(sandbox, path["id"])
    reason = str(body.get("reason") or "fraudulent")
    return disputes.begin(sandbox.store, charge, reason=reason, amount=body.get("amount")).shown


def _decide_dispute(*, won: bool) -> Handler:
    def handler(sandbox: Sandbox, path: Body, _body: Body) -> object:
        dispute = sandbox.store.get(path["id"], "dispute")
        return disputes.close(sandbox.store, dispute, won=won).shown

    return handler


def _refund(sandbox: Sandbox, path: Body, body: Body) -> object:
    """Refund as a clerk does in the dashboard: without a reference of the merchant."""
    charge = _charge_of(sandbox, path["id"])
    asked = {"charge": charge.id, "amount": body.get("amount")}
    return refunds.create(sandbox, charge.account_id, asked).shown


def _refunds(sandbox: Sandbox, _path: Body, body: Body) -> object:
    """Set how refunds behave from now on."""
    sandbox.store.set_setting("refunds", {"pending": bool(body.get("pending"))})
    return sandbox.store.setting("refunds")


def _settle_refund(sandbox: Sandbox, path: Body, _body: Body) -> object:
    return refunds.settle(sandbox.store, sandbox.store.get(path["id"], "refund")).shown


def _fail_refund(sandbox: Sandbox, path: Body, body: Body) -> object:
    reason = str(body.get("reason") or "expired_or_canceled_card")
    return refunds.fail(sandbox.store, sandbox.store.get(path["id"], "refund"), reason).shown


def _pay_out(sandbox: Sandbox, _path: Body, _body: Body) -> object:
    made = [each for account in ACCOUNTS for each in payouts.pay_out(sandbox.store, account[0])]
    return {"data": [each.shown for each in made]}


def _fail_payout(sandbox: Sandbox, path: Body, body: Body) -> object:
    payout = sandbox.store.get(path["id"], "payout")
    return payouts.fail(sandbox.store, payout, str(body.get("code") or "account_closed")).shown


def _renew_card(sandbox: Sandbox, path: Body, body: Body) -> object:
    """The network renews a card: new expiry, and perhaps a new ``last4``, under the same id."""
    method = sandbox.store.get(path["id"], "payment_method")
    method.shown["card"].update(body)
    sandbox.store.save(method)
    record(sandbox.store, "payment_method.automatically_updated", method)
    return method.shown


def _lose_method(sandbox: Sandbox, path: Body, _body: Body) -> object:
    """A clerk detaches a method in the dashboard."""
    method = sandbox.store.get(path["id"], "payment_method")
    return methods.detach(sandbox.store, method).shown


def _end_mandate(sandbox: Sandbox, path: Body, _body: Body) -> object:
    """The payer revokes the permission at his bank."""
    mandate = sandbox.store.get(path["id"], "mandate")
    mandate.shown["status"] = "inactive"
    record(sandbox.store, "mandate.updated", sandbox.store.save(mandate))
    return mandate.shown


def _sign(sandbox: Sandbox, path: Body, body: Body) -> object:
    """Return a rightly signed message about an object, as it would come over the wire.

    ``type``, ``secret``, ``age`` in seconds, and ``changes`` to the event.
    """
    thing = sandbox.store.find(path["id"])
    if thing is None:
        raise invalid(f"There is no object {path['id']}.")
    event = {
        "id": new_id("evt"), "object": "event", "api_version": None, "created": int(true_now()),
        "data": {"object": thing.shown}, "livemode": False, "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": body.get("type") or f"{thing.object}.succeeded", **(body.get("changes") or {}),
    }  # fmt: skip
    made = Thing(event["id"], "event", thing.account_id, event, {})
    at = true_now() - float(body.get("age") or 0)
    message = webhooks.signed(made, url="", secret=str(body["secret"]), at=at)
    return {"headers": message.headers, "body": message.body.decode()}


HANDLERS: list[tuple[str, str, Handler]] = [
    ("POST", "/pay/{id}", _pay),
    ("POST", "/answer/{id}", _answer_bank),
    ("POST", "/settle/{id}", _settle),
    ("POST", "/return/{id}", _take_back),
    ("POST", "/dispute/{id}", _dispute),
    ("POST", "/disputes/{id}/win", _decide_dispute(won=True)),
    ("POST", "/disputes/{id}/lose", _decide_dispute(won=False)),
    ("POST", "/refund/{id}", _refund),
    ("POST", "/refunds/behaviour", _refunds),
    ("POST", "/refunds/{id}/settle", _settle_refund),
    ("POST", "/refunds/{id}/fail", _fail_refund),
    ("POST", "/payouts", _pay_out),
    ("POST", "/payouts/{id}/fail", _fail_payout),
    ("POST", "/methods/{id}/renew", _renew_card),
    ("POST", "/methods/{id}/lose", _lose_method),
    ("POST", "/mandates/{id}/end", _end_mandate),
    ("POST", "/sign/{id}", _sign),
]
