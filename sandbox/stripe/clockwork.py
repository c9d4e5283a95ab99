"""Does what is due: settlements, late deeds, expiries, payouts, deliveries."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

from sandbox.serving.clock import now
from sandbox.stripe import charges, disputes, intents, payouts, refunds, sessions, webhooks
from sandbox.stripe.api import ACTS
from sandbox.stripe.errors import StripeError
from sandbox.stripe.pipeline import do
from sandbox.stripe.state import Sandbox
from sandbox.stripe.store import Row, new_id

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
    store, subject, data = sandbox.store, timer["subject"], json.loads(timer["data"])
    try:
        with store.transaction():
            match timer["kind"]:
                case "settle":
                    intent = store.get(subject, "payment_intent")
                    intents.settle(sandbox, intent, code=data["code"])
                case "return":
                    charges.take_back(store, store.get(subject, "charge"), data["code"])
                case "dispute":
                    disputes.begin(store, store.get(subject, "charge"), reason=data["reason"])
                case "lose_dispute":
                    disputes.close(store, store.get(subject, "dispute"), won=False)
                case "settle_refund":
                    refunds.settle(store, store.get(subject, "refund"))
                case "fail_refund":
                    refunds.fail(store, store.get(subject, "refund"), "expired_or_canceled_card")
                case "expire":
                    sessions.expire(store, store.get(subject, "checkout.session"))
                case "payout":
                    payouts.pay_out(store, subject)
                    payouts.plan(store, subject, data["every"])
                case "late_commit":
                    _do_late(sandbox, subject, data)
    except StripeError:
        return  # the object has moved on meanwhile: nothing to do any more


def _do_late(sandbox: Sandbox, name: str, data: dict[str, Any]) -> None:
    do(
        sandbox, ACTS[name], data["account_id"], data["asked"], data["path"], key=data["key"],
        request_id=new_id("req", 14),
    )  # fmt: skip
