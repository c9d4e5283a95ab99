"""Faults on request, by the control port."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from sandbox.paypal.errors import invalid
from sandbox.paypal.store import Store


class Kind(StrEnum):
    """What goes wrong with one request."""

    STATUS = "status"  # answers ``status`` and does nothing
    ISSUE = "issue"  # answers 422 with ``issue`` and does nothing
    DELAY = "delay"  # waits ``seconds``, then does it and answers
    DROP_BEFORE = "drop_before"  # does nothing, waits ``seconds``, breaks the connection
    DROP_AFTER = "drop_after"  # does it, waits ``seconds``, breaks the connection
    ERROR_AFTER = "error_after"  # does it and answers ``status``
    LATE_COMMIT = "late_commit"  # breaks the connection, does it after ``seconds``
    MALFORMED_JSON = "malformed_json"  # does it and answers the half of it
    ALTER = "alter"  # does it and answers with ``changes`` in the object


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault with its parameters."""

    kind: Kind
    seconds: float = 0
    status: int = 500
    issue: str = ""
    retry_after: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


def plan(store: Store, body: dict[str, Any]) -> dict[str, Any]:
    """Write down a fault: ``match`` is "POST /v2/*", and it comes ``times`` times.

    With ``key`` it comes to requests of that PayPal-Request-Id only.
    """
    asked = dict(body)
    match, times = str(asked.pop("match", "* *")), int(asked.pop("times", 1))
    key = str(asked.pop("key", ""))
    try:
        Fault(**{**asked, "kind": Kind(asked["kind"])})
    except (TypeError, ValueError, KeyError) as error:
        raise invalid("INVALID_PARAMETER_VALUE", "kind", str(error)) from error
    store.insert("fault", match=match, data=json.dumps(asked), times=times, key=key)
    return {"match": match, "times": times, **asked}


def take(store: Store, call: str, *, key: str | None) -> Fault | None:
    """Return the fault for this call (``POST /v2/checkout/orders``) and use it up."""
    with store.transaction():
        for row in store.all("SELECT * FROM fault WHERE times > 0 ORDER BY seq"):
            if row["key"] and row["key"] != key:
                continue
            if not fnmatchcase(call, row["match"]):
                continue
            said = json.loads(row["data"])
            fault = Fault(**{**said, "kind": Kind(said["kind"])})
            store.run("UPDATE fault SET times = times - 1 WHERE seq = ?", row["seq"])
            return fault
    return None


def planned(store: Store) -> list[dict[str, Any]]:
    """Return the faults that still wait for their call."""
    rows = store.all("SELECT * FROM fault WHERE times > 0 ORDER BY seq")
    return [
        {"match": row["match"], "times": row["times"], **json.loads(row["data"])} for row in rows
    ]


def forget(store: Store) -> None:
    """Forget all planned faults."""
    store.run("DELETE FROM fault")
