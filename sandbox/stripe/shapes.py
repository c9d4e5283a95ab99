"""How Stripe's objects look when they are new: every field that its types promise, and no other.

Source: the resource classes of the official ``stripe`` package, version 16.1.0.
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.stripe.clock import stamp
from sandbox.stripe.store import new_id

Shown = dict[str, Any]
_ADDRESS: Final = ("city", "country", "line1", "line2", "postal_code", "state")


def head(object_: str, prefix: str, *, length: int = 24) -> Shown:
    """Return what every object begins with."""
    return {"id": new_id(prefix, length), "object": object_, "created": stamp(), "livemode": False}


def nothing(*names: str) -> Shown:
    """Return fields that say nothing yet."""
    return dict.fromkeys(names)


def billing(told: Shown | None = None) -> Shown:
    """Return billing details; a payment method has what the payer typed."""
    told = told or {}
    address = told.get("address") or {}
    return {
        "address": {name: address.get(name) for name in _ADDRESS},
        "email": told.get("email"),
        "name": told.get("name"),
        "phone": told.get("phone"),
        "tax_id": None,
    }


def intent(asked: Shown, types: list[str]) -> Shown:
    """Return a new payment intent."""
    made = head("payment_intent", "pi")
    return {
        **made,
        "amount": asked["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": _automatic(asked),
        "capture_method": "automatic_async",
        "client_secret": f"{made['id']}_secret_{new_id('s')[2:]}",
        "confirmation_method": "automatic",
        "currency": asked["currency"].lower(),
        "customer": asked.get("customer"),
        "description": asked.get("description"),
        "metadata": asked.get("metadata") or {},
        "payment_method": asked.get("payment_method"),
        "payment_method_options": asked.get("payment_method_options") or {},
        "allowed_payment_method_types": types,
        "payment_method_types": types,
        "receipt_email": asked.get("receipt_email"),
        "setup_future_usage": asked.get("setup_future_usage"),
        "statement_descriptor_suffix": asked.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        **nothing(
            "application", "application_fee_amount", "canceled_at", "cancellation_reason",
            "customer_account", "excluded_payment_method_types", "last_payment_error",
            "latest_charge", "next_action", "on_behalf_of", "payment_method_configuration_details",
            "processing", "review", "shipping", "source", "statement_descriptor", "transfer_data",
            "transfer_group",
        ),
    }  # fmt: skip


def setup(asked: Shown, types: list[str]) -> Shown:
    """Return a new setup intent."""
    made = head("setup_intent", "seti")
    return {
        **made,
        "automatic_payment_methods": _automatic(asked),
        "client_secret": f"{made['id']}_secret_{new_id('s')[2:]}",
        "customer": asked.get("customer"),
        "description": asked.get("description"),
        "metadata": asked.get("metadata") or {},
        "payment_method": asked.get("payment_method"),
        "payment_method_options": asked.get("payment_method_options") or {},
        "allowed_payment_method_types": types,
        "payment_method_types": types,
        "status": "requires_payment_method",
        "usage": asked.get("usage") or "off_session",
        **nothing(
            "application", "cancellation_reason", "customer_account", "flow_directions",
            "excluded_payment_method_types", "last_setup_error", "latest_attempt", "mandate",
            "next_action", "on_behalf_of", "payment_method_configuration_details",
            "single_use_mandate",
        ),
    }  # fmt: skip


def _automatic(asked: Shown) -> Shown | None:
    told = asked.get("automatic_payment_methods")
    if told is None:
        return None
    return {"enabled": bool(told.get("enabled")), **{
        name: value for name, value in told.items() if name == "allow_redirects"
    }}  # fmt: skip


def session(asked: Shown, types: list[str], *, total: int | None, url: str) -> Shown:
    """Return a new Checkout Session; ``url`` is where its page lies, without the id."""
    made = head("checkout.session", "cs_test", length=58)
    return {
        **made,
        "adaptive_pricing": {"enabled": False},
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": asked.get("cancel_url"),
        "client_reference_id": asked.get("client_reference_id"),
        "currency": asked.get("currency"),
        "custom_fields": [],
        "custom_text": nothing(
            "after_submit", "shipping_address", "submit", "terms_of_service_acceptance"
        ),
        "customer": asked.get("customer"),
        "customer_email": asked.get("customer_email"),
        "expires_at": asked.get("expires_at") or stamp() + 24 * 3600,
        "locale": asked.get("locale"),
        "metadata": asked.get("metadata") or {},
        "mode": asked["mode"],
        "payment_method_collection": "always" if asked["mode"] == "setup" else "if_required",
        "payment_method_options": asked.get("payment_method_options") or {},
        "allowed_payment_method_types": types,
        "payment_method_types": types,
        "payment_status": "no_payment_required" if asked["mode"] == "setup" else "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "success_url": asked.get("success_url"),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{url}/c/pay/{made['id']}#{new_id('fid', 350)}",  # as long as Stripe's own
        **nothing(
            "after_expiration", "allow_promotion_codes", "billing_address_collection",
            "client_secret", "collected_information", "consent", "consent_collection",
            "currency_conversion", "customer_account", "customer_creation", "customer_details",
            "discounts", "invoice", "invoice_creation", "origin_context", "payment_intent",
            "payment_link", "payment_method_configuration_details", "permissions",
            "recovered_from", "saved_payment_method_options", "setup_intent",
            "shipping_address_collection", "shipping_cost", "submit_type", "subscription",
            "wallet_options",
        ),
    }  # fmt: skip


def charge(intent_: Shown, method: Shown, *, prefix: str) -> Shown:
    """Return a new charge of a payment intent with a payment method."""
    return {
        **head("charge", prefix),
        "amount": intent_["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "captured": True,
        "currency": intent_["currency"],
        "customer": intent_["customer"],
        "description": intent_["description"],
        "disputed": False,
        "fraud_details": {},
        "metadata": dict(intent_["metadata"]),
        "paid": False,
        "payment_intent": intent_["id"],
        "payment_method": method["id"],
        "refunded": False,
        "status": "pending",
        **nothing(
            "application", "application_fee", "application_fee_amount", "balance_transaction",
            "calculated_statement_descriptor", "failure_balance_transaction", "failure_code",
            "failure_message", "on_behalf_of", "outcome", "payment_method_details",
            "receipt_email", "receipt_number", "receipt_url", "review", "shipping", "source",
            "source_transfer", "statement_descriptor", "statement_descriptor_suffix",
            "transfer_data", "transfer_group",
        ),
    }  # fmt: skip


def refund(charge_: Shown, amount: int, asked: Shown) -> Shown:
    """Return a new refund of a charge."""
    made = head("refund", "re")
    del made["livemode"]
    return {
        **made,
        "amount": amount,
        "charge": charge_["id"],
        "currency": charge_["currency"],
        "metadata": asked.get("metadata") or {},
        "payment_intent": charge_["payment_intent"],
        "reason": asked.get("reason"),
        "status": "succeeded",
        **nothing(
            "balance_transaction", "receipt_number", "source_transfer_reversal", "transfer_reversal"
        ),
    }


def dispute(charge_: Shown, amount: int, reason: str, due_by: int | None) -> Shown:
    """Return a new dispute of a charge."""
    return {
        **head("dispute", "du"),
        "amount": amount,
        "balance_transactions": [],
        "charge": charge_["id"],
        "currency": charge_["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": due_by,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "metadata": {},
        "payment_intent": charge_["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }


def payout(amount: int, currency: str) -> Shown:
    """Return a new automatic payout."""
    return {
        **head("payout", "po"),
        "amount": amount,
        "arrival_date": stamp(),
        "automatic": True,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": "ba_1SandboxBankAccount",
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "completed",
        "source_type": "card",
        "status": "paid",
        "type": "bank_account",
        **nothing(
            "application_fee", "application_fee_amount", "balance_transaction",
            "failure_balance_transaction", "failure_code", "failure_message", "original_payout",
            "payout_method", "reversed_by", "statement_descriptor", "trace_id",
        ),
    }  # fmt: skip


def customer(asked: Shown) -> Shown:
    """Return a new customer."""
    return {
        **head("customer", "cus", length=14),
        "address": None,
        "balance": 0,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": asked.get("description"),
        "email": asked.get("email"),
        "invoice_prefix": new_id("x", 8)[2:].upper(),
        "invoice_settings": nothing(
            "custom_fields", "default_payment_method", "footer", "rendering_options"
        ),
        "metadata": asked.get("metadata") or {},
        "name": asked.get("name"),
        "next_invoice_sequence": 1,
        "phone": asked.get("phone"),
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
