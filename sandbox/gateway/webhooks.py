"""Delivers events: signed by Standard Webhooks 1.0, again and again until the receiver says 2xx."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from typing import Final

from standardwebhooks import Webhook

from sandbox.gateway.clock import true_now
from sandbox.gateway.endpoints import secrets_of
from sandbox.gateway.events import shown
from sandbox.gateway.state import Sandbox
from sandbox.gateway.store import Row, Store
from sandbox.serving.deliveries import Message, Post

# Seconds after each failed attempt; then we give up. Real gateways go on for three days.
BACKOFF: Final = (0.5, 2, 5, 10, 30, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)


def signed(event: Row, *, url: str, secrets: list[str], at: float | None = None) -> Message:
    """Sign an event with each secret, at the true time, which is what the receiver's clock shows.

    Source: Standard Webhooks 1.0, "Signature scheme".
    """
    moment = datetime.fromtimestamp(int(at or true_now()), UTC)
    body = json.dumps(shown(event), separators=(",", ":"))
    marks = [Webhook(secret).sign(event["id"], moment, body) for secret in secrets]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "sandbox-gateway-webhooks",
        "webhook-id": event["id"],
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(marks),
    }
    return Message(url, headers, body.encode())


def post(sandbox: Sandbox) -> Post:
    """Return how this gateway writes."""
    return Post(partial(_message_of, sandbox.store), BACKOFF)


def _message_of(store: Store, delivery: Row) -> Message | None:
    endpoint = store.one("SELECT * FROM webhook_endpoint WHERE id = ?", delivery["endpoint_id"])
    event = store.one("SELECT * FROM event WHERE id = ?", delivery["event_id"])
    if endpoint is None or event is None:
        return None
    return signed(event, url=endpoint["url"], secrets=secrets_of(endpoint))
