"""The API under ``/v1``: its acts, and their addresses."""

from __future__ import annotations

from typing import Any, Final

from starlette.routing import Route

from sandbox.stripe import reading
from sandbox.stripe.deeds import (
    answer_dispute,
    attach_method,
    cancel_intent,
    cancel_setup,
    change_customer,
    change_method,
    confirm_intent,
    confirm_setup,
    create_customer,
    create_endpoint,
    create_intent,
    create_method,
    create_refund,
    create_session,
    create_setup,
    delete_endpoint,
    detach_method,
    expire_session,
    verify_intent,
    verify_setup,
)
from sandbox.stripe.forms import FLAG, LIST, MAP, TEXT, WHOLE
from sandbox.stripe.pipeline import Act, endpoint
from sandbox.stripe.specs import (
    BILLING,
    CUSTOMER,
    INTENT,
    INTENT_CONFIRM,
    INTENT_CONFIRM_BROWSER,
    METHOD,
    SESSION,
    SETUP,
    SETUP_CONFIRM,
    SETUP_CONFIRM_BROWSER,
)

_VERIFY: Final = {"amounts": LIST, "descriptor_code": TEXT}
_CANCEL: Final = {"cancellation_reason": TEXT}


def _post(
    name: str, path: str, spec: Any, perform: Any, *required: str, public: bool = False,
    browser: Any = None,
) -> Act:  # fmt: skip
    return Act(
        name=name, method="POST", path=path, spec=spec, perform=perform, required=required,
        public=public, browser=browser,
    )  # fmt: skip


_WRITING: Final = (
    _post("create_customer", "/customers", CUSTOMER, create_customer),
    _post("change_customer", "/customers/{id}", CUSTOMER, change_customer),
    _post("create_intent", "/payment_intents", INTENT, create_intent, "amount", "currency"),
    _post(
        "confirm_intent", "/payment_intents/{id}/confirm", INTENT_CONFIRM, confirm_intent,
        public=True, browser=INTENT_CONFIRM_BROWSER,
    ),
    _post("cancel_intent", "/payment_intents/{id}/cancel", _CANCEL, cancel_intent),
    _post(
        "verify_intent", "/payment_intents/{id}/verify_microdeposits", _VERIFY, verify_intent,
        public=True, browser={**_VERIFY, "client_secret": TEXT},
    ),
    _post("create_setup", "/setup_intents", SETUP, create_setup),
    _post(
        "confirm_setup", "/setup_intents/{id}/confirm", SETUP_CONFIRM, confirm_setup,
        public=True, browser=SETUP_CONFIRM_BROWSER,
    ),
    _post("cancel_setup", "/setup_intents/{id}/cancel", _CANCEL, cancel_setup),
    _post(
        "verify_setup", "/setup_intents/{id}/verify_microdeposits", _VERIFY, verify_setup,
        public=True, browser={**_VERIFY, "client_secret": TEXT},
    ),
    _post("create_method", "/payment_methods", METHOD, create_method, "type"),
    _post(
        "change_method", "/payment_methods/{id}",
        {
            "card": {"exp_month": WHOLE, "exp_year": WHOLE},
            "us_bank_account": {"account_holder_type": TEXT},
            "billing_details": BILLING, "metadata": MAP, "allow_redisplay": TEXT,
        },
        change_method,
    ),
    _post(
        "attach_method", "/payment_methods/{id}/attach", {"customer": TEXT}, attach_method,
        "customer",
    ),
    _post("detach_method", "/payment_methods/{id}/detach", {}, detach_method),
    _post("create_session", "/checkout/sessions", SESSION, create_session, "mode"),
    _post("expire_session", "/checkout/sessions/{id}/expire", {}, expire_session),
    _post(
        "create_refund", "/refunds",
        {
            "amount": WHOLE, "charge": TEXT, "payment_intent": TEXT, "metadata": MAP,
            "reason": TEXT,
        },
        create_refund,
    ),
    _post(
        "answer_dispute", "/disputes/{id}", {"evidence": MAP, "submit": FLAG, "metadata": MAP},
        answer_dispute,
    ),
    _post(
        "create_endpoint", "/webhook_endpoints",
        {"url": TEXT, "enabled_events": LIST, "description": TEXT, "api_version": TEXT,
         "metadata": MAP},
        create_endpoint, "url", "enabled_events",
    ),
    Act(
        name="delete_endpoint", method="DELETE", path="/webhook_endpoints/{id}", spec={},
        perform=delete_endpoint,
    ),
)  # fmt: skip
_ALL: Final = (*_WRITING, *reading.ACTS)
ACTS: Final = {act.name: act for act in _ALL}


def routes() -> list[Route]:
    """Return the API's addresses."""
    return [Route(f"/v1{act.path}", endpoint(act), methods=[act.method]) for act in _ALL]
