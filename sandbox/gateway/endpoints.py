"""Where an account wants its webhooks, and the secrets that sign them."""

from __future__ import annotations

import base64
import secrets
from typing import Any, Final

from sandbox.gateway.clock import iso, now
from sandbox.gateway.errors import ApiError, missing
from sandbox.gateway.state import Sandbox
from sandbox.gateway.store import Row, Store, new_id

OLD_SECRET_SECONDS: Final = 24 * 3600  # after a rotation both secrets sign for a day
Asked = dict[str, Any]


def create(sandbox: Sandbox, account_id: str, asked: Asked, _path: Asked) -> tuple[int, Asked]:
    """Add an endpoint; only this answer and that of a rotation show a secret."""
    store = sandbox.store
    known = store.one(
        "SELECT id FROM webhook_endpoint WHERE account_id = ? AND url = ?",
        account_id,
        asked["url"],
    )
    if known is not None:
        message = f"{known['id']} has this url; delete it or rotate its secret."
        raise ApiError(409, "endpoint_exists", message, "url")
    id_ = new_id("we")
    secret = _new_secret()
    store.insert(
        "webhook_endpoint",
        id=id_,
        account_id=account_id,
        url=asked["url"],
        secret=secret,
        created_at=now(),
    )
    return 201, {**_shown(_get(store, id_, account_id)), "secret": secret}


def list_(sandbox: Sandbox, account_id: str, _asked: Asked, _path: Asked) -> tuple[int, Asked]:
    """List the endpoints without their secrets."""
    rows = sandbox.store.all(
        "SELECT * FROM webhook_endpoint WHERE account_id = ? ORDER BY rowid", account_id
    )
    return 200, {"data": [_shown(row) for row in rows], "has_more": False}


def rotate(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> tuple[int, Asked]:
    """Give an endpoint a new secret; the old one signs as well for a day."""
    store = sandbox.store
    row = _get(store, path["id"], account_id)
    secret = _new_secret()
    store.run(
        "UPDATE webhook_endpoint SET secret = ?, old_secret = ?, old_secret_until = ? WHERE id = ?",
        secret,
        row["secret"],
        now() + OLD_SECRET_SECONDS,
        row["id"],
    )
    return 200, {**_shown(row), "secret": secret}


def delete(sandbox: Sandbox, account_id: str, _asked: Asked, path: Asked) -> tuple[int, Asked]:
    """Remove an endpoint and what waits for it."""
    row = _get(sandbox.store, path["id"], account_id)
    sandbox.store.run("DELETE FROM webhook_endpoint WHERE id = ?", row["id"])
    return 200, {"id": row["id"], "deleted": True}


def secrets_of(endpoint: Row) -> list[str]:
    """Return the secrets that sign now: the new one first."""
    if endpoint["old_secret"] and now() < endpoint["old_secret_until"]:
        return [endpoint["secret"], endpoint["old_secret"]]
    return [endpoint["secret"]]


def _get(store: Store, id_: str, account_id: str) -> Row:
    row = store.one(
        "SELECT * FROM webhook_endpoint WHERE id = ? AND account_id = ?", id_, account_id
    )
    if row is None:
        raise missing("webhook endpoint", id_)
    return row


def _shown(row: Row) -> Asked:
    return {"id": row["id"], "url": row["url"], "created_at": iso(row["created_at"])}


def _new_secret() -> str:
    """Return a secret in the form of Standard Webhooks 1.0: ``whsec_`` and base 64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
