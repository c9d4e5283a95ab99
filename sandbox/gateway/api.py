"""The API under ``/v1``: its acts, and their addresses."""

from __future__ import annotations

from typing import Any, Final

from starlette.routing import Route

from sandbox.gateway import balance, disputes, endpoints, events, payments, payouts, refunds
from sandbox.gateway.bodies import Field, amount, currency, one_of, pattern, text, web_address
from sandbox.gateway.listing import listing
from sandbox.gateway.pipeline import Act, Answer, endpoint
from sandbox.gateway.state import Sandbox

Asked = dict[str, Any]
_REFERENCE = Field(text(100))


def _create_payment(sandbox: Sandbox, account_id: str, asked: Asked, _path: Asked) -> Answer:
    payment = payments.create(sandbox.store, account_id, asked)
    return 201, payments.shown(payment, sandbox.public_url)


def _read_payment(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    payment = payments.get(sandbox.store, path["id"], account_id)
    return 200, payments.shown(payment, sandbox.public_url)


def _cancel_payment(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    payments.get(sandbox.store, path["id"], account_id)
    payment = payments.cancel(sandbox.store, path["id"])
    return 200, payments.shown(payment, sandbox.public_url)


def _create_refund(sandbox: Sandbox, account_id: str, asked: Asked, _path: Asked) -> Answer:
    return 201, refunds.shown(refunds.create(sandbox.store, account_id, asked, sandbox.pace))


def _read_refund(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    return 200, refunds.shown(refunds.get(sandbox.store, path["id"], account_id))


def _read_dispute(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    return 200, disputes.shown(disputes.get(sandbox.store, path["id"], account_id))


def _read_payout(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    return 200, payouts.shown(payouts.get(sandbox.store, path["id"], account_id))


def _read_balance(sandbox: Sandbox, account_id: str, _asked: Asked, _path: Asked) -> Answer:
    return 200, {"data": balance.held(sandbox.store, account_id), "has_more": False}


def _read_account(sandbox: Sandbox, account_id: str, _asked: Asked, _path: Asked) -> Answer:
    row = sandbox.store.one("SELECT id, name FROM account WHERE id = ?", account_id)
    return 200, {**dict(row or {}), "livemode": False}


_PAYMENT_FIELDS: Final = {
    "reference": _REFERENCE,
    "amount_minor": Field(amount),
    "currency": Field(currency),
    "method": Field(one_of("card", "bank_debit")),
    "description": Field(text(500)),
    "return_url": Field(web_address),
    "cancel_url": Field(web_address),
    "locale": Field(
        pattern("[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", "en-US"), required=False, default="en"
    ),
}
_REFUND_FIELDS: Final = {
    "payment": Field(text(100)),
    "reference": _REFERENCE,
    "amount_minor": Field(amount),
    "currency": Field(currency),
}
_READING: Final = {
    "/payments/{id}": Act(name="read_payment", fields={}, perform=_read_payment),
    "/payments": listing(
        "list_payments",
        "payment",
        lambda sandbox, row: payments.shown(row, sandbox.public_url),
        "reference",
    ),
    "/refunds/{id}": Act(name="read_refund", fields={}, perform=_read_refund),
    "/refunds": listing(
        "list_refunds", "refund", lambda _, row: refunds.shown(row), "reference", "payment"
    ),
    "/disputes/{id}": Act(name="read_dispute", fields={}, perform=_read_dispute),
    "/disputes": listing("list_disputes", "dispute", lambda _, row: disputes.shown(row), "payment"),
    "/events": listing("list_events", "event", lambda _, row: events.shown(row)),
    "/balance_entries": listing(
        "list_balance_entries",
        "balance_entry",
        lambda _, row: balance.entry_shown(row),
        "payment",
        "payout",
    ),
    "/balance": Act(name="read_balance", fields={}, perform=_read_balance),
    "/payouts/{id}": Act(name="read_payout", fields={}, perform=_read_payout),
    "/payouts": listing(
        "list_payouts", "payout", lambda _, row: payouts.shown(row), "created_after"
    ),
    "/account": Act(name="read_account", fields={}, perform=_read_account),
    "/webhook_endpoints": Act(name="list_endpoints", fields={}, perform=endpoints.list_),
}
_WRITING: Final = {
    "/payments": Act(
        name="create_payment",
        fields=_PAYMENT_FIELDS,
        perform=_create_payment,
        writes=True,
        needs_key=True,
    ),
    "/payments/{id}/cancel": Act(
        name="cancel_payment", fields={}, perform=_cancel_payment, writes=True
    ),
    "/refunds": Act(
        name="create_refund",
        fields=_REFUND_FIELDS,
        perform=_create_refund,
        writes=True,
        needs_key=True,
    ),
    "/webhook_endpoints": Act(
        name="create_endpoint",
        fields={"url": Field(web_address)},
        perform=endpoints.create,
        writes=True,
    ),
    "/webhook_endpoints/{id}/rotate": Act(
        name="rotate_secret", fields={}, perform=endpoints.rotate, writes=True
    ),
}
_REMOVING: Final = {
    "/webhook_endpoints/{id}": Act(
        name="delete_endpoint", fields={}, perform=endpoints.delete, writes=True
    ),
}
ACTS: Final = {act.name: act for table in (_READING, _WRITING, _REMOVING) for act in table.values()}


def routes() -> list[Route]:
    """Return the API's addresses."""
    return [
        Route(f"/v1{path}", endpoint(act), methods=[method])
        for method, table in (("GET", _READING), ("POST", _WRITING), ("DELETE", _REMOVING))
        for path, act in table.items()
    ]
