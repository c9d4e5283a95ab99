"""Does what is due: settlements, late deeds, expiries, payouts, deliveries."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from sandbox.serving import clockwork
from sandbox.stripe import charges, disputes, intents, payouts, refunds, sessions, webhooks
from sandbox.stripe.api import ACTS
from sandbox.stripe.errors import StripeError
from sandbox.stripe.pipeline import do
from sandbox.stripe.state import Sandbox
from sandbox.stripe.store import Row, new_id


async def run(sandbox: Sandbox) -> None:
    """Work until cancelled."""
    perform = partial(_perform, sandbox)
    await clockwork.run(sandbox.store, sandbox.wake, perform, webhooks.post(sandbox))


def run_due(sandbox: Sandbox) -> None:
    """Perform every timer that is due."""
    clockwork.run_due(sandbox.store, partial(_perform, sandbox))


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
