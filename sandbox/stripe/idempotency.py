"""The same key and the same content bring the first answer again, even when it was a failure.

Source: docs.stripe.com/api/idempotent_requests [docs]: results are kept once the work has begun,
500s too; keys may go after 24 hours, and then the same key is a new request.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from sandbox.serving.clock import now
from sandbox.stripe.errors import StripeError
from sandbox.stripe.store import Row, Store

KEY_SECONDS: Final = 24 * 3600


def fingerprint(method: str, path: str, asked: dict[str, Any]) -> str:
    """Return what two requests must share to be the same one."""
    content = json.dumps([method, path, asked], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def claim(store: Store, account_id: str, key: str, print_: str) -> Row | None:
    """Take the key for this request, or return the first answer.

    Raises ``StripeError``: 400 ``idempotency_error`` when the key belongs to other content, 409
    ``idempotency_key_in_use`` when its request is at work.
    """
    with store.transaction():
        store.run("DELETE FROM idempotency_key WHERE created_at < ?", now() - KEY_SECONDS)
        row = store.one(
            "SELECT * FROM idempotency_key WHERE account_id = ? AND key = ?", account_id, key
        )
        if row is None:
            store.insert(
                "idempotency_key",
                account_id=account_id, key=key, fingerprint=print_, created_at=now(),
            )  # fmt: skip
            return None
    if row["fingerprint"] != print_:
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a "
            "different request."
        )
        raise StripeError(400, "idempotency_error", message)
    if row["status"] is None:
        message = "There is currently another in-progress request using this Idempotency Key."
        raise StripeError(409, "idempotency_error", message, code="idempotency_key_in_use")
    return row


def keep(
    store: Store, account_id: str, key: str, *, status: int, body: str, request_id: str
) -> None:
    """Keep the answer for the next request with this key."""
    store.run(
        "UPDATE idempotency_key SET status = ?, body = ?, request_id = ?"
        " WHERE account_id = ? AND key = ?",
        status, body, request_id, account_id, key,
    )  # fmt: skip


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
