"""Webhooks: where an account wants them, their signature, and their delivery."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import httpx

from sandbox.paypal import certificates
from sandbox.paypal.errors import invalid
from sandbox.paypal.moments import iso
from sandbox.paypal.pipeline import Asked, Done
from sandbox.paypal.state import Sandbox
from sandbox.paypal.store import Row, new_id
from sandbox.serving.clock import now, true_now

# Seconds after each failed attempt. Source: "up to 25 times over the course of 3 days".
BACKOFF: Final = (0.5, 2, 5, 10, 30, 60, 300, 900, *(3600,) * 4, *(4 * 3600,) * 13)
_AT_ONCE: Final = 8
_TIMEOUT_SECONDS: Final = 5


@dataclass(frozen=True)
class Message:
    """One signed message, ready to be sent."""

    url: str
    headers: dict[str, str]
    body: bytes


def create(sandbox: Sandbox, asked: Asked) -> Done:
    """Add a webhook."""
    url, types = asked.body.get("url"), asked.body.get("event_types")
    if not isinstance(url, str) or not isinstance(types, list) or not types:
        raise invalid("MISSING_REQUIRED_PARAMETER", "url")
    id_ = new_id()
    shown = {
        "id": id_,
        "url": url,
        "event_types": [{"name": each["name"]} for each in types],
        "links": [sandbox.link("self", f"/v1/notifications/webhooks/{id_}")],
    }
    sandbox.store.add("webhook", id_, asked.account_id, shown)
    return Done(status=201, body=shown)


def list_(sandbox: Sandbox, asked: Asked) -> Done:
    """List an account's webhooks."""
    every = sandbox.store.of_account(asked.account_id, "webhook")
    return Done(status=200, body={"webhooks": [each.shown for each in every]})


def delete(sandbox: Sandbox, asked: Asked) -> Done:
    """Remove a webhook and what waits for it."""
    webhook = sandbox.store.get("webhook", asked.path["id"], asked.account_id)
    sandbox.store.run("DELETE FROM delivery WHERE webhook_id = ?", webhook.id)
    sandbox.store.run("DELETE FROM thing WHERE id = ?", webhook.id)
    return Done(status=204)


def verify(sandbox: Sandbox, asked: Asked) -> Done:
    """Say whether we signed a message; the event is compared as JSON, byte for byte rewritten."""
    said = asked.body
    body = json.dumps(said["webhook_event"], separators=(",", ":")).encode()
    message = certificates.message(
        said["transmission_id"], said["transmission_time"], said["webhook_id"], body
    )
    right = sandbox.signer.is_ours(said["transmission_sig"], message)
    return Done(status=200, body={"verification_status": "SUCCESS" if right else "FAILURE"})


def signed(
    sandbox: Sandbox, event: str, *, url: str, webhook_id: str, at: float | None = None
) -> Message:
    """Sign an event at the true time, which is what the receiver's clock shows."""
    body = json.dumps(json.loads(event), separators=(",", ":")).encode()
    transmission, time = str(uuid4()), iso(at or true_now())
    return Message(
        url,
        {
            "Content-Type": "application/json",
            "User-Agent": "PayPal/AUHD-214.0-58843828 sandbox",
            "PAYPAL-TRANSMISSION-ID": transmission,
            "PAYPAL-TRANSMISSION-TIME": time,
            "PAYPAL-TRANSMISSION-SIG": sandbox.signer.sign(transmission, time, webhook_id, body),
            "PAYPAL-AUTH-ALGO": "SHA256withRSA",
            "PAYPAL-CERT-URL": sandbox.public_url + certificates.PATH,
        },
        body,
    )


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
        self, sandbox: Sandbox, client: httpx.AsyncClient, finished: Callable[[], None]
    ) -> None:
        self._sandbox = sandbox
        self._client = client
        self._finished = finished
        self._flying: set[asyncio.Task[None]] = set()

    @property
    def full(self) -> bool:
        """Whether no more can start now."""
        return len(self._flying) >= _AT_ONCE

    def start_due(self) -> None:
        """Start what is due, in no promised order. Each is leased, so that a kill repeats it."""
        store = self._sandbox.store
        for delivery in store.all(
            "SELECT * FROM delivery WHERE state = 'waiting' AND due_at <= ?"
            " ORDER BY due_at, seq LIMIT ?",
            now(),
            _AT_ONCE - len(self._flying),
        ):
            leased_until = now() + 2 * _TIMEOUT_SECONDS
            store.run("UPDATE delivery SET due_at = ? WHERE seq = ?", leased_until, delivery["seq"])
            task = asyncio.create_task(self._deliver(delivery))
            self._flying.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self._finished()

    async def _deliver(self, delivery: Row) -> None:
        store = self._sandbox.store
        webhook = store.one("SELECT * FROM thing WHERE id = ?", delivery["webhook_id"])
        event = store.one("SELECT * FROM event WHERE id = ?", delivery["event_id"])
        if webhook is None or event is None:
            return
        url = json.loads(webhook["shown"])["url"]
        message = signed(self._sandbox, event["body"], url=url, webhook_id=webhook["id"])
        answer = await send(self._client, message)
        attempts = delivery["attempts"] + 1
        given_up = "waiting" if attempts <= len(BACKOFF) else "given_up"
        state = "delivered" if answer.startswith("2") else given_up
        pause = BACKOFF[attempts - 1] if state == "waiting" else 0
        store.run(
            "UPDATE delivery SET state = ?, attempts = ?, due_at = ?, last_answer = ?"
            " WHERE seq = ?",
            state,
            attempts,
            now() + pause,
            answer,
            delivery["seq"],
        )
