"""What happened, in order; each event waits for delivery to every webhook that wants it."""

from __future__ import annotations

import json
from typing import Any

from sandbox.paypal.moments import iso
from sandbox.paypal.store import Store, new_id
from sandbox.serving import deliveries
from sandbox.serving.clock import now


def record(
    store: Store, account_id: str, kind: str, resource: dict[str, Any], *, resource_type: str
) -> str:
    """Write an event and queue its deliveries, in the caller's transaction."""
    id_ = f"WH-{new_id(17)}-{new_id(17)}"
    body = {
        "id": id_,
        "event_version": "1.0",
        "create_time": iso(now()),
        "resource_type": resource_type,
        "resource_version": "2.0",
        "event_type": kind,
        "summary": kind.lower().replace(".", " "),
        "resource": resource,
        "links": [],
    }
    store.insert("event", id=id_, account_id=account_id, body=json.dumps(body), created_at=now())
    receivers = [
        {"webhook_id": webhook.id}
        for webhook in store.of_account(account_id, "webhook")
        if {each["name"] for each in webhook.shown["event_types"]} & {"*", kind}
    ]
    deliveries.queue(store, id_, receivers)
    return id_
