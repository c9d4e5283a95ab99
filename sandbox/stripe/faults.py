"""Faults on request, by the control port."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Final

from sandbox.stripe.errors import invalid
from sandbox.stripe.store import Store

MAX_LATE_SECONDS: Final = 10


class Kind(StrEnum):
    """What goes wrong with one request."""

    STATUS = "status"  # answers ``status`` and does nothing
    DELAY = "delay"  # waits ``seconds``, then does it and answers
    DROP_BEFORE = "drop_before"  # does nothing, waits ``seconds``, breaks the connection
    DROP_AFTER = "drop_after"  # does it, waits ``seconds``, breaks the connection
    ERROR_AFTER = "error_after"  # does it and answers ``status``, now and for its key's lifetime
    LATE_COMMIT = "late_commit"  # breaks the connection, does it after ``seconds``
    MALFORMED_JSON = "malformed_json"  # does it and answers the half of it
    ALTER = "alter"  # does it and answers with ``changes`` in the object, or in each of a list


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault with its parameters."""

    kind: Kind
    seconds: float = 0
    status: int = 500
    retry_after: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


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
    with store.transaction():
        for row in store.all("SELECT * FROM fault WHERE times > 0 ORDER BY seq"):
            match, _, unless = row["match"].partition("|")
            if fnmatchcase(call, match) and not fnmatchcase(call, unless):
                store.run("UPDATE fault SET times = times - 1 WHERE seq = ?", row["seq"])
                told = json.loads(row["data"])
                return Fault(**{**told, "kind": Kind(told["kind"])})
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
