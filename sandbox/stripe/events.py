"""What happened, in order; each event waits for delivery to the endpoints that want it."""

from __future__ import annotations

import copy

from sandbox.serving import deliveries
from sandbox.stripe.shapes import head
from sandbox.stripe.store import Store, Thing

API_VERSION = "2026-10-28.endive"


def record(store: Store, kind: str, thing: Thing) -> Thing:
    """Write an event about an object and queue its deliveries, in the caller's transaction."""
    event = store.add(
        thing.account_id,
        {
            **head("event", "evt"),
            "api_version": API_VERSION,
            "data": {"object": copy.deepcopy(thing.shown)},
            "pending_webhooks": 0,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        },
    )
    queue(store, event)
    return event


def queue(store: Store, event: Thing) -> None:
    """Plan the event's deliveries, as webhooks behave now."""
    count = store.one("SELECT count(*) AS n FROM thing WHERE object = 'event'")
    rows = store.all(
        "SELECT id, shown ->> '$.enabled_events' AS wants FROM thing"
        " WHERE object = 'webhook_endpoint' AND account_id = ?",
        event.account_id,
    )
    kind = f'"{event.shown["type"]}"'
    receivers = [
        {"endpoint_id": row["id"]} for row in rows if '"*"' in row["wants"] or kind in row["wants"]
    ]
    deliveries.queue(store, event.id, receivers, number=count["n"] if count else 0)
