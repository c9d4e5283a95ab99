"""What happened, in order; each event waits for delivery to every endpoint of its account."""

from __future__ import annotations

import json
from typing import Any

from sandbox.gateway.clock import iso, now
from sandbox.gateway.store import Row, Store, new_id
from sandbox.serving import deliveries


def record(store: Store, account_id: str, kind: str, **data: object) -> str:
    """Write an event and queue its deliveries, in the caller's transaction."""
    id_ = new_id("evt")
    store.insert(
        "event", id=id_, account_id=account_id, kind=kind, data=json.dumps(data), created_at=now()
    )
    last = store.one("SELECT max(seq) AS seq FROM event")
    endpoints = store.all("SELECT id FROM webhook_endpoint WHERE account_id = ?", account_id)
    receivers = [{"endpoint_id": endpoint["id"]} for endpoint in endpoints]
    deliveries.queue(store, id_, receivers, number=last["seq"] if last else 0)
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
