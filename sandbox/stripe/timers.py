"""Things that are due later; they outlive a restart."""

from __future__ import annotations

import json

from sandbox.stripe.clock import now
from sandbox.stripe.store import Store


def start(store: Store, kind: str, subject: str, seconds: float, **data: object) -> None:
    """Ask for ``kind`` to happen to ``subject`` after ``seconds``."""
    store.insert("timer", due_at=now() + seconds, kind=kind, subject=subject, data=json.dumps(data))


def stop(store: Store, subject: str, *kinds: str) -> None:
    """Forget the timers of these kinds that ``subject`` has."""
    for kind in kinds:
        store.run("DELETE FROM timer WHERE subject = ? AND kind = ?", subject, kind)
