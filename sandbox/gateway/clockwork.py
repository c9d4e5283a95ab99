"""Does what is due: settlements, late deeds, expiries, payouts, deliveries."""

from __future__ import annotations

import json
from functools import partial

from sandbox.gateway import disputes, payments, payouts, refunds, webhooks
from sandbox.gateway.api import ACTS
from sandbox.gateway.errors import ApiError
from sandbox.gateway.pipeline import do
from sandbox.gateway.state import Sandbox
from sandbox.gateway.store import Row
from sandbox.serving import clockwork


async def run(sandbox: Sandbox) -> None:
    """Work until cancelled."""
    perform = partial(_perform, sandbox)
    await clockwork.run(sandbox.store, sandbox.wake, perform, webhooks.post(sandbox))


def run_due(sandbox: Sandbox) -> None:
    """Perform every timer that is due."""
    clockwork.run_due(sandbox.store, partial(_perform, sandbox))


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
