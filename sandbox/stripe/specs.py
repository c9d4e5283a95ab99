"""What the calls that write may say: a subset of what Stripe takes, and nothing besides it.

Source: the parameter types of the official ``stripe`` package, version 16.1.0.
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.stripe.forms import FLAG, LIST, MAP, TEXT, URL, WHOLE

Spec = dict[str, Any]
ADDRESS: Final[Spec] = dict.fromkeys(
    ("city", "country", "line1", "line2", "postal_code", "state"), TEXT
)
BILLING: Final[Spec] = {"address": ADDRESS, "email": TEXT, "name": TEXT, "phone": TEXT}
METHOD: Final[Spec] = {
    "type": TEXT,
    "card": {"number": TEXT, "exp_month": WHOLE, "exp_year": WHOLE, "cvc": TEXT},
    "us_bank_account": {
        "account_number": TEXT, "routing_number": TEXT, "account_holder_type": TEXT,
        "account_type": TEXT,
    },
    "sepa_debit": {"iban": TEXT},
    "billing_details": BILLING,
    "metadata": MAP,
    "allow_redisplay": TEXT,
}  # fmt: skip
MANDATE: Final[Spec] = {
    "customer_acceptance": {
        "type": TEXT,
        "accepted_at": WHOLE,
        "online": {"ip_address": TEXT, "user_agent": TEXT},
        "offline": {},
    }
}
_BANK_OPTIONS: Final[Spec] = {
    "verification_method": TEXT,
    "setup_future_usage": TEXT,
    "financial_connections": {"permissions": LIST, "prefetch": LIST},
    "mandate_options": {"collection_method": TEXT},
    "target_date": TEXT,
}
OPTIONS: Final[Spec] = {
    "card": {
        "request_three_d_secure": TEXT,
        "setup_future_usage": TEXT,
        "setup_credential_usage": TEXT,
        "stored_credential_usage": TEXT,
        "moto": FLAG,
    },
    "us_bank_account": _BANK_OPTIONS,
    "sepa_debit": {
        "setup_future_usage": TEXT, "mandate_options": {"reference_prefix": TEXT},
        "target_date": TEXT,
    },
}  # fmt: skip
_AUTOMATIC: Final[Spec] = {"enabled": FLAG, "allow_redirects": TEXT}
_BOTH: Final[Spec] = {
    "payment_method": TEXT, "payment_method_options": OPTIONS, "mandate_data": MANDATE,
    "payment_method_data": {name: kind for name, kind in METHOD.items() if name != "card"},
    "return_url": URL, "use_stripe_sdk": FLAG,
}  # fmt: skip
# What only the browser's script says; Stripe does not describe it, so a part of it is [inf].
_BROWSER: Final[Spec] = {
    "client_secret": TEXT,
    "payment_method_data": METHOD,
    "mandate_data": {"customer_acceptance": {"type": TEXT, "online": {"infer_from_client": FLAG}}},
}
_CHARGE: Final[Spec] = {
    "mandate": TEXT, "off_session": TEXT, "error_on_requires_action": FLAG,
    "setup_future_usage": TEXT, "receipt_email": TEXT, "allowed_payment_method_types": LIST,
}  # fmt: skip
INTENT_CONFIRM: Final[Spec] = {**_BOTH, **_CHARGE}
INTENT_CONFIRM_BROWSER: Final[Spec] = {**INTENT_CONFIRM, **_BROWSER}
INTENT: Final[Spec] = {
    **INTENT_CONFIRM,
    "amount": WHOLE, "currency": TEXT, "customer": TEXT, "confirm": FLAG, "description": TEXT,
    "metadata": MAP, "automatic_payment_methods": _AUTOMATIC, "statement_descriptor_suffix": TEXT,
    "capture_method": TEXT,
}  # fmt: skip
_SETUP_OPTIONS: Final[Spec] = {
    "card": {"request_three_d_secure": TEXT},
    "us_bank_account": {
        name: _BANK_OPTIONS[name]
        for name in ("verification_method", "financial_connections", "mandate_options")
    },
    "sepa_debit": {"mandate_options": {"reference_prefix": TEXT}},
}
SETUP_CONFIRM: Final[Spec] = {**_BOTH, "payment_method_options": _SETUP_OPTIONS}
SETUP_CONFIRM_BROWSER: Final[Spec] = {**SETUP_CONFIRM, **_BROWSER}
SETUP: Final[Spec] = {
    **SETUP_CONFIRM,
    "customer": TEXT, "confirm": FLAG, "description": TEXT, "metadata": MAP, "usage": TEXT,
    "allowed_payment_method_types": LIST, "automatic_payment_methods": _AUTOMATIC,
}  # fmt: skip
CUSTOMER: Final[Spec] = {
    "email": TEXT, "name": TEXT, "phone": TEXT, "description": TEXT, "metadata": MAP,
    "preferred_locales": LIST,
}  # fmt: skip
_SESSION_OPTIONS: Final[Spec] = {
    "card": dict.fromkeys(("request_three_d_secure", "setup_future_usage"), TEXT),
    "us_bank_account": {
        name: kind for name, kind in _BANK_OPTIONS.items() if name != "mandate_options"
    },
    "sepa_debit": OPTIONS["sepa_debit"],
}
SESSION: Final[Spec] = {
    "mode": TEXT, "ui_mode": TEXT, "success_url": URL, "cancel_url": URL, "locale": TEXT,
    "client_reference_id": TEXT, "customer": TEXT, "customer_email": TEXT, "currency": TEXT,
    "expires_at": WHOLE, "metadata": MAP, "allowed_payment_method_types": LIST, "submit_type": TEXT,
    "payment_method_options": _SESSION_OPTIONS,
    "line_items": [{
        "quantity": WHOLE,
        "price_data": {
            "currency": TEXT, "unit_amount": WHOLE,
            "product_data": {"name": TEXT, "description": TEXT},
        },
    }],
    "payment_intent_data": {
        "description": TEXT, "metadata": MAP, "setup_future_usage": TEXT,
        "statement_descriptor_suffix": TEXT,
    },
    "setup_intent_data": {"description": TEXT, "metadata": MAP},
    "adaptive_pricing": {"enabled": FLAG},
}  # fmt: skip
