"""Customers and their payment methods; a whole number is read once and never kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sandbox.serving.clock import now
from sandbox.stripe import shapes
from sandbox.stripe.errors import StripeError, card_error, invalid
from sandbox.stripe.events import record
from sandbox.stripe.numbers import (
    BY_NUMBER,
    BY_PRINT,
    ROUTING_NUMBER,
    Number,
    luhn_holds,
    ready_made,
)
from sandbox.stripe.store import Store, Thing, new_id

Asked = dict[str, Any]


def create(store: Store, account_id: str, asked: Asked, *, verified: bool = False) -> Thing:
    """Make a payment method from what a payer typed. Raises ``StripeError``."""
    kind = asked.get("type")
    if kind == "card":
        number, shown = _card(asked.get("card") or {})
    elif kind == "us_bank_account":
        number, shown = _us_bank_account(asked.get("us_bank_account") or {})
    elif kind == "sepa_debit":
        number, shown = _sepa_debit(asked.get("sepa_debit") or {})
    else:
        raise invalid("This payment method type is not known here.", "type")
    return _add(store, account_id, number, shown, asked, verified=verified)


def obtain(store: Store, account_id: str, id_: str) -> Thing:
    """Return a payment method; the names of Stripe's test methods make a new one each time."""
    number = ready_made(id_)
    if number is None:
        return store.get(id_, "payment_method", account_id)
    if number.kind == "card":
        shown = _card_shown(number, 12, _this_year() + 2)
    else:
        shown = _bank_shown(number, {"account_holder_type": "individual"})
    asked: Asked = {"type": number.kind, "billing_details": {"name": "Jenny Rosen"}}
    return _add(store, account_id, number, shown, asked, verified=True)


def number_of(method: Thing) -> Number:
    """Return the test number behind a payment method."""
    return BY_PRINT[method.hidden["print"]]


def attach(store: Store, method: Thing, customer_id: str) -> Thing:
    """Keep a payment method for a customer. Raises ``StripeError`` when it is another's."""
    store.get(customer_id, "customer", method.account_id)
    if method.shown["customer"] not in {None, customer_id}:
        raise invalid("The payment method you provided has already been attached to a customer.")
    if method.hidden.get("detached"):
        message = (
            "This PaymentMethod was previously used without being attached to a Customer or was "
            "detached from a Customer, and may not be used again."
        )
        raise invalid(message, "payment_method")
    if method.shown["customer"] is None:
        method.shown["customer"] = customer_id
        store.save(method)
        record(store, "payment_method.attached", method)
    return method


def detach(store: Store, method: Thing) -> Thing:
    """Forget a payment method for its customer; it can not be used again."""
    if method.shown["customer"] is None:
        raise invalid("The payment method you provided is not attached to a customer.")
    method.shown["customer"] = None
    method.hidden["detached"] = True
    store.save(method)
    record(store, "payment_method.detached", method)
    for mandate in store.where("mandate", "payment_method", method.id):
        if mandate.shown["status"] == "active":
            mandate.shown["status"] = "inactive"
            record(store, "mandate.updated", store.save(mandate))
    return method


def mandate_for(store: Store, method: Thing, told: Asked | None, *, single: Asked | None) -> Thing:
    """Write the payer's permission down; ``single`` is the amount of one that works once."""
    acceptance = (told or {}).get("customer_acceptance") or {"type": "online", "online": {}}
    online = acceptance.get("online") or {}
    kind = method.shown["type"]
    made = shapes.head("mandate", "mandate")
    accepted_at = made.pop("created")
    details: Asked = {"type": kind, kind: {}}
    if kind == "us_bank_account":
        details[kind] = {"collection_method": "paper"} if acceptance["type"] == "offline" else {}
    if kind == "sepa_debit":
        details[kind] = {"reference": new_id("x", 16)[2:].upper(), "url": "https://example.com/m"}
    shown = {
        **made,
        "customer_acceptance": {
            "accepted_at": accepted_at,
            "type": acceptance["type"],
            **(
                {"offline": {}}
                if acceptance["type"] == "offline"
                else {
                    "online": {
                        "ip_address": online.get("ip_address") or "127.0.0.1",
                        "user_agent": online.get("user_agent") or "sandbox",
                    }
                }
            ),
        },
        "payment_method": method.id,
        "payment_method_details": details,
        "status": "active",
        **({"type": "single_use", "single_use": single} if single else {
            "type": "multi_use", "multi_use": {},
        }),
    }  # fmt: skip
    return store.add(method.account_id, shown)


