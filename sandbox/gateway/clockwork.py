"""Does what is due: settlements, late deeds, expiries, payouts, deliveries."""

from __future__ import annotations

import asyncio
import json
from typing import Final

from sandbox.gateway import disputes, payments, payouts, refunds, webhooks
from sandbox.gateway.api import ACTS
from sandbox.gateway.clock import now
from sandbox.gateway.errors import ApiError
from sandbox.gateway.pipeline import do
from sandbox.gateway.state import Sandbox
from sandbox.gateway.store import Row

_LONGEST_SLEEP: Final = 1.0


async def run(sandbox: Sandbox) -> None:
    """Work until cancelled; sleeps until the next thing is due or ``wake`` is set."""
    async with webhooks.new_client() as client:
        deliveries = webhooks.Deliveries(sandbox.store, client, sandbox.wake.set)
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
    data = json.loads(timer["data"])
    try:
        match timer["kind"]:
            case "settle":
                payments.succeed(sandbox.store, timer["subject"])
            case "fail":
                payments.fail(sandbox.store, timer["subject"], data["code"])
            case "return":
                payments.take_back(sandbox.store, timer["subject"], data["code"])
            case "dispute":
                disputes.begin(sandbox.store, timer["subject"], data["code"])
            case "lose_dispute":
                disputes.lose(sandbox.store, timer["subject"])
            case "settle_refund":
                refunds.settle(sandbox.store, timer["subject"])
            case "fail_refund":
                refunds.fail(sandbox.store, timer["subject"], data["code"])
            case "expire":
                payments.cancel(sandbox.store, timer["subject"], "expired")
            case "payout":
                payouts.pay_out(sandbox.store, timer["subject"])
                payouts.plan(sandbox.store, timer["subject"], data["every"])
            case "late_commit":
                act = ACTS[timer["subject"]]
                do(sandbox, act, data["account_id"], data["asked"], data["path"], key=data["key"])
    except ApiError:
        return  # the payment has moved on meanwhile: nothing to do any more
