"""The vault: setup tokens that a payer approves, and payment tokens that can be charged."""

from __future__ import annotations

from typing import Any, Final

from sandbox.paypal import events
from sandbox.paypal.errors import invalid, no_such_resource, unprocessable
from sandbox.paypal.state import Sandbox
from sandbox.paypal.store import Store, Thing, new_id
from sandbox.serving.clock import now

OPEN_SECONDS: Final = 3 * 86400  # then a setup token is forgotten
Body = dict[str, Any]
_EMAIL: Final = "buyer@adatum.example"


def payer() -> Body:
    """Return what PayPal tells of the one payer that this sandbox has."""
    return {
        "email_address": _EMAIL,
        "account_id": "QYR5Z8XDVJNXQ",
        "account_status": "VERIFIED",
        "name": {"given_name": "Ada", "surname": "Tum"},
        "address": {"country_code": "US"},
    }


def set_up(sandbox: Sandbox, account_id: str, body: Body) -> Thing:
    """Make a setup token: nothing is kept before the payer approves. Raises ``ApiError``."""
    wallet = (body.get("payment_source") or {}).get("paypal")
    if not isinstance(wallet, dict):
        raise invalid("MISSING_REQUIRED_PARAMETER", "/payment_source")
    context = wallet.get("experience_context") or {}
    customer = (body.get("customer") or {}).get("id") or f"cust_{new_id(12)}"
    return sandbox.store.add(
        "setup_token",
        new_id(),
        account_id,
        {
            "customer": {"id": customer},
            "status": "PAYER_ACTION_REQUIRED",
            "payment_source": {"paypal": {"usage_type": wallet.get("usage_type", "MERCHANT")}},
        },
        hidden={
            "return_url": context.get("return_url", ""),
            "cancel_url": context.get("cancel_url", ""),
        },
    )


def approve(store: Store, id_: str, *, funding: str = "balance") -> Thing:
    """The payer agreed that the merchant may charge later."""
    token = store.get("setup_token", id_)
    if token.shown["status"] != "PAYER_ACTION_REQUIRED":
        raise unprocessable("SETUP_TOKEN_NOT_OPEN")
    token.shown["status"] = "APPROVED"
    token.hidden["funding"] = funding
    token.shown["payment_source"] = {"paypal": _wallet()}
    return store.save(token)


def make(sandbox: Sandbox, account_id: str, body: Body) -> Thing:
    """Make a payment token of an approved setup token, once. Raises ``ApiError``."""
    source = (body.get("payment_source") or {}).get("token") or {}
    if source.get("type") != "SETUP_TOKEN":
        raise invalid("INVALID_PARAMETER_VALUE", "/payment_source/token/type")
    set_up_ = get_setup(sandbox.store, str(source.get("id")), account_id)
    if set_up_.shown["status"] != "APPROVED":
        raise unprocessable("INVALID_SETUP_TOKEN_STATUS")
    set_up_.shown["status"] = "VAULTED"
    sandbox.store.save(set_up_)
    return keep(
        sandbox, account_id, set_up_.shown["customer"]["id"], funding=set_up_.hidden["funding"]
    )


def keep(sandbox: Sandbox, account_id: str, customer: str, *, funding: str) -> Thing:
    """Write a payment token."""
    token = sandbox.store.add(
        "payment_token",
        new_id(16).lower(),
        account_id,
        {
            "customer": {"id": customer or f"cust_{new_id(12)}"},
            "payment_source": {"paypal": _wallet()},
        },
        hidden={"funding": funding},
    )
    events.record(
        sandbox.store, account_id, "VAULT.PAYMENT-TOKEN.CREATED", shown(sandbox, token),
        resource_type="payment_token",
    )  # fmt: skip
    return token


def get_setup(store: Store, id_: str, account_id: str | None = None) -> Thing:
    """Return a setup token. Raises ``ApiError`` 404, also for one that PayPal has forgotten."""
    token = store.get("setup_token", id_, account_id)
    if now() - token.created_at > OPEN_SECONDS:
        raise no_such_resource()
    return token


def listed(sandbox: Sandbox, account_id: str, customer: str) -> list[Thing]:
    """Return the payment tokens of one customer."""
    if not customer:
        raise invalid("MISSING_REQUIRED_PARAMETER", "customer_id")
    every = sandbox.store.of_account(account_id, "payment_token")
    return [each for each in every if each.shown["customer"]["id"] == customer]


def forget(sandbox: Sandbox, id_: str, account_id: str | None = None) -> None:
    """Remove a payment token: by the merchant, or by the payer in PayPal's own pages."""
    token = sandbox.store.get("payment_token", id_, account_id)
    sandbox.store.run("DELETE FROM thing WHERE id = ?", id_)
    events.record(
        sandbox.store, token.account_id, "VAULT.PAYMENT-TOKEN.DELETED", {"id": id_},
        resource_type="payment_token",
    )  # fmt: skip


def shown(sandbox: Sandbox, token: Thing) -> Body:
    """Return a payment token as the API shows it."""
    links = [
        sandbox.link("self", f"/v3/vault/payment-tokens/{token.id}"),
        sandbox.link("delete", f"/v3/vault/payment-tokens/{token.id}", "DELETE"),
    ]
    return {"id": token.id, **token.shown, "links": links}


def setup_shown(sandbox: Sandbox, token: Thing) -> Body:
    """Return a setup token as the API shows it."""
    links = [sandbox.link("self", f"/v3/vault/setup-tokens/{token.id}")]
    if token.shown["status"] == "PAYER_ACTION_REQUIRED":
        links.append(sandbox.link("approve", f"/agreements/approve?approval_session_id={token.id}"))
    return {"id": token.id, **token.shown, "links": links}


def in_order(sandbox: Sandbox, id_: str) -> Body:
    """Return what an order says of the method that was kept with it."""
    token = sandbox.store.one("SELECT id FROM thing WHERE id = ?", id_)
    found = sandbox.store.get("payment_token", id_) if token else None
    said: Body = {"id": id_, "status": "VAULTED"}
    return {**said, "customer": found.shown["customer"]} if found else said


def _wallet() -> Body:
    return {
        "usage_type": "MERCHANT",
        "email_address": _EMAIL,
        "account_id": "QYR5Z8XDVJNXQ",
        "name": {"given_name": "Ada", "surname": "Tum"},
    }
