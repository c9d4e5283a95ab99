"""Does what is due: the timers that a server has set, and its deliveries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from sandbox.serving.clock import now
from sandbox.serving.deliveries import Deliveries, Post, new_client
from sandbox.serving.store import Row, Store

_LONGEST_SLEEP: Final = 1.0
Perform = Callable[[Row], None]  # does what a row of ``timer`` asks for


async def run(store: Store, wake: asyncio.Event, perform: Perform, post: Post) -> None:
    """Work until cancelled; sleeps until the next thing is due or ``wake`` is set."""
    async with new_client() as client:
        deliveries = Deliveries(store, client, post, wake.set)
        while True:
            wake.clear()
            run_due(store, perform)
            deliveries.start_due()
            await _sleep(store, wake, deliveries_too=not deliveries.full)


def run_due(store: Store, perform: Perform) -> None:
    """Perform every timer that is due, each in one transaction with its removal."""
    for timer in store.all("SELECT * FROM timer WHERE due_at <= ? ORDER BY due_at, seq", now()):
        with store.transaction():
            if store.run("DELETE FROM timer WHERE seq = ?", timer["seq"]):
                perform(timer)


async def _sleep(store: Store, wake: asyncio.Event, *, deliveries_too: bool) -> None:
    row = store.one(
        "SELECT min(due_at) AS due_at FROM (SELECT due_at FROM timer"
        " UNION ALL SELECT due_at FROM delivery WHERE state = 'waiting' AND ?)",
        deliveries_too,
    )
    due_at = row["due_at"] if row is not None else None
    pause = _LONGEST_SLEEP if due_at is None else due_at - now()
    try:
        async with asyncio.timeout(max(0.0, min(pause, _LONGEST_SLEEP))):
            await wake.wait()
    except TimeoutError:
        return
