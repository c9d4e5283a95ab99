"""The command ``python -m sandbox.gateway``: three servers, the last one for tests."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from socket import socket
from typing import Final

from sandbox.gateway import clockwork, control, fields, payouts, site
from sandbox.gateway.payments import Pace
from sandbox.gateway.state import Sandbox
from sandbox.gateway.store import ACCOUNTS, Store
from sandbox.serving import command
from sandbox.serving.idempotency import forget_interrupted
from sandbox.serving.serve import serve

_NAME: Final = "sandbox.gateway"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code."""
    options = _parser().parse_args(arguments)
    ports = (options.port, options.control_port, options.fields_port)
    return command.run(_NAME, options, Store, ports, partial(_serve, options))


def _serve(
    options: argparse.Namespace, store: Store, sockets: list[socket], urls: list[str]
) -> None:
    store.set_setting("webhook_delay", options.webhook_delay)
    forget_interrupted(store)
    for account_id, _, _ in ACCOUNTS:
        payouts.plan(store, account_id, options.payout_every)
    pace = Pace(settle=options.settle_delay, returned=options.return_delay)
    url, control_url, fields_url = urls
    sandbox = Sandbox(store, pace, options.public_url.rstrip("/") or url)
    apps = (site.new_app(sandbox), control.new_app(sandbox), fields.new_app(sandbox))
    ready = f"{_NAME} ready: {url} control {control_url} fields {fields_url}"
    serve(dict(zip(sockets, apps, strict=True)), clockwork.run(sandbox), ready=ready)


def _parser() -> argparse.ArgumentParser:
    keys = ", ".join(f"{key} ({name})" for _, name, key in ACCOUNTS)
    parser = command.new_parser(
        _NAME,
        "A payment gateway with pretend money: API, hosted page, webhooks, faults.",
        f"API keys: {keys}. See docs/reference/gateway-sandbox.md.",
        ports={"port": "of API and page", "control-port": "of the control port"},
        waits=(
            ("webhook-delay", 0.0, "before the first delivery"),
            ("settle-delay", 3.0, "that slow payments take"),
            ("return-delay", 10.0, "from a success to its return or dispute"),
            ("payout-every", 86400.0, "between payouts"),
        ),
    )
    parser.add_argument(
        "--fields-port", type=int, default=0, help="of the embedded fields; 0 for a free one"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
