"""Keys of requests: the first answer is kept, and a stop leaves none taken for ever."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sandbox.serving.clock import now
from sandbox.serving.store import Row, Store


def fingerprint(method: str, path: str, asked: dict[str, Any]) -> str:
    """Return what two requests must share to be the same one."""
    content = json.dumps([method, path, asked], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def claim(store: Store, account_id: str, key: str, print_: str, *, seconds: float) -> Row | None:
    """Take the key for this request, or return the row of the first; it is free after ``seconds``.

    The row's ``fingerprint`` says what it was used for; no ``status`` says that it is at work.
    """
    with store.transaction():
        store.run("DELETE FROM idempotency_key WHERE created_at < ?", now() - seconds)
        row = store.one(
            "SELECT * FROM idempotency_key WHERE account_id = ? AND key = ?", account_id, key
        )
        if row is None:
            store.insert(
                "idempotency_key",
                account_id=account_id, key=key, fingerprint=print_, created_at=now(),
            )  # fmt: skip
        return row


def forget_interrupted(store: Store) -> None:
    """Free the keys of requests that a stop cut off before they acted."""
    store.run(
        "DELETE FROM idempotency_key WHERE status IS NULL AND NOT EXISTS ("
        " SELECT 1 FROM timer WHERE kind = 'late_commit'"
        " AND json_extract(timer.data, '$.account_id') = idempotency_key.account_id"
        " AND json_extract(timer.data, '$.key') = idempotency_key.key)"
    )


def expire_all(store: Store) -> int:
    """Forget every finished key, as if its time had passed."""
    return store.run("DELETE FROM idempotency_key WHERE status IS NOT NULL")