def mandate_of(store: Store, method: Thing) -> Thing | None:
    """Return the permission that allows another debit, if there is one."""
    found = [
        each
        for each in store.where("mandate", "payment_method", method.id)
        if each.shown["status"] == "active" and each.shown["type"] == "multi_use"
    ]
    return found[-1] if found else None


def _add(
    store: Store, account_id: str, number: Number, shown: Asked, asked: Asked, *, verified: bool
) -> Thing:
    whole = {
        **shapes.head("payment_method", "pm"),
        "allow_redisplay": asked.get("allow_redisplay") or "unspecified",
        "billing_details": shapes.billing(asked.get("billing_details")),
        "customer": None,
        "customer_account": None,
        "metadata": asked.get("metadata") or {},
        "type": number.kind,
        number.kind: shown,
    }
    return store.add(account_id, whole, print=number.fingerprint, verified=verified)


def _card(told: Asked) -> tuple[Number, Asked]:
    digits = re.sub(r"[\s-]", "", str(told.get("number") or ""))
    if not luhn_holds(digits):
        raise card_error("incorrect_number", "Your card number is incorrect.", param="number")
    month, year = told.get("exp_month") or 0, told.get("exp_year") or 0
    year += 2000 if year < 100 else 0
    if not 1 <= month <= 12:
        message = "Your card's expiration month is invalid."
        raise card_error("invalid_expiry_month", message, param="exp_month")
    today = datetime.fromtimestamp(now(), UTC)
    if not (today.year, today.month) <= (year, month) <= (today.year + 50, 12):
        message = "Your card's expiration year is invalid."
        raise card_error("invalid_expiry_year", message, param="exp_year")
    return _known("card", digits, "number"), _card_shown(_known("card", digits), month, year)


def _card_shown(number: Number, month: int, year: int) -> Asked:
    return {
        "brand": number.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "fail" if number.code == "incorrect_cvc" else "pass",
        },
        "country": "US",
        "display_brand": number.brand,
        "exp_month": month,
        "exp_year": year,
        "fingerprint": number.fingerprint,
        "funding": number.funding,
        "generated_from": None,
        "last4": number.last4,
        "networks": {"available": [number.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def _us_bank_account(told: Asked) -> tuple[Number, Asked]:
    if told.get("routing_number") != ROUTING_NUMBER:
        message = f"The sandbox's bank has the routing number {ROUTING_NUMBER}."
        raise invalid(message, "us_bank_account[routing_number]", "routing_number_invalid")
    if told.get("account_holder_type") not in {"individual", "company"}:
        raise invalid("Missing required param: account_holder_type.", "account_holder_type")
    account = str(told.get("account_number") or "")
    number = _known("us_bank_account", account, "us_bank_account[account_number]")
    return number, _bank_shown(number, told)


def _bank_shown(number: Number, told: Asked) -> Asked:
    return {
        "account_holder_type": told["account_holder_type"],
        "account_type": told.get("account_type") or "checking",
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "fingerprint": number.fingerprint,
        "last4": number.last4,
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": ROUTING_NUMBER,
        "status_details": {},
    }


def _sepa_debit(told: Asked) -> tuple[Number, Asked]:
    iban = re.sub(r"\s", "", str(told.get("iban") or "")).upper()
    number = _known("sepa_debit", iban, "sepa_debit[iban]")
    return number, {
        "bank_code": iban[4:12],
        "branch_code": "",
        "country": iban[:2],
        "fingerprint": number.fingerprint,
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": number.last4,
    }


def _known(kind: str, number: str, param: str = "") -> Number:
    found = BY_NUMBER.get((kind, number))
    if found is None:
        raise _not_a_test_number(param)
    return found


def _not_a_test_number(param: str) -> StripeError:
    message = "Your request was in test mode, but used a number that is not known to the sandbox."
    return card_error("card_declined", message, decline_code="test_mode_live_card", param=param)


def _this_year() -> int:
    return datetime.fromtimestamp(now(), UTC).year
