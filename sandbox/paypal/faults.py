"""Faults on request, by the control port."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any, Final

from sandbox.paypal.errors import invalid
from sandbox.paypal.store import Row, Store
from sandbox.serving import faults
from sandbox.serving.faults import Fault, Kind

ISSUE: Final = "issue"  # besides a ``Kind``: answers 422 with ``issue`` and does nothing


def plan(store: Store, body: dict[str, Any]) -> dict[str, Any]:
    """Write down a fault: ``match`` is "POST /v2/*", and it comes ``times`` times.

    With ``key`` it comes to requests of that PayPal-Request-Id only.
    """
    asked = dict(body)
    match, times = str(asked.pop("match", "* *")), int(asked.pop("times", 1))
    key = str(asked.pop("key", ""))
    try:
        fault = Fault(**asked)
        if fault.kind != ISSUE:
            Kind(fault.kind)
    except (TypeError, ValueError, KeyError) as error:
        raise invalid("INVALID_PARAMETER_VALUE", "kind", str(error)) from error
    store.insert("fault", match=match, data=json.dumps(asked), times=times, key=key)
    return {"match": match, "times": times, **asked}


def take(store: Store, call: str, *, key: str | None) -> Fault | None:
    """Return the fault for this call (``POST /v2/checkout/orders``) and use it up."""

    def wanted(row: Row) -> bool:
        return row["key"] in {"", key} and fnmatchcase(call, row["match"])

    return faults.take(store, wanted)
