"""Webhooks that behave badly: doubled, late, lost, out of order, forged, old."""

from __future__ import annotations

import json
from typing import Any, Final

from sandbox.gateway import webhooks
from sandbox.gateway.bodies import Field, flag, number, one_of, read_fields, text
from sandbox.gateway.clock import true_now
from sandbox.gateway.errors import missing
from sandbox.gateway.store import Row, Store
from sandbox.serving.deliveries import Message, new_client, send

_FLAGS: Final = ("double", "drop", "reorder")
_STRANGER: Final = "whsec_dGhlIHNlY3JldCBvZiBhIHN0cmFuZ2Vy"
_OLD_SECONDS: Final = 3600


def behaviour(body: dict[str, Any]) -> dict[str, Any]:
    """Check how deliveries shall behave from now on: three flags and ``delay`` in seconds."""
    fields = {name: Field(flag, required=False, default=False) for name in _FLAGS}
    return read_fields(
        body, {**fields, "delay": Field(number(0, 86400), required=False, default=0)}
    )


async def forge(store: Store, body: dict[str, Any]) -> dict[str, Any]:
    """Send an event that did not happen, or not so. Answers what the receivers said.

    ``mode``: ``wrong_secret`` signs with a stranger's secret, ``changed_body`` changes the body
    after signing, ``no_signature`` has none.
    """
    asked = read_fields(
        body,
        {
            "mode": Field(one_of("wrong_secret", "changed_body", "no_signature")),
            "event": Field(text(100), required=False),
        },
    )
    event = _event(store, asked["event"])
    answers = []
    async with new_client() as client:
        for endpoint in _endpoints(store, event):
            secret = _STRANGER if asked["mode"] == "wrong_secret" else endpoint["secret"]
            message = webhooks.signed(event, url=endpoint["url"], secrets=[secret])
            if asked["mode"] == "no_signature":
                del message.headers["webhook-signature"]
            if asked["mode"] == "changed_body":
                changed = json.loads(message.body)
                changed["type"] = "payment.succeeded.twice"
                message = Message(message.url, message.headers, json.dumps(changed).encode())
            answers.append(await send(client, message))
    return {"event": event["id"], "answers": answers}


async def replay(store: Store, body: dict[str, Any]) -> dict[str, Any]:
    """Send an event again. With ``old`` it is signed rightly, but for an hour ago."""
    asked = read_fields(
        body,
        {
            "event": Field(text(100), required=False),
            "old": Field(flag, required=False, default=False),
        },
    )
    event = _event(store, asked["event"])
    at = true_now() - (_OLD_SECONDS if asked["old"] else 0)
    answers = []
    async with new_client() as client:
        for endpoint in _endpoints(store, event):
            message = webhooks.signed(
                event, url=endpoint["url"], secrets=[endpoint["secret"]], at=at
            )
            answers.append(await send(client, message))
    return {"event": event["id"], "answers": answers}


def _event(store: Store, id_: str | None) -> Row:
    """Return the named event, or the last one."""
    if id_ is None:
        row = store.one("SELECT * FROM event ORDER BY seq DESC LIMIT 1")
    else:
        row = store.one("SELECT * FROM event WHERE id = ?", id_)
    if row is None:
        raise missing("event", id_ or "at all")
    return row


def _endpoints(store: Store, event: Row) -> list[Row]:
    return store.all("SELECT * FROM webhook_endpoint WHERE account_id = ?", event["account_id"])
