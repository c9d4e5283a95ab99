"""Faults on request, by the control port."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any, Final

from sandbox.serving import faults
from sandbox.serving.faults import Fault, Kind
from sandbox.stripe.errors import invalid
from sandbox.stripe.store import Row, Store

MAX_LATE_SECONDS: Final = 10


def plan(store: Store, body: dict[str, Any]) -> dict[str, Any]:
    """Write down a fault: ``match`` ("POST /v1/refunds", with ``*``), ``times`` and a ``Fault``.

    ``unless`` is a call like ``match`` that it spares.

    Raises ``StripeError`` for one that makes no sense.
    """
    told = {"match": "* *", "times": 1, "unless": "", **body}
    match, times = f"{told.pop('match')}|{told.pop('unless')}", int(told.pop("times"))
    try:
        fault = Fault(**{**told, "kind": Kind(told["kind"])})
    except (KeyError, TypeError, ValueError) as error:
        raise invalid(f"This is no fault: {error}", "kind") from error
    if fault.kind in {Kind.DELAY, Kind.LATE_COMMIT} and fault.seconds > MAX_LATE_SECONDS:
        raise invalid(f"Late means {MAX_LATE_SECONDS} seconds at most.", "seconds")
    store.insert("fault", match=match, data=json.dumps(told), times=times)
    return {"match": match, "times": times, **told}


def take(store: Store, call: str) -> Fault | None:
    """Return the fault for this call (``POST /v1/refunds``) and use it up."""

    def wanted(row: Row) -> bool:
        match, _, unless = row["match"].partition("|")
        return fnmatchcase(call, match) and not fnmatchcase(call, unless)

    return faults.take(store, wanted)
