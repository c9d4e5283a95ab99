"""The same key and the same content bring the first answer again, even when it was a failure.

Source: docs.stripe.com/api/idempotent_requests [docs]: results are kept once the work has begun,
500s too; keys may go after 24 hours, and then the same key is a new request.
"""

from __future__ import annotations

from typing import Final

from sandbox.serving import idempotency
from sandbox.stripe.errors import StripeError
from sandbox.stripe.store import Row, Store

KEY_SECONDS: Final = 24 * 3600


def claim(store: Store, account_id: str, key: str, print_: str) -> Row | None:
    """Take the key for this request, or return the first answer.

    Raises ``StripeError``: 400 ``idempotency_error`` when the key belongs to other content, 409
    ``idempotency_key_in_use`` when its request is at work.
    """
    row = idempotency.claim(store, account_id, key, print_, seconds=KEY_SECONDS)
    if row is None:
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
