"""PayPal-Request-Id: the same one brings the first request's object, as it is now.

Source: PayPal, "Idempotency": it "returns the latest status of the previous request". Nothing is
said of another content under a known id. Here it is not looked at; with the setting ``strict_keys``
it is an error, as others saw it at PayPal's older API (paypal/PayPal-Java-SDK, issue 369).
"""

from __future__ import annotations

import hashlib
import json

from sandbox.paypal.errors import ApiError, in_progress
from sandbox.paypal.store import Store
from sandbox.serving.clock import now


def claim(
    store: Store, account_id: str, act: str, key: str, *, seconds: float, asked: object
) -> str | None:
    """Take the key for this request, or return the id of what the first one made.

    Raises ``ApiError``: 409 while the first one is at work, 400 for a key of other content.
    """
    print_ = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    with store.transaction():
        store.run("DELETE FROM request_key WHERE until < ?", now())
        row = store.one(
            "SELECT * FROM request_key WHERE account_id = ? AND act = ? AND key = ?",
            account_id,
            act,
            key,
        )
        if row is None:
            store.insert(
                "request_key",
                account_id=account_id,
                act=act,
                key=key,
                print=print_,
                until=now() + seconds,
            )
            return None
    if store.setting("strict_keys") and row["print"] != print_:
        raise ApiError(400, "DUPLICATE_REQUEST_ID")
    if row["made"] is None:
        raise in_progress()
    return str(row["made"])


def keep(store: Store, account_id: str, act: str, key: str, made: str | None) -> None:
    """Remember what the request made; with ``None`` it failed, and its key is free again."""
    where = "WHERE account_id = ? AND act = ? AND key = ?"
    if made is None:
        store.run(f"DELETE FROM request_key {where}", account_id, act, key)  # noqa: S608
    else:
        store.run(f"UPDATE request_key SET made = ? {where}", made, account_id, act, key)  # noqa: S608


def forget_interrupted(store: Store) -> None:
    """Free the keys of requests that a stop cut off before they acted."""
    store.run(
        "DELETE FROM request_key WHERE made IS NULL AND NOT EXISTS (SELECT 1 FROM timer"
        " WHERE kind = 'late_commit' AND json_extract(timer.data, '$.key') = request_key.key)"
    )
