"""Does what is due: pending payments, late deeds, expiries, deliveries."""

from __future__ import annotations

import json
from functools import partial

from sandbox.paypal import captures, orders, webhooks
from sandbox.paypal.api import ACTS
from sandbox.paypal.errors import ApiError
from sandbox.paypal.pipeline import Asked, do
from sandbox.paypal.state import Sandbox
from sandbox.paypal.store import Row
from sandbox.serving import clockwork


async def run(sandbox: Sandbox) -> None:
    """Work until cancelled."""
    perform = partial(_perform, sandbox)
    await clockwork.run(sandbox.store, sandbox.wake, perform, webhooks.post(sandbox))


def run_due(sandbox: Sandbox) -> None:
    """Perform every timer that is due."""
    clockwork.run_due(sandbox.store, partial(_perform, sandbox))


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
