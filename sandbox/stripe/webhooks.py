"""Delivers events, signed as Stripe signs them, again and again until the receiver says 2xx.

Source: docs.stripe.com/webhooks/signature [docs]: ``Stripe-Signature: t=...,v1=...`` with HMAC
SHA-256 over ``t.body``; the official package's own verifier is run against it in the tests.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import httpx

from sandbox.serving.clock import now, true_now
from sandbox.stripe.store import Row, Store, Thing

# Seconds after each failed attempt; then we give up. Stripe goes on for three days in live mode.
BACKOFF: Final = (0.5, 2, 5, 10, 30, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
_AT_ONCE: Final = 8
_TIMEOUT_SECONDS: Final = 5


@dataclass(frozen=True)
class Message:
    """One signed message, ready to be sent."""

    url: str
    headers: dict[str, str]
    body: str


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
    return Message(url, headers, body)


async def send(client: httpx.AsyncClient, message: Message) -> str:
    """Send once and return what came back: a status, or the name of what went wrong."""
    try:
        answer = await client.post(message.url, content=message.body, headers=message.headers)
    except httpx.HTTPError as error:
        return type(error).__name__
    return str(answer.status_code)


def new_client() -> httpx.AsyncClient:
    """Return the client for deliveries: it follows no redirect and waits five seconds."""
    return httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False, follow_redirects=False)


class Deliveries:
    """The deliveries under way; ``finished`` is called when one has ended."""

    def __init__(
        self, store: Store, client: httpx.AsyncClient, finished: Callable[[], None]
    ) -> None:
        self._store = store
        self._client = client
        self._finished = finished
        self._flying: set[asyncio.Task[None]] = set()

    @property
    def full(self) -> bool:
        """Whether no more can start now."""
        return len(self._flying) >= _AT_ONCE

    def start_due(self) -> None:
        """Start what is due, in no promised order. Each is leased, so that a kill repeats it."""
        for delivery in self._store.all(
            "SELECT * FROM delivery WHERE state = 'waiting' AND due_at <= ?"
            " ORDER BY due_at, seq LIMIT ?",
            now(),
            _AT_ONCE - len(self._flying),
        ):
            self._store.run(
                "UPDATE delivery SET due_at = ? WHERE seq = ?",
                now() + 2 * _TIMEOUT_SECONDS,
                delivery["seq"],
            )
            task = asyncio.create_task(_deliver(self._store, self._client, delivery))
            self._flying.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self._finished()


async def _deliver(store: Store, client: httpx.AsyncClient, delivery: Row) -> None:
    endpoint = store.find(delivery["endpoint_id"])
    event = store.find(delivery["event_id"])
    if endpoint is None or event is None:
        return
    message = signed(event, url=endpoint.shown["url"], secret=endpoint.hidden["secret"])
    answer = await send(client, message)
    attempts = delivery["attempts"] + 1
    delivered = answer.startswith("2")
    state = "delivered" if delivered else "waiting" if attempts <= len(BACKOFF) else "given_up"
    pause = 0 if state != "waiting" else BACKOFF[attempts - 1]
    store.run(
        "UPDATE delivery SET state = ?, attempts = ?, due_at = ?, last_answer = ? WHERE seq = ?",
        state, attempts, now() + pause, answer, delivery["seq"],
    )  # fmt: skip
