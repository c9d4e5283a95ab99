"""The same key and the same content bring the first answer again, even when it was a failure."""

from __future__ import annotations

from typing import Final

from sandbox.gateway.errors import ApiError
from sandbox.gateway.store import Store
from sandbox.serving import idempotency

KEY_SECONDS: Final = 24 * 3600  # afterwards the same key is a new request


def claim(store: Store, account_id: str, key: str, print_: str) -> tuple[int, str] | None:
    """Take the key for this request, or return the first answer.

    Raises ``ApiError`` 409 when the key belongs to other content or its request is at work.
    """
    row = idempotency.claim(store, account_id, key, print_, seconds=KEY_SECONDS)
    if row is None:
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
