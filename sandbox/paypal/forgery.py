"""Webhooks on request: signed rightly, or by a stranger, or changed after they were signed."""

from __future__ import annotations

import json
from typing import Any

from sandbox.paypal import webhooks
from sandbox.paypal.certificates import new_signer
from sandbox.paypal.errors import no_such_resource
from sandbox.paypal.state import Sandbox
from sandbox.serving.clock import true_now
from sandbox.serving.deliveries import Message, new_client, send


def sign(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    """Return an event as it would be sent: headers and body; signed ``age_seconds`` ago."""
    message = webhooks.signed(
        sandbox,
        json.dumps(body["event"]),
        url="",
        webhook_id=body["webhook_id"],
        at=true_now() - float(body.get("age_seconds", 0)),
    )
    return {"headers": message.headers, "body": message.body.decode()}


async def forge(sandbox: Sandbox, body: dict[str, Any]) -> dict[str, Any]:
    """Send the last event to every webhook, not as it was. Answers what the receivers said.

    ``mode``: ``stranger`` signs with a key of somebody else, ``changed`` changes the body after
    signing, ``unsigned`` has no signature, ``elsewhere`` names a certificate of another host.
    """
    row = sandbox.store.one("SELECT * FROM event ORDER BY seq DESC LIMIT 1")
    if row is None:
        raise no_such_resource()
    stranger = Sandbox(sandbox.store, sandbox.public_url, new_signer())
    by = stranger if body["mode"] == "stranger" else sandbox
    answers = []
    async with new_client() as client:
        for webhook in sandbox.store.of_account(row["account_id"], "webhook"):
            message = webhooks.signed(
                by, row["body"], url=webhook.shown["url"], webhook_id=webhook.id
            )
            if body["mode"] == "unsigned":
                del message.headers["PAYPAL-TRANSMISSION-SIG"]
            if body["mode"] == "elsewhere":
                message.headers["PAYPAL-CERT-URL"] = "https://paypal.com.example/cert.pem"
            sent = message.body + b" " if body["mode"] == "changed" else message.body
            answers.append(await send(client, Message(message.url, message.headers, sent)))
    return {"answers": answers}
