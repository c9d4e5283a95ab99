"""What happened, in order; each event waits for delivery to every endpoint of its account."""

from __future__ import annotations

import json
from typing import Any

from sandbox.gateway.clock import iso, now
from sandbox.gateway.store import Row, Store, new_id

_REORDER_SECONDS = 0.5  # how long every second event is held back when order is to break


def record(store: Store, account_id: str, kind: str, **data: object) -> str:
    """Write an event and queue its deliveries, in the caller's transaction."""
    id_ = new_id("evt")
    store.insert(
        "event", id=id_, account_id=account_id, kind=kind, data=json.dumps(data), created_at=now()
    )
    behaviour = store.setting("webhooks", {})
    due_at = now() + float(behaviour.get("delay", 0)) + float(store.setting("webhook_delay", 0))
    last = store.one("SELECT max(seq) AS seq FROM event")
    if behaviour.get("reorder") and last is not None and last["seq"] % 2:
        due_at += _REORDER_SECONDS
    state = "dropped" if behaviour.get("drop") else "waiting"
    for endpoint in store.all("SELECT id FROM webhook_endpoint WHERE account_id = ?", account_id):
        for _ in range(2 if behaviour.get("double") else 1):
            store.insert(
                "delivery", endpoint_id=endpoint["id"], event_id=id_, state=state, due_at=due_at
            )
    return id_


def payment_event(store: Store, payment: Row, kind: str, **more: object) -> str:
    """Record an event about one payment."""
    return record(
        store,
        payment["account_id"],
        kind,
        payment=payment["id"],
        reference=payment["reference"],
        **more,
    )


def shown(row: Row) -> dict[str, Any]:
    """Return an event as the API and the webhooks show it."""
    return {
        "id": row["id"],
        "type": row["kind"],
        "created_at": iso(row["created_at"]),
        "data": json.loads(row["data"]),
    }
