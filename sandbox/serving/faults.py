"""Faults that wait for their call: planned at the control port, used up by a request."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sandbox.serving.store import Row, Store


class Kind(StrEnum):
    """What goes wrong with one request; a server may know more."""

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

    kind: str  # a ``Kind``, or a word that the server knows besides
    seconds: float = 0
    status: int = 500
    issue: str = ""  # what the answer names, where an API has names for what is wrong
    retry_after: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


def take(store: Store, wanted: Callable[[Row], bool]) -> Fault | None:
    """Return the first fault whose row of ``fault`` is ``wanted``, and use it up."""
    with store.transaction():
        for row in store.all("SELECT * FROM fault WHERE times > 0 ORDER BY seq"):
            if wanted(row):
                store.run("UPDATE fault SET times = times - 1 WHERE seq = ?", row["seq"])
                return Fault(**json.loads(row["data"]))
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
