"""The API under ``/v1``: its acts, and their addresses."""

from __future__ import annotations

import re
from typing import Any, Final

from starlette.routing import Route

from sandbox.gateway import balance, endpoints, events, payments, refunds
from sandbox.gateway.bodies import Field, amount, currency, one_of, pattern, text, web_address
from sandbox.gateway.errors import invalid
from sandbox.gateway.pipeline import Act, Answer, endpoint
from sandbox.gateway.state import Sandbox
from sandbox.gateway.store import Row

_MAX_PAGE: Final = 100
_FILTERS: Final = {"reference": "reference", "payment": "payment_id", "payout": "payout_id"}
Asked = dict[str, Any]


def _limit(name: str, value: object) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,3}", value):
        raise invalid(f"{name} must be a whole number from 1 to {_MAX_PAGE}.", name)
    if not 1 <= int(value) <= _MAX_PAGE:
        raise invalid(f"{name} must be a whole number from 1 to {_MAX_PAGE}.", name)
    return int(value)


_REFERENCE = Field(text(100))
_PAGE: Final = {
    "after": Field(text(100), required=False),
    "limit": Field(_limit, required=False, default=_MAX_PAGE),
}


def _create_payment(sandbox: Sandbox, account_id: str, asked: Asked, _path: Asked) -> Answer:
    payment = payments.create(sandbox.store, account_id, asked)
    return 201, payments.shown(payment, sandbox.public_url)


def _read_payment(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    payment = payments.get(sandbox.store, path["id"], account_id)
    return 200, payments.shown(payment, sandbox.public_url)


def _list_payments(sandbox: Sandbox, account_id: str, asked: Asked, _path: Asked) -> Answer:
    rows, has_more = _rows(sandbox, "payment", account_id, asked)
    data = [payments.shown(row, sandbox.public_url) for row in rows]
    return 200, {"data": data, "has_more": has_more}


def _cancel_payment(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    payments.get(sandbox.store, path["id"], account_id)
    payment = payments.cancel(sandbox.store, path["id"])
    return 200, payments.shown(payment, sandbox.public_url)


def _create_refund(sandbox: Sandbox, account_id: str, asked: Asked, _path: Asked) -> Answer:
    return 201, refunds.shown(refunds.create(sandbox.store, account_id, asked))


def _read_refund(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> Answer:
    return 200, refunds.shown(refunds.get(sandbox.store, path["id"], account_id))


def _list_refunds(sandbox: Sandbox, account_id: str, asked: Asked, _path: Asked) -> Answer:
    rows, has_more = _rows(sandbox, "refund", account_id, asked)
    return 200, {"data": [refunds.shown(row) for row in rows], "has_more": has_more}


def _list_events(sandbox: Sandbox, account_id: str, asked: Asked, _path: Asked) -> Answer:
    rows, has_more = _rows(sandbox, "event", account_id, asked)
    return 200, {"data": [events.shown(row) for row in rows], "has_more": has_more}


def _list_entries(sandbox: Sandbox, account_id: str, asked: Asked, _path: Asked) -> Answer:
    rows, has_more = _rows(sandbox, "balance_entry", account_id, asked)
    return 200, {"data": [balance.entry_shown(row) for row in rows], "has_more": has_more}


def _list_payouts(sandbox: Sandbox, account_id: str, asked: Asked, _path: Asked) -> Answer:
    rows, has_more = _rows(sandbox, "payout", account_id, asked)
    return 200, {"data": [balance.payout_shown(row) for row in rows], "has_more": has_more}


def _read_account(sandbox: Sandbox, account_id: str, _asked: Asked, _path: Asked) -> Answer:
    row = sandbox.store.one("SELECT id, name FROM account WHERE id = ?", account_id)
    return 200, {**dict(row or {}), "livemode": False}


def _rows(sandbox: Sandbox, table: str, account_id: str, asked: Asked) -> tuple[list[Row], bool]:
    """Return one page in the order of making, after the object whose id is ``after``."""
    start = 0
    if asked["after"] is not None:
        sql = f"SELECT rowid FROM {table} WHERE id = ? AND account_id = ?"  # noqa: S608
        row = sandbox.store.one(sql, asked["after"], account_id)
        if row is None:
            raise invalid("after is no id that was listed here.", "after")
        start = row[0]
    chosen = [name for name in _FILTERS if asked.get(name) is not None]
    where = "".join(f" AND {_FILTERS[name]} = ?" for name in chosen)
    rows = sandbox.store.all(
        f"SELECT * FROM {table} WHERE account_id = ? AND rowid > ?{where}"  # noqa: S608
        " ORDER BY rowid LIMIT ?",
        account_id,
        start,
        *[asked[name] for name in chosen],
        asked["limit"] + 1,
    )
    return rows[: asked["limit"]], len(rows) > asked["limit"]


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
_FILTER: Final = Field(text(100), required=False)

_READING: Final = {
    "/payments/{id}": Act(name="read_payment", fields={}, perform=_read_payment),
    "/payments": Act(
        name="list_payments", fields={"reference": _FILTER, **_PAGE}, perform=_list_payments
    ),
    "/refunds/{id}": Act(name="read_refund", fields={}, perform=_read_refund),
    "/refunds": Act(
        name="list_refunds",
        fields={"reference": _FILTER, "payment": _FILTER, **_PAGE},
        perform=_list_refunds,
    ),
    "/events": Act(name="list_events", fields=_PAGE, perform=_list_events),
    "/balance_entries": Act(
        name="list_balance_entries",
        fields={"payment": _FILTER, "payout": _FILTER, **_PAGE},
        perform=_list_entries,
    ),
    "/payouts": Act(name="list_payouts", fields=_PAGE, perform=_list_payouts),
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
