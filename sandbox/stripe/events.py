"""What happened, in order; each event waits for delivery to the endpoints that want it."""

from __future__ import annotations

import copy

from sandbox.serving.clock import now
from sandbox.stripe.shapes import head
from sandbox.stripe.store import Store, Thing

API_VERSION = "2026-10-28.endive"
_REORDER_SECONDS = 0.5  # how long every second event is held back when order is to break


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
    behaviour = store.setting("webhooks", {})
    due_at = now() + float(behaviour.get("delay", 0)) + float(store.setting("webhook_delay", 0))
    count = store.one("SELECT count(*) AS n FROM thing WHERE object = 'event'")
    if behaviour.get("reorder") and count is not None and count["n"] % 2:
        due_at += _REORDER_SECONDS
    state = "dropped" if behaviour.get("drop") else "waiting"
    for row in store.all(
        "SELECT id, shown ->> '$.enabled_events' AS wants FROM thing"
        " WHERE object = 'webhook_endpoint' AND account_id = ?",
        event.account_id,
    ):
        if '"*"' in row["wants"] or f'"{event.shown["type"]}"' in row["wants"]:
            for _ in range(2 if behaviour.get("double") else 1):
                store.insert(
                    "delivery",
                    endpoint_id=row["id"], event_id=event.id, state=state, due_at=due_at,
                )  # fmt: skip
