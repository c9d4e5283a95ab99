"""The same key and the same content bring the first answer again, even when it was a failure."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from sandbox.gateway.clock import now
from sandbox.gateway.errors import ApiError
from sandbox.gateway.store import Store

KEY_SECONDS: Final = 24 * 3600  # afterwards the same key is a new request


def fingerprint(method: str, path: str, asked: dict[str, Any]) -> str:
    """Return what two requests must share to be the same one."""
    content = json.dumps([method, path, asked], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def claim(store: Store, account_id: str, key: str, print_: str) -> tuple[int, str] | None:
    """Take the key for this request, or return the first answer.

    Raises ``ApiError`` 409 when the key belongs to other content or its request is at work.
    """
    with store.transaction():
        store.run("DELETE FROM idempotency_key WHERE created_at < ?", now() - KEY_SECONDS)
        row = store.one(
            "SELECT * FROM idempotency_key WHERE account_id = ? AND key = ?", account_id, key
        )
        if row is None:
            store.insert(
                "idempotency_key",
                account_id=account_id,
                key=key,
                fingerprint=print_,
                created_at=now(),
            )
            return None
    if row["fingerprint"] != print_:
        message = "This Idempotency-Key was used for another request."
        raise ApiError(409, "idempotency_mismatch", message, "Idempotency-Key")
    if row["status"] is None:
        message = "The first request with this Idempotency-Key is still at work."
        raise ApiError(409, "idempotency_in_progress", message, "Idempotency-Key")
    return row["status"], row["body"]


def keep(store: Store, account_id: str, key: str, status: int, body: str) -> None:
    """Keep the answer for the next request with this key."""
    store.run(
        "UPDATE idempotency_key SET status = ?, body = ? WHERE account_id = ? AND key = ?",
        status,
        body,
        account_id,
        key,
    )


def forget_interrupted(store: Store) -> None:
    """Free the keys of requests that a stop cut off before they acted."""
    store.run(
        "DELETE FROM idempotency_key WHERE status IS NULL AND NOT EXISTS ("
        " SELECT 1 FROM timer WHERE kind = 'late_commit'"
        " AND json_extract(timer.data, '$.account_id') = idempotency_key.account_id"
        " AND json_extract(timer.data, '$.key') = idempotency_key.key)"
    )


def expire_all(store: Store) -> int:
    """Forget every finished key, as if a day had passed."""
    return store.run("DELETE FROM idempotency_key WHERE status IS NOT NULL")
