"""The API's acts on payments: pages, embedded fields, and charges of saved methods."""

from __future__ import annotations

from typing import Any, Final

from sandbox.gateway import charges, holding, methods, payments, wishes
from sandbox.gateway.bodies import (
    Field,
    amount,
    currency,
    flag,
    nested,
    one_of,
    pattern,
    text,
    web_address,
)
from sandbox.gateway.embedding import embed, token_of
from sandbox.gateway.listing import listing
from sandbox.gateway.pipeline import Act, Answer
from sandbox.gateway.state import Sandbox
from sandbox.gateway.store import Row

Asked = dict[str, Any]
REFERENCE: Final = Field(text(100))
LOCALE: Final = Field(
    pattern("[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", "en-US"), required=False, default="en"
)
AGREEMENTS: Final = one_of("on_click", "unscheduled", "installments", "recurring")
PAYER: Final = nested({"reference": REFERENCE, "name": Field(text(200)), "email": Field(text(254))})
CONSENT: Final = nested(
    {
        "text_version": Field(text(100)),
        "given_at": Field(text(40)),
        "ip_address": Field(text(45)),
        "user_agent": Field(text(1000), required=False, default=""),
        "agreement": Field(AGREEMENTS),
        "holder": Field(one_of("business", "personal"), required=False),
    }
)


def shown(sandbox: Sandbox, payment: Row) -> Asked:
    """Return a payment as the API shows it; the members of the wallet only when they apply."""
    store = sandbox.store
    found = payments.shown(payment, sandbox.public_url)
    token, method_id = token_of(store, payment["id"]), wishes.method_of(store, payment["id"])
    if token is not None:
        found |= {"url": None, "client_token": token if payment["state"] == "open" else None}
    if charges.waits(store, payment) or holding.waits(store, payment):
        found |= {"url": None, "waits_for_merchant": True}
    if method_id is not None:
        found["saved_method"] = methods.shown(store, methods.get(store, method_id))
    return found


def _create(sandbox: Sandbox, account_id: str, asked: Asked, _path: Asked) -> Answer:
    extra = {name: asked.pop(name) for name in ("embedded", "held", "payer", "consent")}
    with sandbox.store.transaction():
        payment = payments.create(sandbox.store, account_id, asked)
        if extra["embedded"]:
            embed(sandbox.store, "payment", payment["id"])
        if extra["held"]:
            holding.hold(sandbox.store, payment["id"])
        if extra["payer"] and extra["consent"]:
            wishes.make(sandbox.store, account_id, payment["id"], extra["payer"], extra["consent"])
    return 201, shown(sandbox, payment)


def _read(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    return 200, shown(sandbox, payments.get(sandbox.store, path["id"], account_id))


def _cancel(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    payments.get(sandbox.store, path["id"], account_id)
    return 200, shown(sandbox, payments.cancel(sandbox.store, path["id"]))


def _prepare(sandbox: Sandbox, account_id: str, asked: Asked, _path: Asked) -> Answer:
    return 201, shown(sandbox, charges.prepare(sandbox.store, account_id, asked))


def _charge(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    payments.get(sandbox.store, path["id"], account_id)
    return 200, shown(sandbox, charges.take(sandbox.store, path["id"], sandbox.pace))


def _complete(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    payments.get(sandbox.store, path["id"], account_id)
    return 200, shown(sandbox, payments.complete(sandbox.store, path["id"], sandbox.pace))


_FIELDS: Final = {
    "reference": REFERENCE,
    "amount_minor": Field(amount),
    "currency": Field(currency),
    "method": Field(one_of("card", "bank_debit")),
    "description": Field(text(500)),
    "return_url": Field(web_address),
    "cancel_url": Field(web_address),
    "locale": LOCALE,
    "embedded": Field(flag, required=False, default=False),
    "held": Field(flag, required=False, default=False),
    "payer": Field(PAYER, required=False),
    "consent": Field(CONSENT, required=False),
}
_CHARGE_FIELDS: Final = {
    "reference": REFERENCE,
    "saved_method": Field(text(100)),
    "amount_minor": Field(amount),
    "currency": Field(currency),
    "description": Field(text(500)),
    "started_by": Field(one_of("payer", "seller")),
    "agreement": Field(AGREEMENTS),
    "initial_reference": Field(text(100), required=False, default=""),
    "return_url": Field(web_address),
    "locale": LOCALE,
}
READING: Final = {
    "/payments/{id}": Act(name="read_payment", fields={}, perform=_read),
    "/payments": listing("list_payments", "payment", shown, "reference"),
}
WRITING: Final = {
    "/payments": Act(
        name="create_payment", fields=_FIELDS, perform=_create, writes=True, needs_key=True
    ),
    "/payments/{id}/cancel": Act(name="cancel_payment", fields={}, perform=_cancel, writes=True),
    "/payments/{id}/complete": Act(
        name="complete_payment", fields={}, perform=_complete, writes=True, needs_key=True
    ),
    "/charges": Act(
        name="prepare_charge", fields=_CHARGE_FIELDS, perform=_prepare, writes=True, needs_key=True
    ),
    "/payments/{id}/charge": Act(
        name="charge_payment",
        fields={},
        perform=_charge,
        writes=True,
        needs_key=True,
        fault=lambda sandbox, path: charges.fault_of(sandbox.store, path["id"]),
    ),
}
