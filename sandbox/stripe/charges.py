"""The life of a charge: at the bank, taken, failed, given back, disputed."""

from __future__ import annotations

from typing import Any, Final

from sandbox.stripe import methods, money, shapes
from sandbox.stripe.errors import invalid
from sandbox.stripe.events import record
from sandbox.stripe.numbers import SAYS
from sandbox.stripe.state import Pace
from sandbox.stripe.store import Store, Thing, new_id

RETURNABLE: Final = ("us_bank_account", "sepa_debit")
# Stripe's words for why a bank took a debit back, and the network's own. Source: [inf], from the
# failure codes of docs.stripe.com/payments/ach-direct-debit and the return codes of Nacha.
CODES: Final = {
    "R01": "insufficient_funds", "R02": "account_closed", "R03": "no_account",
    "R10": "debit_not_authorized", "R29": "debit_not_authorized",
    "AM04": "insufficient_funds", "MD01": "debit_not_authorized",
}  # fmt: skip


def begin(
    store: Store, intent: Thing, method: Thing, *, mandate: str | None, usage: str | None = None
) -> Thing:
    """Make the charge of one attempt; nothing has moved yet."""
    kind = method.shown["type"]
    shown = shapes.charge(intent.shown, method.shown, prefix="ch" if kind == "card" else "py")
    told = dict(method.shown[kind])
    shown["payment_method_details"] = {"type": kind, kind: _details(kind, told, mandate, usage)}
    charge = store.add(intent.account_id, shown)
    intent.shown["latest_charge"] = charge.id
    return charge


def succeed(store: Store, charge: Thing, pace: Pace) -> Thing:
    """The money is there; the books say so."""
    shown = charge.shown
    kind = shown["payment_method_details"]["type"]
    entry = money.enter(
        store,
        charge.account_id,
        "charge" if kind == "card" else "payment",
        amount=shown["amount"],
        currency=shown["currency"],
        source=charge.id,
        fee_minor=money.fee(kind, shown["amount"]),
        description=shown["description"],
    )
    shown.update(
        status="succeeded",
        paid=True,
        amount_captured=shown["amount"],
        balance_transaction=entry.id,
        receipt_url=f"https://pay.stripe.com/receipts/{charge.id}",
        outcome=_outcome(),
    )
    record(store, "charge.succeeded", store.save(charge))
    number = methods.number_of(store.get(shown["payment_method"], "payment_method"))
    if number.dispute:
        store.start_timer("dispute", charge.id, pace.returned, reason=number.dispute)
    return charge


def fail(store: Store, charge: Thing, code: str, decline_code: str = "") -> Thing:
    """The bank said no before anything moved."""
    charge.shown.update(
        status="failed",
        failure_code=code,
        failure_message=SAYS.get(decline_code or code, "The payment failed."),
        outcome=_outcome(decline_code or code),
    )
    record(store, "charge.failed", store.save(charge))
    return charge


def take_back(store: Store, charge: Thing, code: str) -> Thing:
    """A bank debit that had succeeded failed after all: the late failure of ACH and SEPA.

    Stripe books it as ``payment_failure_refund`` [docs]; the charge becomes ``failed``.
    """
    shown = charge.shown
    kind = shown["payment_method_details"]["type"]
    if shown["status"] != "succeeded" or kind not in RETURNABLE:
        raise invalid("Only a bank debit that succeeded can be taken back, and only once.")
    entry = money.enter(
        store,
        charge.account_id,
        "payment_failure_refund",
        amount=-shown["amount"],
        currency=shown["currency"],
        source=charge.id,
    )
    shown.update(
        status="failed",
        failure_balance_transaction=entry.id,
        failure_code=CODES.get(code, code or "insufficient_funds"),
        failure_message="The bank returned this debit.",
        outcome={**_outcome(code), "network_decline_code": code or None},
    )
    record(store, "charge.failed", store.save(charge))
    return charge


def rest(charge: Thing) -> int:
    """Return what can still be refunded."""
    taken = charge.hidden.get("disputed", 0)
    return max(0, int(charge.shown["amount_captured"] - charge.shown["amount_refunded"] - taken))


def _details(kind: str, told: dict[str, Any], mandate: str | None, usage: str | None) -> Any:
    if kind == "card":
        names = (
            "brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding",
            "last4", "regulated_status", "wallet",
        )  # fmt: skip
        return {
            **{name: told[name] for name in names},
            "amount_authorized": None, "authorization_code": None, "installments": None,
            "mandate": mandate, "network": told["brand"], "three_d_secure": None,
            "network_transaction_id": new_id("x", 15)[2:], "stored_credential_usage": usage,
        }  # fmt: skip
    if kind == "us_bank_account":
        bank = (
            "account_holder_type", "account_type", "bank_name", "fingerprint", "last4",
            "routing_number",
        )  # fmt: skip
        more = {"expected_debit_date": None, "payment_reference": None}
        return {**{name: told[name] for name in bank}, **more, "mandate": mandate}
    sepa = ("bank_code", "branch_code", "country", "fingerprint", "last4")
    return {**{name: told[name] for name in sepa}, "expected_debit_date": None, "mandate": mandate}


def _outcome(reason: str = "") -> dict[str, Any]:
    return {
        "advice_code": "do_not_try_again" if reason in {"lost_card", "stolen_card"} else None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if reason else "approved_by_network",
        "reason": reason or None,
        "risk_level": "normal",
        "seller_message": "The bank declined the payment." if reason else "Payment complete.",
        "type": "issuer_declined" if reason else "authorized",
    }
