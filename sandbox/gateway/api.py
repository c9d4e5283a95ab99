"""The API under ``/v1``: its acts, and their addresses."""

from __future__ import annotations

from typing import Any, Final

from starlette.routing import Route

from sandbox.gateway import (
    balance,
    disputes,
    endpoints,
    events,
    payment_api,
    payouts,
    refunds,
    wallet,
)
from sandbox.gateway.bodies import Field, amount, currency, text, web_address
from sandbox.gateway.listing import listing
from sandbox.gateway.pipeline import Act, Answer, endpoint
from sandbox.gateway.state import Sandbox

Asked = dict[str, Any]
_REFERENCE = Field(text(100))


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


_REFUND_FIELDS: Final = {
    "payment": Field(text(100)),
    "reference": _REFERENCE,
    "amount_minor": Field(amount),
    "currency": Field(currency),
}
_READING: Final = {
    **payment_api.READING,
    **wallet.READING,
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
    **payment_api.WRITING,
    **wallet.WRITING,
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
    **wallet.REMOVING,
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
