"""Faults on request: by the control port, or by a special amount (once for each key)."""

from __future__ import annotations

import json
from dataclasses import asdict
from fnmatch import fnmatchcase
from typing import Any, Final

from sandbox.gateway import bodies
from sandbox.gateway.errors import invalid
from sandbox.gateway.store import Store
from sandbox.serving import faults
from sandbox.serving.faults import Fault, Kind

MAX_LATE_SECONDS: Final = 10  # the API promises: what was not done by then never will be
_HOLD_SECONDS: Final = 60  # longer than a client waits


BY_AMOUNT: Final = {
    990_001: Fault(kind=Kind.DROP_BEFORE),
    990_002: Fault(kind=Kind.DROP_AFTER),
    990_003: Fault(kind=Kind.LATE_COMMIT, seconds=3),
    990_004: Fault(kind=Kind.MALFORMED_JSON),
    990_005: Fault(kind=Kind.ALTER, changes={"amount_minor": 990_006}),
    990_408: Fault(kind=Kind.DROP_BEFORE, seconds=_HOLD_SECONDS),
    990_429: Fault(kind=Kind.STATUS, status=429, retry_after="2"),
    990_500: Fault(kind=Kind.ERROR_AFTER),
    990_503: Fault(kind=Kind.STATUS, status=503),
    990_504: Fault(kind=Kind.DROP_AFTER, seconds=_HOLD_SECONDS),
}


def plan(store: Store, body: dict[str, Any]) -> dict[str, Any]:
    """Write down a fault that the control port asked for. Raises ``ApiError``."""
    asked = bodies.read_fields(
        body,
        {
            "match": bodies.Field(bodies.pattern(r"[A-Z*]+ [!-~]+", "POST /v1/payments")),
            "kind": bodies.Field(bodies.one_of(*Kind)),
            "times": bodies.Field(bodies.number(1, 1_000_000), required=False, default=1),
            "seconds": bodies.Field(bodies.number(0, 600), required=False, default=0),
            "status": bodies.Field(bodies.number(400, 599), required=False, default=500),
            "retry_after": bodies.Field(bodies.text(100), required=False, default=""),
            "changes": bodies.Field(_object, required=False, default={}),
        },
    )
    if asked["kind"] in {Kind.DELAY, Kind.LATE_COMMIT} and asked["seconds"] > MAX_LATE_SECONDS:
        raise invalid(f"Late means {MAX_LATE_SECONDS} seconds at most.", "seconds")
    match, times = asked.pop("match"), asked.pop("times")
    store.insert("fault", match=match, kind=asked["kind"], data=json.dumps(asked), times=times)
    return {"match": match, "times": times, **asked}


def take(
    store: Store, call: str, *, account_id: str, key: str | None, asked: dict[str, Any]
) -> Fault | None:
    """Return the fault for this call (``POST /v1/payments``) and use it up."""
    with store.transaction():
        planned = faults.take(store, lambda row: fnmatchcase(call, row["match"]))
        if planned is not None:
            return planned
        fault = BY_AMOUNT.get(asked.get("amount_minor", 0))
        if fault is None or key is None:
            return None
        is_first = store.run(
            "INSERT OR IGNORE INTO fault_by_amount (account_id, key) VALUES (?, ?)", account_id, key
        )
        return fault if is_first else None


def special_amounts() -> list[dict[str, Any]]:
    """Return the table of special amounts for whoever asks the control port."""
    return [{"amount_minor": minor, **asdict(fault)} for minor, fault in BY_AMOUNT.items()]


def _object(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid(f"{name} must be an object.", name)
    return value
