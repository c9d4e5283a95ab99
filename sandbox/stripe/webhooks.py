"""Delivers events, signed as Stripe signs them, again and again until the receiver says 2xx.

Source: docs.stripe.com/webhooks/signature [docs]: ``Stripe-Signature: t=...,v1=...`` with HMAC
SHA-256 over ``t.body``; the official package's own verifier is run against it in the tests.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import partial
from typing import Final

from sandbox.serving.clock import true_now
from sandbox.serving.deliveries import Message, Post
from sandbox.stripe.state import Sandbox
from sandbox.stripe.store import Row, Store, Thing

# Seconds after each failed attempt; then we give up. Stripe goes on for three days in live mode.
BACKOFF: Final = (0.5, 2, 5, 10, 30, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)


def signed(event: Thing, *, url: str, secret: str, at: float | None = None) -> Message:
    """Sign an event at the true time, which is what the receiver's clock shows."""
    body = json.dumps(event.shown, indent=2)
    moment = int(true_now() if at is None else at)
    mark = hmac.new(secret.encode(), f"{moment}.{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": f"t={moment},v1={mark}",
    }
    return Message(url, headers, body.encode())


def post(sandbox: Sandbox) -> Post:
    """Return how Stripe writes."""
    return Post(partial(_message_of, sandbox.store), BACKOFF)


def _message_of(store: Store, delivery: Row) -> Message | None:
    endpoint, event = store.find(delivery["endpoint_id"]), store.find(delivery["event_id"])
    if endpoint is None or event is None:
        return None
    return signed(event, url=endpoint.shown["url"], secret=endpoint.hidden["secret"])
