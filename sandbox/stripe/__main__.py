"""The command ``python -m sandbox.stripe``: API and pages, the browser script, a port for tests."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from socket import socket
from typing import Final

from sandbox.serving import command
from sandbox.serving.idempotency import forget_interrupted
from sandbox.serving.serve import serve
from sandbox.stripe import clockwork, control, payouts, script, site
from sandbox.stripe.state import Pace, Sandbox
from sandbox.stripe.store import ACCOUNTS, Store, publishable

_NAME: Final = "sandbox.stripe"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code."""
    options = _parser().parse_args(arguments)
    ports = (options.port, options.script_port, options.control_port)
    return command.run(_NAME, options, Store, ports, partial(_serve, options))


def _serve(
    options: argparse.Namespace, store: Store, sockets: list[socket], urls: list[str]
) -> None:
    store.set_setting("webhook_delay", options.webhook_delay)
    forget_interrupted(store)
    for account in ACCOUNTS:
        payouts.plan(store, account[0], options.payout_every)
    pace = Pace(settle=options.settle_delay, returned=options.return_delay)
    url, script_url, control_url = urls
    sandbox = Sandbox(store, pace, options.public_url.rstrip("/") or url, script_url)
    apps = (site.new_app(sandbox), script.new_app(sandbox), control.new_app(sandbox))
    ready = f"{_NAME} ready: {url} script {script_url} control {control_url}"
    serve(dict(zip(sockets, apps, strict=True)), clockwork.run(sandbox), ready=ready)


def _parser() -> argparse.ArgumentParser:
    keys = ", ".join(f"{key} and {publishable(key)} ({name})" for _, name, key in ACCOUNTS)
    return command.new_parser(
        _NAME,
        "Stands in for Stripe, with pretend money: API, pages, script, webhooks.",
        f"Keys: {keys}. See docs/reference/stripe-sandbox.md.",
        ports={
            "port": "of API and pages",
            "script-port": "of the browser script",
            "control-port": "of the control port",
        },
        waits=(
            ("webhook-delay", 0.0, "before the first delivery"),
            ("settle-delay", 3.0, "that bank debits take"),
            ("return-delay", 10.0, "from a success to its dispute"),
            ("payout-every", 86400.0, "between payouts"),
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
