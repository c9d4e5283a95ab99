"""Webhooks: where an account wants them, their signature, and their delivery."""

from __future__ import annotations

import json
from functools import partial
from typing import Final
from uuid import uuid4

from sandbox.paypal import certificates
from sandbox.paypal.errors import invalid
from sandbox.paypal.moments import iso
from sandbox.paypal.pipeline import Asked, Done
from sandbox.paypal.state import Sandbox
from sandbox.paypal.store import Row, new_id
from sandbox.serving.clock import true_now
from sandbox.serving.deliveries import Message, Post

# Seconds after each failed attempt. Source: "up to 25 times over the course of 3 days".
BACKOFF: Final = (0.5, 2, 5, 10, 30, 60, 300, 900, *(3600,) * 4, *(4 * 3600,) * 13)


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


def post(sandbox: Sandbox) -> Post:
    """Return how PayPal writes."""
    return Post(partial(_message_of, sandbox), BACKOFF)


def _message_of(sandbox: Sandbox, delivery: Row) -> Message | None:
    store = sandbox.store
    webhook = store.one("SELECT * FROM thing WHERE id = ?", delivery["webhook_id"])
    event = store.one("SELECT * FROM event WHERE id = ?", delivery["event_id"])
    if webhook is None or event is None:
        return None
    url = json.loads(webhook["shown"])["url"]
    return signed(sandbox, event["body"], url=url, webhook_id=webhook["id"])
