"""Does what is due: pending payments, late deeds, expiries, deliveries."""

from __future__ import annotations

import asyncio
import json
from typing import Final

from sandbox.paypal import captures, orders, webhooks
from sandbox.paypal.api import ACTS
from sandbox.paypal.errors import ApiError
from sandbox.paypal.pipeline import Asked, do
from sandbox.paypal.state import Sandbox
from sandbox.paypal.store import Row
from sandbox.serving.clock import now

_LONGEST_SLEEP: Final = 1.0


async def run(sandbox: Sandbox) -> None:
    """Work until cancelled; sleeps until the next thing is due or ``wake`` is set."""
    async with webhooks.new_client() as client:
        deliveries = webhooks.Deliveries(sandbox, client, sandbox.wake.set)
        while True:
            sandbox.wake.clear()
            run_due(sandbox)
            deliveries.start_due()
            await _sleep(sandbox, deliveries_too=not deliveries.full)


async def _sleep(sandbox: Sandbox, *, deliveries_too: bool) -> None:
    row = sandbox.store.one(
        "SELECT min(due_at) AS due_at FROM (SELECT due_at FROM timer"
        " UNION ALL SELECT due_at FROM delivery WHERE state = 'waiting' AND ?)",
        deliveries_too,
    )
    due_at = row["due_at"] if row is not None else None
    pause = _LONGEST_SLEEP if due_at is None else due_at - now()
    try:
        async with asyncio.timeout(max(0.0, min(pause, _LONGEST_SLEEP))):
            await sandbox.wake.wait()
    except TimeoutError:
        return


def run_due(sandbox: Sandbox) -> None:
    """Perform every timer that is due, each in one transaction with its removal."""
    store = sandbox.store
    for timer in store.all("SELECT * FROM timer WHERE due_at <= ? ORDER BY due_at, seq", now()):
        with store.transaction():
            if store.run("DELETE FROM timer WHERE seq = ?", timer["seq"]):
                _perform(sandbox, timer)


def _perform(sandbox: Sandbox, timer: Row) -> None:
    said = json.loads(timer["data"])
    try:
        match timer["kind"]:
            case "expire_order":
                orders.expire(sandbox.store, timer["subject"])
            case "settle_capture":
                captures.settle(sandbox.store, timer["subject"])
            case "deny_capture":
                captures.deny(sandbox.store, timer["subject"])
            case "late_commit":
                do(sandbox, ACTS[timer["subject"]], Asked(**said["asked"]), said["key"])
    except ApiError:
        return  # it has moved on meanwhile: nothing to do any more
